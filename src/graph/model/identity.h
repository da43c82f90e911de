// IdentityPaths: which fields of an identity object (AWSClusterStaticIdentity …) name the objects
// that it needs. The cluster's ProviderInterfaces define them (spec.clusterIdentities[]); for kinds
// that none of them lists, a table of the usual providers does.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace graph::model {

class IdentityPaths {
 public:
  struct Reference {
    std::string group, kind;
    std::string name_path, namespace_path;  // "spec.secretRef.name"; no namespace: the system one
    bool operator==(const Reference&) const = default;
  };
  // Sets what the ProviderInterface of this name defines; `spec` absent: it is gone. Returns
  // whether anything changed.
  bool set(const std::string& name, base::json::Value spec);
  std::vector<Reference> of(std::string_view group, std::string_view kind) const;

 private:
  struct Entry {
    std::string source, group, kind;
    std::vector<Reference> references;
    bool operator==(const Entry&) const = default;
  };
  std::vector<Entry> entries_;
};

}  // namespace graph::model
