#include "graph/model/identity.h"

#include <utility>

namespace graph::model {

using base::json::Value;

namespace {

struct Usual {
  std::string_view kind, target, name_path, namespace_path;
};
constexpr Usual kUsual[] = {
    {"AWSClusterStaticIdentity", "Secret", "spec.secretRef", ""},
    {"AWSClusterRoleIdentity", "AWSClusterControllerIdentity", "spec.sourceIdentityRef.name", ""},
    {"AzureClusterIdentity", "Secret", "spec.clientSecret.name", "spec.clientSecret.namespace"},
    {"VSphereClusterIdentity", "Secret", "spec.secretName", ""},
    {"OpenStackClusterIdentity", "Secret", "spec.secretRef.name", "spec.secretRef.namespace"},
};

}  // namespace

bool IdentityPaths::set(const std::string& name, Value spec) {
  std::vector<Entry> before, after, kept;
  for (Entry& entry : entries_)
    (entry.source == name ? before : kept).push_back(std::move(entry));
  for (Value identity : spec["clusterIdentities"].array()) {
    Entry entry{
        name, std::string(identity["group"].str()), std::string(identity["kind"].str()), {}};
    for (Value r : identity["references"].array()) {
      entry.references.push_back({std::string(r["group"].str()), std::string(r["kind"].str()),
                                  std::string(r["nameFieldPath"].str()),
                                  std::string(r["namespaceFieldPath"].str())});
    }
    after.push_back(std::move(entry));
  }
  const bool changed = before != after;
  entries_ = std::move(kept);
  for (Entry& entry : after)
    entries_.push_back(std::move(entry));
  return changed;
}

std::vector<IdentityPaths::Reference> IdentityPaths::of(std::string_view group,
                                                        std::string_view kind) const {
  for (const Entry& entry : entries_) {
    if (entry.kind == kind && entry.group == group) return entry.references;
  }
  std::vector<Reference> out;
  for (const Usual& usual : kUsual) {
    if (usual.kind != kind) continue;
    out.push_back({usual.target == "Secret" ? "" : std::string(group), std::string(usual.target),
                   std::string(usual.name_path), std::string(usual.namespace_path)});
  }
  return out;
}

}  // namespace graph::model
