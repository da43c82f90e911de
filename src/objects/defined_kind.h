// The kind that a CustomResourceDefinition of the same manifest defines, for the objects of that kind
// beside it: the API server does not serve it yet.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "cluster/kind_name.h"
#include "objects/manifest.h"

namespace objects {

// As ManifestObject::kind names it.
constexpr std::string_view kDefinition = "apiextensions.k8s.io/v1/CustomResourceDefinition";

// `kind`: "example.test/v1/Thing". nullopt: no definition in `objects` serves it. Names and versions
// are as the caller wrote them: the API server has still to accept the definition.
std::optional<cluster::NamedKind> defined_kind(const std::vector<ManifestObject>& objects,
                                               std::string_view kind);

}  // namespace objects
