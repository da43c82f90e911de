// The values of a service, which are YAML text in k0rdent's objects.
#pragma once

#include <string>
#include <string_view>

namespace deploy {

// Why Helm would not take `text` as values, which k0rdent says only after it is written: they must be
// one mapping, or nothing. "": it takes them.
std::string values_problem(std::string_view text);

}  // namespace deploy
