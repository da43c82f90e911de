// JSON as YAML text, in the form that kubectl prints with -o yaml: block style, members in their
// order, sequences not indented below their key.
#pragma once

#include <cstddef>
#include <string>

#include "base/json.h"

namespace base::yaml {

// Appends `value`, each line indented by `indent` spaces. A scalar, {} and [] are one line. Ends
// with a newline. Every string comes back as a string, from YAML 1.1 and 1.2 readers alike: quoted
// where it could be read as another type; text of several lines is a literal block where that is
// exact.
void append_yaml(std::string& out, json::Value value, std::size_t indent = 0);

}  // namespace base::yaml
