// What a URI of k0rdent://objects asks for:
//
//   k0rdent://objects/{group}/{version}/{resource}/{namespace}/{name}   one object
//   k0rdent://objects/{group}/{version}/{resource}/{namespace}          the objects of a namespace
//
// {group} is "core" for the group without a name; {resource} the plural, as objects.kinds shows it;
// {namespace} "-" for none, which no namespace can be named: the object of a cluster-scoped kind,
// or the list of all objects that the caller may see. A list may leave out a "-" at its end.
//
//   fields=PATH,…                   only these parts, as dotted paths
//   labelSelector=, fieldSelector=  of a list, as the API server takes them for that kind
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace objects {

constexpr std::string_view kHost = "objects";
constexpr std::string_view kCoreGroup = "core";
constexpr std::string_view kNoNamespace = "-";
constexpr std::size_t kMostFields = 32;

struct Request {
  std::string group, version, resource;  // group "": core
  std::string ns, name;                  // ns "": none; name "": a list
  std::string label_selector, field_selector;
  std::vector<std::string> fields;  // paths that begin with '.', sorted

  // Errc::invalid_argument says what is wrong.
  static base::Result<Request> from_uri(std::string_view uri);
  // Whether the URI names one object, as far as its path tells.
  static bool is_object(std::string_view uri);

  // The namespace that the operator's filter must allow; "": the filter hides single objects.
  std::string_view filtered_ns() const;
  // Equal for requests that are the same.
  std::string key() const;
  // "pods team-a/web", "nodes", "pods of namespace team-a"
  std::string text() const;
  // "pods", "deployments.apps"
  std::string kind_text() const;
};

}  // namespace objects
