// The values of a service, which are YAML text in k0rdent's objects.
#pragma once

#include <string>
#include <string_view>

#include "base/yaml.h"

namespace deploy {

// For all the values that one call gives as text.
base::yaml::Bound values_bound();

// Why Helm would not take `text` as values, which k0rdent says only after it is written: they must be
// one mapping, or nothing. "": it takes them.
std::string values_problem(std::string_view text, base::yaml::Bound& bound);

}  // namespace deploy
