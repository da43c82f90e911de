// Whether a 404 says that an object is not there. The Status must name the object, or its namespace,
// without which it cannot be there: a webhook's or an aggregated API's 404 may be about something
// else ('secrets "ca" not found'), or about none ("the server could not find the requested resource":
// the kind went). The names are read from the message, which k8s.io/apimachinery writes for each
// NotFound; aggregated APIs may omit the details:
//
//   clusterdeployments.k0rdent.mirantis.com "prod" not found
//   podmetrics.metrics.k8s.io "team-a/web" not found   (the plural is pods)
//   namespaces "team-a" not found
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "kube/failure.h"
#include "kube/resource.h"

namespace kube {

constexpr std::string_view kNoSuchPath = "could not find the requested resource";

inline bool says_absent(const Failure& failure, const Resource& resource, std::string_view ns,
                        std::string_view name) {
  if (!failure.says(404)) return false;
  const std::string_view text = failure.message;
  const std::size_t end = text.rfind("\" not found"), begin = text.find(" \"");
  // In other words than apimachinery's, but not in those for a path that leads nowhere.
  if (begin == text.npos || end == text.npos || end < begin + 2)
    return failure.reason == "NotFound" && text.find(kNoSuchPath) == text.npos;
  const std::string_view kind = text.substr(0, begin);
  const std::string_view named = text.substr(begin + 2, end - begin - 2);
  if (kind == "namespaces" && !ns.empty()) return named == ns;
  const bool is_kind = kind == resource.plural || kind.starts_with(resource.plural + ".") ||
                       (!resource.group.empty() && kind.ends_with("." + resource.group));
  return is_kind && (named == name || named == std::string(ns) + "/" + std::string(name));
}

}  // namespace kube
