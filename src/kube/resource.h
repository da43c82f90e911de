// Resource: a collection of the API, by group, version and plural, and the paths in it, whose
// segments are checked and percent-encoded here.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace kube {

struct Resource {
  std::string group;  // "" is core
  std::string version;
  std::string plural;
  bool namespaced = true;

  // "/api/v1/namespaces/NS/pods[/NAME[/SUB]]" or "/apis/G/V/…". `ns` empty: all namespaces, or a
  // cluster-scoped resource. Errc::invalid_argument for an unsafe segment: empty, ".", "..", or one
  // that contains '/' or '%'.
  base::Result<std::string> path(std::string_view ns, std::string_view name = {},
                                 std::string_view subresource = {}) const;
  std::string text() const;  // "events.events.k8s.io/v1", "pods/v1"
  bool operator==(const Resource&) const = default;
};

extern const Resource kNamespaces;
extern const Resource kPods;
extern const Resource kEventsV1;    // events.k8s.io/v1
extern const Resource kCoreEvents;  // v1

// Builds "a=1&b=2" with both sides percent-encoded.
class Query {
 public:
  Query& add(std::string_view name, std::string_view value);
  Query& add(std::string_view name, std::int64_t value) { return add(name, std::to_string(value)); }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace kube
