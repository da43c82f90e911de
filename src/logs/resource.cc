#include "logs/resource.h"

#include <string>
#include <utility>

#include "cluster/completion.h"
#include "cluster/family.h"
#include "logs/read.h"

namespace logs {

namespace {

constexpr std::string_view kHost = "podlogs";

class PodLogReadRun final : public mcp::ToolRun {
 public:
  PodLogReadRun(cluster::Cluster& cluster, mcp::ReadReply& reply)
      : reply_(reply), read_(cluster, Read::Fn::bind<&PodLogReadRun::on_read>(this)) {}
  base::Result<void> start(Request request, const mcp::Caller& caller) {
    return read_.start(std::move(request), caller);
  }

 private:
  void on_read(Read::Outcome outcome) {
    if (outcome.failure)
      return reply_.fail(cluster::to_rpc(outcome.failure->code, outcome.failure->message));
    if (outcome.omitted_bytes > 0) {
      outcome.text.insert(0, "[" + std::to_string(outcome.omitted_bytes) +
                                 " older bytes left out; select with tailLines or sinceSeconds]\n");
    }
    if (!outcome.why_empty.empty()) outcome.text = "[no lines: " + outcome.why_empty + "]\n";
    reply_.succeed({"text/plain", std::move(outcome.text)});
  }
  mcp::ReadReply& reply_;
  Read read_;
};

mcp::ResourceInfo resource_info() {
  mcp::ResourceInfo info;
  info.uri_template = "k0rdent://podlogs/{namespace}/{pod}/{container}";
  info.name = "k0rdent.mgmt.podLogs";
  info.title = "Kubernetes pod logs";
  info.description =
      "Log of one container of a pod in the management cluster. A read returns its newest "
      "megabyte. A subscription delivers each line as it is written, in the update's "
      "_meta.delta; ?tailLines= and ?sinceSeconds= select how much of the past comes first.";
  info.mime_type = "text/plain";
  // Its completions list both.
  info.needs = log_needs() + mcp::Needs{{"list", "", "pods"}, {"list", "", "namespaces"}};
  info.scope = mcp::Scope::logs;
  return info;
}

class PodLogFamily final : public cluster::Family<Request> {
 public:
  PodLogFamily(cluster::Cluster& cluster, Manager& manager)
      : Family(cluster, kHost, resource_info()), manager_(manager) {}

  std::unique_ptr<mcp::ToolRun> complete(const mcp::CompletionRequest& request,
                                         mcp::CompletionReply& reply) override {
    if (request.argument == "namespace") {
      return cluster::complete_namespace(cluster(), cluster::Typed::name(request.value), reply);
    }
    if (request.argument == "pod") return cluster::complete_pod(cluster(), request, reply);
    if (request.argument == "container")
      return cluster::complete_container(cluster(), request, reply);
    cluster::refuse_argument(request, "namespace, pod, container", reply);
    return nullptr;
  }

 private:
  base::Result<Request> request_of(std::string_view uri) const override {
    return Request::from_uri(uri);
  }
  std::string_view ns_of(const Request& request) const override { return request.ns; }
  base::Result<std::unique_ptr<mcp::ToolRun>> start_read(Request request, const mcp::Caller& caller,
                                                         mcp::ReadReply& reply) override {
    auto run = std::make_unique<PodLogReadRun>(cluster(), reply);
    if (auto ok = run->start(std::move(request), caller); !ok) return std::move(ok).error();
    return std::unique_ptr<mcp::ToolRun>(std::move(run));
  }
  std::unique_ptr<mcp::Feed> follow(mcp::Subscriber& subscriber, Request request) override {
    return manager_.subscribe(subscriber, std::move(request));
  }

  Manager& manager_;
};

}  // namespace

std::unique_ptr<mcp::ResourceFamily> make_pod_log_resource(cluster::Cluster& cluster,
                                                           Manager& manager) {
  return std::make_unique<PodLogFamily>(cluster, manager);
}

}  // namespace logs
