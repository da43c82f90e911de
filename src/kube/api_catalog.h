// ApiCatalog: everything that an API server serves, in one question: aggregated discovery where the
// server speaks it (both /api and /apis), else the older way, one request for each group and
// version. A part that fails (an aggregated API server that is down, one group/version with a 503)
// is said as such and does not fail the rest.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/delegate.h"
#include "base/json.h"
#include "kube/client.h"
#include "kube/discovery.h"

namespace kube {

// The older way: group/versions asked for at the most; a large cluster has some 150.
constexpr std::size_t kCatalogGroups = 1024;
constexpr base::Duration kCatalogTime = base::seconds(32);  // of one request; client-go's

struct CatalogEntry {
  std::string group, version;
  std::vector<ServedResource> resources;
  // Why this part cannot be trusted; "" : it can. Its resources are then none, or of an earlier
  // time.
  std::string problem;
  const ServedResource* find(std::string_view plural) const;
};

struct ApiCatalog {
  bool aggregated = false;            // how it was asked
  std::vector<CatalogEntry> entries;  // of one group the preferred version first
  const CatalogEntry* find(std::string_view group, std::string_view version) const;
  // Parts with a problem and nothing known get what `before` knew.
  void keep_known(const ApiCatalog& before);
};

// Does this Content-Type say APIGroupDiscoveryList of apidiscovery.k8s.io v2? Its parameters may
// come in any order, and quoted.
bool is_aggregated_discovery(std::string_view content_type);

class ApiCatalogCall {
 public:
  struct Outcome {
    std::optional<Failure> failure;  // of /apis itself
    ApiCatalog catalog;
  };
  using Fn = base::Delegate<void(Outcome)>;
  ApiCatalogCall(Client& client, Fn fn);  // `client` outlives it
  ~ApiCatalogCall();
  // Never calls back inside. Requires: !active().
  void start(Credentials credentials);
  void cancel();
  bool active() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kube
