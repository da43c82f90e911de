#include "catalog/index.h"

#include <algorithm>
#include <utility>

#include "base/json.h"
#include "base/semver.h"
#include "base/text.h"
#include "base/url.h"

namespace catalog {

using base::Errc;
using base::Error;
using base::json::Type;
using base::json::Value;

namespace {

bool is_alnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// Letters, digits and, not at the start, `marks`.
bool is_word(std::string_view s, std::string_view marks) {
  return !s.empty() && s.size() <= kNameBytes && is_alnum(s.front()) &&
         std::all_of(s.begin(), s.end(),
                     [&](char c) { return is_alnum(c) || marks.find(c) != marks.npos; });
}

bool is_addon_name(std::string_view s) {
  return is_word(s, "-") && base::to_lower(s) == s;
}

// http:// is refused: a peer on the way could change the chart.
bool is_repository(std::string_view s) {
  if (s.size() > kRepositoryBytes) return false;
  const auto url = base::parse_url(s);
  return url && (url->scheme == "oci" || url->scheme == "https") && !url->has_userinfo &&
         url->query.empty();
}

std::string text_of(Value value, std::size_t most) {
  return base::printable(base::trim(value.str()), most);
}

class Reader {
 public:
  base::Result<Index> read(Value root) {
    const Value addons = root["addons"];
    if (!addons.is(Type::array)) return Error(Errc::protocol, "it has no list of add-ons");
    if (addons.size() > kAddons) return too_many("add-ons", kAddons);
    index_.version = text_of(root["metadata"]["version"], kNameBytes);
    index_.generated = base::parse_rfc3339(root["metadata"]["generated"].str());
    for (const Value each : addons.array()) {
      if (auto ok = read_addon(each); !ok) return std::move(ok).error();
    }
    keep_first_of_each_name();
    if (index_.addons.empty()) return Error(Errc::protocol, "it has no add-on that can be used");
    return std::move(index_);
  }

 private:
  static Error too_many(std::string_view what, std::size_t most) {
    return Error(Errc::too_large,
                 "it has more than " + std::to_string(most) + " " + std::string(what));
  }

  base::Result<void> read_addon(Value from) {
    Addon addon;
    addon.name = from["name"].str();
    if (!is_addon_name(addon.name)) return ++index_.skipped, base::Result<void>();
    addon.summary = text_of(from["description"], kTextBytes);
    addon.support = text_of(from["supportType"], kNameBytes);
    addon.deprecated = from["deprecated"].bool_or(false);
    for (const Value tag : from["metadata"]["tags"].array()) {
      std::string text = text_of(tag, kNameBytes);
      if (!text.empty() && addon.tags.size() < kTagsEach) addon.tags.push_back(std::move(text));
    }
    for (const Value chart : from["charts"].array()) {
      if (!read_chart(chart, addon)) ++index_.skipped;
      if (versions_ > kVersions) return too_many("versions", kVersions);
    }
    if (addon.charts.empty()) {
      ++index_.skipped;
    } else {
      index_.addons.push_back(std::move(addon));
    }
    return {};
  }

  bool read_chart(Value from, Addon& addon) {
    Chart chart;
    chart.name = from["name"].str();
    chart.repository = from["repository"].str(kUsualRepository);
    if (!is_word(chart.name, "._-") || !is_repository(chart.repository)) return false;
    const bool known = std::any_of(addon.charts.begin(), addon.charts.end(), [&](const Chart& c) {
      return c.name == chart.name && c.repository == chart.repository;
    });
    if (known) return false;
    std::vector<std::string> app_versions;
    for (const Value each : from["appVersions"].array())
      app_versions.push_back(text_of(each, kNameBytes));
    std::size_t at = 0;
    for (const Value each : from["versions"].array()) {
      Version version{std::string(each.str()), at < app_versions.size() ? app_versions[at] : ""};
      ++at;
      if (++versions_ > kVersions) return false;
      if (!is_word(version.version, "._+-") || !base::is_exact_version(version.version)) continue;
      if (version.app_version == version.version) version.app_version.clear();
      chart.versions.push_back(std::move(version));
    }
    sort(chart.versions);
    if (chart.versions.empty()) return false;
    addon.charts.push_back(std::move(chart));
    return true;
  }

  static void sort(std::vector<Version>& versions) {
    std::stable_sort(versions.begin(), versions.end(), [](const Version& a, const Version& b) {
      const int n = base::compare_versions(a.version, b.version);
      return n != 0 ? n > 0 : a.version < b.version;
    });
    versions.erase(
        std::unique(versions.begin(), versions.end(),
                    [](const Version& a, const Version& b) { return a.version == b.version; }),
        versions.end());
    versions.shrink_to_fit();
  }

  void keep_first_of_each_name() {
    auto& addons = index_.addons;
    std::stable_sort(addons.begin(), addons.end(),
                     [](const Addon& a, const Addon& b) { return a.name < b.name; });
    const auto end = std::unique(addons.begin(), addons.end(),
                                 [](const Addon& a, const Addon& b) { return a.name == b.name; });
    index_.skipped += static_cast<std::size_t>(addons.end() - end);
    addons.erase(end, addons.end());
    addons.shrink_to_fit();
  }

  Index index_;
  std::size_t versions_ = 0;
};

}  // namespace

base::Result<Index> read_index(std::string_view text) {
  if (text.size() > kIndexBytes) {
    return Error(Errc::too_large, "it has more than " + std::to_string(kIndexBytes) + " bytes");
  }
  base::json::Document document;
  auto root = document.parse(text);
  if (!root) return Error(Errc::protocol, "it is no JSON: " + root.error().what());
  return Reader().read(*root);
}

const Addon* find_addon(const Index& index, std::string_view name) {
  const auto at = std::lower_bound(index.addons.begin(), index.addons.end(), name,
                                   [](const Addon& a, std::string_view n) { return a.name < n; });
  return at != index.addons.end() && at->name == name ? &*at : nullptr;
}

}  // namespace catalog
