// IdentityPaths: which fields of an identity object (AWSClusterStaticIdentity …) name what it
// needs. The ProviderInterfaces of the cluster say it (spec.clusterIdentities[]); for kinds that
// none of them lists a table of the usual providers does.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace tools {

class IdentityPaths {
 public:
  struct Reference {
    std::string group, kind;
    std::string name_path, namespace_path;  // "spec.secretRef.name"; no namespace: the system's
    bool operator==(const Reference&) const = default;
  };
  // What the ProviderInterface of this name says; `spec` absent: it is gone. True: that changed.
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

}  // namespace tools
