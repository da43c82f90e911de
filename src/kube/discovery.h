// Discovery limited to what is asked: is this group/version served to these credentials, and with which resources and verbs?
// GET /apis/G/V (or /api/V). Answers are kept per group/version and credential kind for kDiscoveryTtl, "not served" for kDiscoveryMissTtl. What is
// served is the same for all who may see it; what one bearer may not see (403) is kept for nobody else.
//
// That something is not served has to be said in JSON: by a Status 404, or (real API servers answer "404 page not found" for a group that they do
// not know, and so does any balancer whose server is away) by the list of groups, GET /apis, without it. A page alone is a failure.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/delegate.h"
#include "kube/client.h"

namespace kube {

constexpr base::Duration kDiscoveryTtl = base::minutes(10);
constexpr base::Duration kDiscoveryMissTtl = base::seconds(30);  // a CRD may be installed at any time
constexpr std::size_t kDiscoveryEntries = 256;                   // group/versions kept; beyond, all are forgotten
constexpr base::Duration kGroupListTtl = base::seconds(10);       // of the list of groups; many are asked for in one round
constexpr std::size_t kDiscoveryBytes = 4 * 1024 * 1024;         // of one answer; core v1 has 10 KiB

struct ServedResource {
  std::string plural, kind;
  bool namespaced = true;
  std::vector<std::string> verbs;
  bool can(std::string_view verb) const;
};

struct ServedGroup {
  bool served = false;  // false: 404, or 403 (hidden)
  bool hidden = false;  // it may not be asked for: nothing is said of it
  std::vector<ServedResource> resources;
  const ServedResource* find(std::string_view plural) const;
};

// One question; member of its owner; the destructor cancels. Shares the cache of its Discovery.
class Discovery;
class DiscoveryQuery {
 public:
  struct Outcome {
    std::optional<Failure> failure;  // anything but the API server's own 404 and 403
    ServedGroup group;
    bool remembered = false;  // nothing was asked
  };
  using Fn = base::Delegate<void(Outcome)>;
  DiscoveryQuery(Discovery& discovery, Fn fn);
  ~DiscoveryQuery();
  // Never calls back inside. Requires: !active().
  void start(std::string group, std::string version, Credentials credentials);
  void cancel();
  bool active() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

class Discovery {
 public:
  // Both outlive it; its queries die before it.
  Discovery(loop::Loop& loop, Client& client);
  ~Discovery();
  // After a 404 for a resource that was said to be served.
  void forget(const std::string& group, const std::string& version);

 private:
  friend class DiscoveryQuery;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kube
