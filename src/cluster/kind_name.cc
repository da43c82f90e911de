#include "cluster/kind_name.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/text.h"

namespace cluster {

using base::Errc;
using base::Error;

namespace {

constexpr std::size_t kNearest = 3;  // names in an error
constexpr std::size_t kNameBytes = 128;

// k0rdent's definition gives ClusterDeployment the short names cld and clusterd; people say cd.
constexpr std::string_view kSpoken = "cd", kMeant = "clusterdeployments",
                           kMeantIn = "k0rdent.mirantis.com";

// What was asked for; `group` and `version` only if they were given.
struct AskedKind {
  std::string name, group, version;
  bool has_group = false;
};

// "v1", "v1beta1", "v2alpha3"
bool is_version(std::string_view text) {
  if (text.size() < 2 || text.front() != 'v') return false;
  text.remove_prefix(1);
  const std::size_t digits = text.find_first_not_of("0123456789");
  if (digits == 0) return false;
  if (digits == text.npos) return true;
  text.remove_prefix(digits);
  for (const std::string_view word : {"alpha", "beta"}) {
    if (!text.starts_with(word)) continue;
    text.remove_prefix(word.size());
    return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
  }
  return false;
}

AskedKind parse_words(std::string_view given) {
  AskedKind out;
  const std::string lower = base::to_lower(base::trim(given));
  std::string_view text = lower;
  if (const std::size_t slash = text.rfind('/'); slash != text.npos) {
    out.name = text.substr(slash + 1);
    std::string_view before = text.substr(0, slash);
    const std::size_t second = before.rfind('/');
    out.has_group = true;
    if (second != before.npos) {
      out.group = before.substr(0, second);
      before.remove_prefix(second + 1);
    }
    out.version = before;
    return out;
  }
  const std::size_t dot = text.find('.');
  out.name = text.substr(0, dot);
  if (dot == text.npos) return out;
  out.has_group = true;
  text.remove_prefix(dot + 1);
  const std::string_view first = text.substr(0, text.find('.'));
  if (is_version(first)) {
    out.version = first;
    text.remove_prefix(std::min(first.size() + 1, text.size()));
  }
  out.group = text;
  return out;
}

// The group without a name is called core: in URIs of objects, in policies, and by people.
AskedKind parse(std::string_view given) {
  AskedKind out = parse_words(given);
  if (out.group == "core") out.group.clear();
  return out;
}

enum class Match : unsigned char { plural, kind, short_name, none };

Match match(const kube::ServedResource& resource, std::string_view name) {
  if (resource.plural == name) return Match::plural;
  if (resource.singular == name || base::to_lower(resource.kind) == name) return Match::kind;
  const bool is_short =
      std::any_of(resource.short_names.begin(), resource.short_names.end(),
                  [name](const std::string& each) { return base::to_lower(each) == name; });
  return is_short ? Match::short_name : Match::none;
}

std::vector<NamedKind> candidates(const kube::ApiCatalog& catalog, const AskedKind& asked) {
  std::vector<NamedKind> out;
  Match best = Match::none;
  for (const kube::CatalogEntry& entry : catalog.entries) {
    if (asked.has_group && entry.group != asked.group) continue;
    if (!asked.version.empty() && entry.version != asked.version) continue;
    for (const kube::ServedResource& resource : entry.resources) {
      const Match found = match(resource, asked.name);
      if (found == Match::none || found > best) continue;
      if (found < best) out.clear();
      best = found;
      // Within a group the preferred version comes first.
      const bool known = std::any_of(out.begin(), out.end(), [&](const NamedKind& each) {
        return each.group == entry.group && each.resource.plural == resource.plural;
      });
      if (!known) out.push_back({entry.group, entry.version, resource});
    }
  }
  return out;
}

Error not_found(const kube::ApiCatalog& catalog, std::string_view given) {
  std::string text = "this cluster does not serve a kind '" + base::printable(given, kNameBytes) +
                     "'; objects.kinds lists those that it serves";
  std::string nearest;
  for (const std::string_view near : nearest_kinds(catalog, given))
    nearest.append(nearest.empty() ? "" : ", ").append(near);
  if (!nearest.empty()) text += " (nearest: " + nearest + ")";
  for (const kube::CatalogEntry& entry : catalog.entries) {
    if (entry.problem.empty() || !entry.resources.empty()) continue;
    text += "; " + entry.group + "/" + entry.version +
            " could not be read: " + base::printable(entry.problem, kNameBytes);
  }
  return Error(Errc::not_found, text);
}

}  // namespace

std::string NamedKind::text() const {
  return group.empty() ? resource.plural : resource.plural + "." + group;
}

std::vector<std::string_view> nearest_kinds(const kube::ApiCatalog& catalog,
                                            std::string_view name) {
  const AskedKind asked = parse(name);
  std::vector<std::string_view> names, out;
  for (const kube::CatalogEntry& entry : catalog.entries) {
    for (const kube::ServedResource& resource : entry.resources)
      names.push_back(resource.plural);
  }
  while (out.size() < kNearest) {
    const std::string_view near = base::nearest(asked.name, names);
    if (near.empty()) break;
    out.push_back(near);
    names.erase(std::remove(names.begin(), names.end(), near), names.end());
  }
  return out;
}

base::Result<NamedKind> find_kind(const kube::ApiCatalog& catalog, std::string_view name,
                                  KindsIn groups) {
  if (name.size() > kNameBytes * 4)
    return Error(Errc::invalid_argument, "'kind' is longer than any kind's name");
  AskedKind asked = parse(name);
  if (asked.name.empty())
    return Error(Errc::invalid_argument, "'kind' must name a kind, e.g. clusterdeployments");
  std::vector<NamedKind> found = candidates(catalog, asked);
  if (found.empty() && asked.name == kSpoken && asked.version.empty() &&
      (!asked.has_group || asked.group == kMeantIn)) {
    asked.name = kMeant;
    asked.group = kMeantIn;
    asked.has_group = true;
    found = candidates(catalog, asked);
  }
  if (found.empty()) return not_found(catalog, name);
  const auto core = std::find_if(found.begin(), found.end(),
                                 [](const NamedKind& each) { return each.group.empty(); });
  if (core != found.end()) return std::move(*core);
  const bool one = std::all_of(found.begin(), found.end(), [&](const NamedKind& each) {
    return each.resource.kind == found.front().resource.kind;
  });
  if (found.size() == 1 || (one && groups == KindsIn::any_group)) return std::move(found.front());
  std::string text =
      "'" + base::printable(name, kNameBytes) + "' names several kinds: give one of ";
  for (std::size_t i = 0; i < found.size(); ++i)
    text.append(i == 0 ? "" : ", ").append(found[i].text());
  return Error(Errc::invalid_argument, text);
}

}  // namespace cluster
