// Which add-ons of an index a caller means.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "catalog/index.h"

namespace catalog {

struct Search {
  std::string app = {};  // the whole name; "": any
  std::string query =
      {};  // each of its words is part of a name, a chart's name, a tag or the summary
  std::string tag = {};  // part of a tag
};

// In the order of the index. Cases do not count, but in `app`.
std::vector<const Addon*> find(const Index& index, const Search& search);

// The names of add-ons that are like `word`, or have a chart that is: the nearest first, at most
// `most`.
std::vector<std::string> nearest_addons(const Index& index, std::string_view word,
                                        std::size_t most);

// All tags, in order.
std::vector<std::string> tags_of(const Index& index);

}  // namespace catalog
