// The two objects that make a chart of the catalog usable, as the catalog's own installer (the Helm
// chart kgst) renders them: a HelmRepository, shared by all charts of one repository, and a
// ServiceTemplate. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"

namespace catalog {

// "k0rdent-catalog" and "k0rdent-enterprise-catalog" are kgst's names for the two public repositories
// and reserved for them; another one gets "k0rdent-catalog-" and a digest of its URL.
std::string repository_name(std::string_view url);
// "ingress-nginx-4-14-3": each byte that an object's name cannot have becomes '-'. "": there is no
// such name.
std::string template_name(std::string_view chart, std::string_view version);

// For server-side apply. k0rdent's Flux controllers see only objects with the label.
std::string repository_body(std::string_view url);
std::string template_body(std::string_view chart, std::string_view version,
                          std::string_view repository);

// Whether a HelmRepository is what repository_body() makes, as far as it says.
bool is_such_repository(base::json::Value object, std::string_view url);
// What a ServiceTemplate is made of: "chart ingress-nginx 4.14.3 of HelmRepository k0rdent-catalog".
std::string source_of(base::json::Value service_template);

}  // namespace catalog
