// Checks the spec.config of a ClusterDeployment before it is sent: KCM checks it only afterwards, and
// the schemas of its charts accept unknown keys nearly everywhere, so that a typo would be silent.
//
//   a key that the chart does not know   refused, with the nearest one that it knows
//   a value of another type              refused
//   a value that is not in the enum      refused
//   a value that has to be given         refused, unless its default is not empty
//
// What the chart takes comes from its JSON Schema and its default values (describe/chart_values.h);
// below a value that is a map or a list of its own, everything is accepted. A template that says
// nothing about its values accepts everything.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace deploy {

// A config with more is answered with the first ones.
constexpr std::size_t kProblems = 20;

struct Problem {
  std::string path;  // "controlPlane.instanceTyp"
  std::string what;  // "is not known; the nearest is controlPlane.instanceType"
};

// `schema` and `defaults` may be absent. `needed`: paths that have to be given
// (describe/needed_values.h). `config`: an object.
std::vector<Problem> check_config(base::json::Value schema, base::json::Value defaults,
                                  const std::vector<std::string_view>& needed,
                                  base::json::Value config);
// The same of a part that is merged into a config: what it lacks is not needed, null removes.
std::vector<Problem> check_part(base::json::Value schema, base::json::Value defaults,
                                base::json::Value part);

std::string to_text(const std::vector<Problem>& problems);

}  // namespace deploy
