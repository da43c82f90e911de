// Verb: what a request asks of the API server, in the words of Kubernetes (API concepts, "Resource
// URIs"; authorization, "Determine the request verb"). Of a subresource (pods/log): get.
#pragma once

#include <string_view>

namespace kube {

enum class Verb : unsigned char { get, list, watch, create, update, patch, del, delete_collection };
constexpr int kVerbs = 8;

// `path` without the cluster's prefix, as a Resource makes it; paths outside of resources
// ("/version", "/apis") are a get.
Verb verb_of(std::string_view method, std::string_view path, std::string_view query);
std::string_view to_string(Verb verb);  // "get", … "deletecollection"

}  // namespace kube
