// Whether an answer with HTTP 200 is what was requested. A proxy or a gateway on the way can answer with
// a Status, a list of another collection or an object of its own; taken as the answer, each would mean
// that objects are gone.
//
//   a list     kind "List", or one that ends in List or is a CustomResourceDefinition's own
//              (spec.names.listKind), in the collection's group and version; in the core group the
//              one that the plural names: "PodList" for pods. Table or PartialObjectMetadataList
//              only when it was asked for
//   an object  metadata.name is the requested name; kind is not Status
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "kube/resource.h"

namespace kube {

// Why `root`, a list with or without its items, is not one of `resource`; nullopt: it is one.
// `accept`: the media types of the request.
std::optional<std::string> why_not_list_of(const Resource& resource, std::string_view accept,
                                           base::json::Value root);
// Whether `root` is the object that was requested by `name`.
bool is_object_named(base::json::Value root, std::string_view name);

}  // namespace kube
