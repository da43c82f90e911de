// The table of kinds: those that the server knows by name. Lists, gets, the graph and completion
// name a row of it. An API server may serve more: discovery
// finds those, and the short names of all (cluster/kind_name.h).
//
// The first of a kind's versions that is served counts: no field that is read here was renamed
// between them.
#pragma once

#include <span>
#include <string_view>

#include "kinds/kind.h"

namespace kinds {

inline constexpr std::string_view kK0rdent = "k0rdent.mirantis.com";

std::span<const Kind> all();
// By its exact kind, which is unique here. nullptr: none.
const Kind* find(std::string_view kind);
const Kind* find(std::string_view group, std::string_view kind);
// Requires: the table has it.
const Kind& get(std::string_view kind);

}  // namespace kinds
