// Verb: a request's verb as Kubernetes defines it (API concepts, "Resource URIs"; authorization,
// "Determine the request verb"). Reading a subresource (pods/log) is a get.
#pragma once

#include <string_view>

namespace kube {

enum class Verb : unsigned char { get, list, watch, create, update, patch, del, delete_collection };
constexpr int kVerbs = 8;

// `path`: without the cluster's prefix, as Resource::path returns it. Paths that are no resource
// ("/version", "/apis") give get.
Verb verb_of(std::string_view method, std::string_view path, std::string_view query);
std::string_view to_string(Verb verb);  // "get", … "deletecollection"

}  // namespace kube
