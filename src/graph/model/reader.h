// Reader: reads what the graph takes from one Kubernetes object.
//
//   fields that name something            the table of rules.h
//   metadata.ownerReferences              owns, from the owner, by uid
//   labels of Flux, Cluster API, Sveltos  renders, cluster, kubeconfig, part-of, summary
//   name conventions                      release, profile, cluster (adopted), propagates,
//                                         component-release, auth-config, audit-config, copy-of,
//                                         pool, chart and source (not made yet)
//   chains                                upgrades-to, from template to template
//   label selectors, offers               selects, handles, distributes, into, backup,
//                                         needs-provider: as selections
//
// Left out:
//   - what cannot be known here: Go templates in references; what is in a Region's cluster or in a
//     child cluster (a Machine's Node)
//   - what would be no edge between objects (the nodes' texts have it): a service that depends on a
//     service of the same list; the providers that a ProviderTemplate offers
//   - what another edge states: a provider, or a component's template, that an empty name implies
//     (the ServiceSet or the status names it)
//   - owners of kinds that are neither in the table nor Cluster API's: the model has none
#pragma once

#include "base/json.h"
#include "graph/model/identity.h"
#include "graph/model/object.h"
#include "graph/model/rules.h"

namespace graph::model {

class Reader {
 public:
  // All must outlive this. `kinds` grows by those that only references name. `system_namespace`:
  // k0rdent's own namespace, used for references from cluster-scoped objects that give none.
  Reader(Kinds& kinds, const IdentityPaths& identities, std::string system_namespace);
  // Requires: the object has a name.
  Object read(KindId id, base::json::Value object);
  // Whether the references of this kind depend on the ProviderInterfaces.
  bool is_identity(KindId kind) const;

 private:
  void add_ruled(Object& to, base::json::Value object);
  // `where`: the namespace, when the rule leaves it to the caller.
  void add_found(Object& to, const Rule& rule, base::json::Value found, std::string path,
                 std::string_view where = {});
  std::vector<std::string> cluster_namespaces(base::json::Value object) const;
  void add_owners(Object& to, base::json::Value metadata);
  void add_labelled(Object& to);
  void add_conventions(Object& to, base::json::Value object);
  void add_propagated(Object& to, base::json::Value identity);
  void add_sources(Object& to, base::json::Value object);
  void add_upgrades(Object& to, base::json::Value object);
  void add_summarised(Object& to, base::json::Value spec);
  void add_components(Object& to, base::json::Value object);
  void add_needs(Object& to, base::json::Value object);
  void add_selections(Object& to, base::json::Value object);
  void add_distributed(Object& to, base::json::Value object);
  void select(Object& to, std::string_view edge, KindId kind, LabelSelector selector,
              std::string path) const;

  // `ns` is used for a namespaced kind only.
  Ref ref(std::string_view type, std::string_view ns, std::string_view name) const;
  void add(Object& to, std::string_view edge, Ref other, std::string path) const;
  void add_convention(Object& to, std::string_view edge, Ref other, std::string_view path) const;
  KindId kind_of(const Object& from, base::json::Value reference, bool namespaced);
  const Kind& kind(const Object& object) const { return kinds_[object.ref.kind]; }
  std::string_view home(const Object& object) const;

  Kinds& kinds_;
  const IdentityPaths& identities_;
  std::string system_;
  std::vector<std::vector<const Rule*>> rules_;  // by kind of the table
};

}  // namespace graph::model
