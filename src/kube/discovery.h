// Discovery of single group/versions: whether one is served to given credentials, and with which
// resources and verbs, by GET /apis/G/V (or /api/V). Answers are cached per group/version and
// credential kind for kDiscoveryTtl, "not served" for kDiscoveryMissTtl. The resources served are
// the same for every caller that may see them; a 403 for one bearer token is not cached for others.
//
// "Not served" needs a JSON answer: either a Status 404, or a list of groups (GET /apis) without
// the group, because real API servers answer "404 page not found" for an unknown group, and so does
// any load balancer whose server is down. Such a page alone is a failure.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/delegate.h"
#include "base/json.h"
#include "kube/client.h"

namespace kube {

constexpr base::Duration kDiscoveryTtl = base::minutes(10);
constexpr base::Duration kDiscoveryMissTtl = base::seconds(30);  // a CRD may be installed any time
// Resources of one group/version that are looked for afresh within kDiscoveryMissTtl: callers may name
// any, and each costs a request.
constexpr std::size_t kDiscoveryAfresh = 16;
constexpr std::size_t kDiscoveryEntries = 256;  // cached group/versions; beyond that all go
// For the list of groups: many groups are requested in one round.
constexpr base::Duration kGroupListTtl = base::seconds(10);
constexpr std::size_t kDiscoveryBytes = 4 * 1024 * 1024;  // of one answer; core v1 has 10 KiB

struct ServedResource {
  std::string plural, kind;
  bool namespaced = true;
  std::vector<std::string> verbs;
  std::string singular = {};  // "" on some servers: the kind in lower case then
  std::vector<std::string> short_names = {};
  bool can(std::string_view verb) const;
};
// The texts of a list in JSON.
std::vector<std::string> strings_of(base::json::Value list);
// One of an APIResourceList's resources[]. Its name is "pods/log" for a subresource.
ServedResource served_resource(base::json::Value resource);

struct ServedGroup {
  bool served = false;  // false: 404, or 403 (hidden)
  bool hidden = false;  // 403: the caller may not know
  std::vector<ServedResource> resources;
  const ServedResource* find(std::string_view plural) const;
};

// One query at a time; a member of its owner; the destructor cancels. Uses the cache of its
// Discovery, which must outlive it.
class Discovery;
struct ApiCatalog;  // api_catalog.h
class DiscoveryQuery {
 public:
  struct Outcome {
    std::optional<Failure> failure;  // anything but the API server's own 404 and 403
    ServedGroup group;
    bool remembered = false;  // from the cache, without a request
  };
  using Fn = base::Delegate<void(Outcome)>;
  DiscoveryQuery(Discovery& discovery, Fn fn);
  ~DiscoveryQuery();
  // Never calls `fn` inside start(). Requires: !active().
  void start(std::string group, std::string version, config::Credentials credentials);
  // For `outcome`, which lacks `plural`: its CRD may have been installed since it was remembered.
  // True: the API server is asked again, and `fn` runs again. False: the outcome stands, because it
  // is the API server's own, or was looked for afresh within kDiscoveryMissTtl, or beyond
  // kDiscoveryAfresh. `credentials`: those of start(). Requires: !active().
  bool look_again(const Outcome& outcome, const std::string& plural,
                  config::Credentials credentials);
  void cancel();
  bool active() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

class Discovery {
 public:
  // Both must outlive it, and it must outlive its queries.
  Discovery(loop::Loop& loop, Client& client);
  ~Discovery();
  // What the API server served when it was last asked with this kind of credentials, if that is at
  // most `max_age` ago (at most kDiscoveryTtl); else nullptr. Valid until the loop's next turn.
  const ApiCatalog* catalog(config::Credentials::Kind kind, base::Duration max_age);
  void keep(config::Credentials::Kind kind, ApiCatalog catalog);
  // Drops a cached group/version, after a 404 for a resource that it lists as served.
  void forget(const std::string& group, const std::string& version);

 private:
  friend class DiscoveryQuery;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kube
