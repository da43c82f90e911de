// Which ClusterTemplate a deployment uses: the one that is named, or the newest valid one of a
// provider and kind, by their semantic versions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace deploy {

// The version of a template: that of its chart, else the one in its name.
std::string version_of(base::json::Value object);

// Why a ServiceTemplate cannot be used, by its status: "ServiceTemplate x is not valid: …"; "": it
// can.
std::string state_problem(std::string_view name, base::json::Value status);

struct Wanted {
  std::string name;      // "": by provider and kind
  std::string provider;  // "aws"
  std::string kind = "standalone-cp";
};

// Whether it is the one that is named, or of the provider and kind.
bool is_wanted(base::json::Value object, const Wanted& wanted);

// `templates`: an array of ClusterTemplates. Errc::not_found, with those that there are;
// Errc::invalid_argument: the one that is named is not valid, with the reason.
base::Result<base::json::Value> choose_template(base::json::Value templates, const Wanted& wanted,
                                                std::string_view ns);

}  // namespace deploy
