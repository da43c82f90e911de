#include "catalog/search.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/text.h"
#include "cluster/nearest_names.h"

namespace catalog {
namespace {

// Limit on a name that is looked for: comparing it with all names of the largest index takes as long
// as it is.
constexpr std::size_t kWordBytes = 40;

bool has(std::string_view text, std::string_view lower_part) {
  return base::to_lower(text).find(lower_part) != std::string::npos;
}

bool has_tag(const Addon& addon, std::string_view lower_part) {
  return std::any_of(addon.tags.begin(), addon.tags.end(),
                     [&](const std::string& tag) { return has(tag, lower_part); });
}

// All that a word of a query may be part of, in lower case.
std::string text_of(const Addon& addon) {
  std::string all = addon.name + "\n" + addon.summary;
  for (const std::string& tag : addon.tags)
    all.append("\n").append(tag);
  for (const Chart& chart : addon.charts)
    all.append("\n").append(chart.name);
  return base::to_lower(all);
}

// How far a name is from the word; one that has it as a part, or is a part of it, is near.
std::size_t distance(std::string_view name, std::string_view word) {
  if (name.find(word) != name.npos || (name.size() > 3 && word.find(name) != word.npos)) return 1;
  const std::size_t most = word.size() / 3 + 1;
  if (name.size() > word.size() + most || word.size() > name.size() + most) return SIZE_MAX;
  const std::size_t edits = cluster::edit_distance(name, word);
  return edits <= most ? edits : SIZE_MAX;
}

}  // namespace

std::vector<const Addon*> find(const Index& index, const Search& search) {
  const std::string query = base::to_lower(search.query), tag = base::to_lower(search.tag);
  const auto words = base::split(query, ' ');  // an empty one is part of every text
  std::vector<const Addon*> found;
  for (const Addon& addon : index.addons) {
    if (!search.app.empty() && addon.name != search.app) continue;
    if (!tag.empty() && !has_tag(addon, tag)) continue;
    const std::string text = query.empty() ? std::string() : text_of(addon);
    const bool all = std::all_of(words.begin(), words.end(), [&](std::string_view word) {
      return text.find(word) != std::string::npos;
    });
    if (all) found.push_back(&addon);
  }
  return found;
}

std::vector<std::string> nearest_addons(const Index& index, std::string_view word,
                                        std::size_t most) {
  const std::string lower = base::to_lower(word.substr(0, kWordBytes));
  std::vector<std::pair<std::size_t, std::string_view>> near;
  if (lower.empty()) return {};
  for (const Addon& addon : index.addons) {
    std::size_t best = distance(addon.name, lower);
    for (const Chart& chart : addon.charts)
      best = std::min(best, distance(chart.name, lower));
    if (best != SIZE_MAX) near.emplace_back(best, addon.name);
  }
  std::sort(near.begin(), near.end());
  std::vector<std::string> names;
  for (const auto& each : near) {
    if (names.size() == most) break;
    names.emplace_back(each.second);
  }
  return names;
}

std::vector<std::string> tags_of(const Index& index) {
  std::set<std::string> all;
  for (const Addon& addon : index.addons)
    all.insert(addon.tags.begin(), addon.tags.end());
  return {all.begin(), all.end()};
}

}  // namespace catalog
