// What KCM puts into the names of its templates, and its names of providers.
#pragma once

#include <string>
#include <string_view>

namespace cluster {

// "aws-standalone-cp-1-0-43" has version 1.0.43: names may have no dots, so KCM writes dashes. "":
// the name ends in no version.
std::string version_in_name(std::string_view name);
// Cluster templates are named after their provider: aws-standalone-cp, adopted-cluster. "": none
// that is known.
std::string_view provider_in_name(std::string_view name);
// The name that answers have of a provider of KCM's: "adopted" for "internal", "remote" for
// "k0sproject-k0smotron"; others are alike.
std::string_view provider_name(std::string_view kcm);

}  // namespace cluster
