// The catalog's index, where a redirect leads, and the order of versions.
#include <algorithm>
#include <cctype>

#include "base/semver.h"
#include "base/text.h"
#include "catalog/index.h"
#include "catalog/source.h"
#include "fuzz/fuzz.h"

namespace fuzz {

static bool is_plain(std::string_view s) {
  return !s.empty() && s.size() <= catalog::kNameBytes &&
         std::all_of(s.begin(), s.end(), [](unsigned char c) {
           return std::isalnum(c) || c == '.' || c == '_' || c == '-' || c == '+';
         });
}

static bool is_text(std::string_view s, std::size_t most) {
  return s.size() <= most && base::valid_utf8(s) &&
         std::none_of(s.begin(), s.end(), [](unsigned char c) { return c < ' ' || c == 0x7f; });
}

static void see_chart(const catalog::Chart& chart) {
  HOLDS(is_plain(chart.name));
  const std::string repository = base::to_lower(chart.repository);
  HOLDS(repository.starts_with("oci://") || repository.starts_with("https://"));
  HOLDS(is_text(chart.repository, catalog::kRepositoryBytes));
  HOLDS(!chart.versions.empty());
  for (std::size_t i = 0; i < chart.versions.size(); ++i) {
    HOLDS(is_plain(chart.versions[i].version));
    HOLDS(is_text(chart.versions[i].app_version, catalog::kNameBytes));
    if (i > 0)
      HOLDS(base::compare_versions(chart.versions[i - 1].version, chart.versions[i].version) >= 0);
  }
}

void catalog_index(std::string_view input) {
  const auto index = catalog::read_index(input);
  if (!index) {
    HOLDS(!index.error().what().empty());
    HOLDS(base::valid_utf8(index.error().what()));
    HOLDS(index.error().what().size() < 1024);
    return;
  }
  HOLDS(!index->addons.empty() && index->addons.size() <= catalog::kAddons);
  HOLDS(is_text(index->version, catalog::kNameBytes));
  std::string_view last;
  for (const catalog::Addon& addon : index->addons) {
    HOLDS(is_plain(addon.name) && last < addon.name);
    last = addon.name;
    HOLDS(catalog::find_addon(*index, addon.name) == &addon);
    HOLDS(is_text(addon.summary, catalog::kTextBytes) &&
          is_text(addon.support, catalog::kNameBytes));
    HOLDS(addon.tags.size() <= catalog::kTagsEach && !addon.charts.empty());
    for (const std::string& tag : addon.tags)
      HOLDS(is_text(tag, catalog::kNameBytes));
    std::for_each(addon.charts.begin(), addon.charts.end(), see_chart);
  }
}

// A Location on each line.
void catalog_redirect(std::string_view input) {
  auto at = *catalog::parse_source("https://catalog.example/latest/index.json?a=b");
  for (int i = 0; i < 5 && !input.empty(); ++i) {
    const auto to = catalog::redirected(at, take_line(input));
    if (!to) {
      HOLDS(!to.error().what().empty());
      continue;
    }
    HOLDS(to->tls && base::to_lower(to->url).starts_with("https:"));
    HOLDS(!to->host.empty() && to->port > 0 && to->target.starts_with('/'));
    HOLDS(std::all_of(to->target.begin(), to->target.end(),
                      [](unsigned char c) { return c > ' ' && c < 0x7f && c != '#'; }));
    HOLDS(to->name.find('?') == std::string::npos);
    at = *to;
  }
}

void versions(std::string_view input) {
  const std::string_view a = take_line(input), b = take_line(input), c = take_line(input);
  const int ab = base::compare_versions(a, b), bc = base::compare_versions(b, c);
  HOLDS(base::compare_versions(b, a) == -ab);
  HOLDS(base::compare_versions(a, a) == 0);
  if (ab <= 0 && bc <= 0) HOLDS(base::compare_versions(a, c) <= 0);
  if (ab == 0) HOLDS(base::compare_versions(a, c) == bc);
}

}  // namespace fuzz
