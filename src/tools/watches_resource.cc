#include "tools/watches_resource.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "base/json.h"
#include "base/text.h"
#include "cluster/rpc_error.h"
#include "cluster/uri.h"
#include "fanout/status_page.h"

namespace tools {

namespace {

constexpr std::string_view kHost = "watches";

std::optional<mcp::RpcError> problem_of(std::string_view uri) {
  const auto parsed = cluster::parse_resource_uri(uri);
  if (!parsed) return cluster::to_rpc(parsed.error());
  if (parsed->segments.empty() && parsed->parameters.empty()) return std::nullopt;
  return cluster::to_rpc(
      base::Error(base::Errc::invalid_argument,
                  "URI must be k0rdent://watches, without path and parameters, got \"" +
                      base::printable(uri, 200) + "\""));
}

class WatchesFamily final : public mcp::ResourceFamily {
 public:
  WatchesFamily(const cluster::Cluster& cluster, const Managers& managers)
      : cluster_(cluster), managers_(managers) {
    info_.uri = "k0rdent://watches";
    info_.name = "k0rdent.mgmt.watches";
    info_.title = "Watches of the API server";
    info_.description =
        "Every watch and log stream that this server has open at the API server for the caller: "
        "state and since when, last event, restarts, backoff, circuit breaker and number of "
        "subscribers. Read it when a subscription seems quiet.";
    info_.mime_type = "application/json";
  }
  const mcp::ResourceInfo& info() const override { return info_; }
  bool owns(std::string_view uri) const override { return cluster::is_resource_uri(uri, kHost); }

  std::unique_ptr<mcp::ToolRun> read(const mcp::Caller& caller, std::string_view uri,
                                     mcp::ReadReply& reply) override {
    if (auto problem = problem_of(uri)) {
      reply.fail(*std::move(problem));
      return nullptr;
    }
    std::vector<fanout::WatchInfo> watches = managers_.watches();
    watches.erase(std::remove_if(watches.begin(), watches.end(),
                                 [&](const fanout::WatchInfo& watch) {
                                   return watch.identity != caller.identity;
                                 }),
                  watches.end());
    std::string json;
    base::json::Writer w(json);
    w.begin_object();
    fanout::StatusPage{cluster_.loop.now(), cluster_.loop.wall_now(), {fanout::Audience::owner}}
        .write_all(w, std::move(watches));
    w.end_object();
    reply.succeed({info_.mime_type, std::move(json)});
    return nullptr;
  }

  std::unique_ptr<mcp::Feed> subscribe(mcp::Subscriber& subscriber) override {
    cluster::refuse(subscriber, base::Error(base::Errc::invalid_argument,
                                            "k0rdent://watches cannot be subscribed to: read it"));
    return nullptr;
  }

 private:
  const cluster::Cluster& cluster_;
  const Managers& managers_;
  mcp::ResourceInfo info_;
};

}  // namespace

std::unique_ptr<mcp::ResourceFamily> make_watches_resource(const cluster::Cluster& cluster,
                                                           const Managers& managers) {
  return std::make_unique<WatchesFamily>(cluster, managers);
}

}  // namespace tools
