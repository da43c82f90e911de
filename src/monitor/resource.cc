#include "monitor/resource.h"

#include <utility>
#include <vector>

#include "cluster/completion.h"
#include "cluster/family.h"
#include "deployments/joined.h"
#include "deployments/phase.h"
#include "deployments/reasons.h"
#include "deployments/update.h"
#include "kinds/need.h"
#include "kinds/table.h"

namespace monitor {

namespace {

class Read final : public mcp::ToolRun {
 public:
  Read(cluster::Cluster& cluster, const mcp::Caller& caller, mcp::ReadReply& reply)
      : cluster_(cluster),
        reply_(reply),
        joined_(cluster, caller, deployments::Joined::Fn::bind<&Read::on_joined>(this)) {}
  void start(Request request) {
    joined_.start(std::move(request.ns), std::move(request.name), deployments::Joined::Depth::all);
  }

 private:
  void on_joined() {
    if (joined_.error()) return reply_.fail(cluster::to_rpc(*joined_.error()));
    const base::WallTime now = cluster_.loop.wall_now();
    deployments::Assessment is = deployments::assess(joined_.seen(), now);
    const base::json::Value deployment = joined_.deployment();
    const deployments::UpdateLists lists = deployments::update_lists(deployment, now);
    const std::vector<deployments::Reason> reasons =
        deployments::reasons_of(joined_, is, lists.services, now);
    deployments::name_cause(is, reasons);
    reply_.succeed(
        {"application/json",
         deployments::update_json({&is, deployment, &lists, "condition", &reasons}, now)});
  }
  cluster::Cluster& cluster_;
  mcp::ReadReply& reply_;
  deployments::Joined joined_;
};

mcp::ResourceInfo resource_info() {
  mcp::ResourceInfo info;
  info.uri_template = "k0rdent://cluster-monitor/{namespace}/{name}";
  info.name = "k0rdent.cluster.monitor";
  info.title = "Cluster deployment monitoring";
  info.description =
      "How far one cluster is: phase, per cent, what is wrong. A read returns the present update. A "
      "subscription delivers it, then each change, in _meta.delta, and ends with an update that has "
      "terminal: true when the cluster is ready, has failed for good, or is deleted.";
  info.mime_type = "application/json";
  info.needs = watch_needs() + deployments::joined_needs(deployments::Joined::Depth::all) +
               kinds::need("list", {"ClusterDeployment", "Namespace"});
  return info;
}

class MonitorFamily final : public cluster::Family<Request> {
 public:
  MonitorFamily(cluster::Cluster& cluster, Manager& manager)
      : Family(cluster, kHost, resource_info()), manager_(manager) {}

  std::unique_ptr<mcp::ToolRun> complete(const mcp::CompletionRequest& request,
                                         mcp::CompletionReply& reply) override {
    if (request.argument == "namespace")
      return cluster::complete_namespace(cluster(), cluster::Typed::name(request.value), reply);
    if (request.argument == "name") {
      return cluster::complete_object(
          cluster(), cluster::Collection(kinds::get("ClusterDeployment")), request, reply);
    }
    cluster::refuse_argument(request, "namespace, name", reply);
    return nullptr;
  }

 private:
  base::Result<Request> request_of(std::string_view uri) const override {
    return Request::from_uri(uri);
  }
  std::string_view ns_of(const Request& request) const override { return request.ns; }
  base::Result<std::unique_ptr<mcp::ToolRun>> start_read(Request request, const mcp::Caller& caller,
                                                         mcp::ReadReply& reply) override {
    auto run = std::make_unique<Read>(cluster(), caller, reply);
    run->start(std::move(request));
    return std::unique_ptr<mcp::ToolRun>(std::move(run));
  }
  std::unique_ptr<mcp::Feed> follow(mcp::Subscriber& subscriber, Request request) override {
    return manager_.subscribe(subscriber, std::move(request));
  }

  Manager& manager_;
};

}  // namespace

std::unique_ptr<mcp::ResourceFamily> make_monitor_resource(cluster::Cluster& cluster,
                                                           Manager& manager) {
  return std::make_unique<MonitorFamily>(cluster, manager);
}

}  // namespace monitor
