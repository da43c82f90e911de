// Attributes: what a policy is asked about: one request to a cluster and who makes it. The texts are
// borrowed.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace policy {

// Verbs as bits of a set.
enum Verb : std::uint16_t {
  kGet = 1 << 0,
  kList = 1 << 1,
  kWatch = 1 << 2,
  kCreate = 1 << 3,
  kUpdate = 1 << 4,
  kPatch = 1 << 5,
  kDelete = 1 << 6,
  kDeleteCollection = 1 << 7,
};
constexpr std::uint16_t kReads = kGet | kList | kWatch;
constexpr std::uint16_t kWrites = kCreate | kUpdate | kPatch | kDelete | kDeleteCollection;
constexpr std::uint16_t kDestroys = kDelete | kDeleteCollection;

// 0: no verb of a resource.
std::uint16_t verb_bit(std::string_view verb);
// The words of verb_bit().
const std::vector<std::string_view>& verb_words();

struct Attributes {
  std::string_view verb;  // "get" … "deletecollection", as kube::RequestInfo has them
  std::string_view group, resource, subresource;
  std::string_view ns;    // "": all namespaces, or none
  std::string_view name;  // "": all objects, or one whose name the server chooses
  std::string_view tool, identity, cluster;
  // The field by which the written object gives its node away (pod_fields.h); "": none.
  std::string_view node_field;
  bool metadata_only = false;  // a read that returns no more of the objects than their metadata
  bool writing = false;        // a read for a write of the same call: what the write would change
};

}  // namespace policy
