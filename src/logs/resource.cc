#include "logs/resource.h"

#include <string>
#include <utility>

#include "cluster/completion.h"
#include "cluster/rpc_error.h"
#include "cluster/uri.h"
#include "logs/read.h"

namespace logs {

namespace {

constexpr std::string_view kHost = "podlogs";

base::Result<Request> request_of(const cluster::Context& context, std::string_view uri) {
  auto request = Request::from_uri(uri);
  if (!request) return request;
  if (auto ok = context.filter.check(request->ns); !ok) return std::move(ok).error();
  return request;
}

class PodLogReadRun final : public mcp::ToolRun {
 public:
  PodLogReadRun(cluster::Context& context, mcp::ReadReply& reply)
      : reply_(reply), read_(context, Read::Fn::bind<&PodLogReadRun::on_read>(this)) {}
  void start(Request request, const mcp::Caller& caller) {
    read_.start(std::move(request), cluster::credentials_of(caller));
  }

 private:
  void on_read(Read::Outcome outcome) {
    if (outcome.failure)
      return reply_.fail(cluster::to_rpc(outcome.failure->code, outcome.failure->message));
    if (outcome.omitted_bytes > 0) {
      outcome.text.insert(0, "[" + std::to_string(outcome.omitted_bytes) +
                                 " older bytes left out; select with tailLines or sinceSeconds]\n");
    }
    reply_.succeed({"text/plain", std::move(outcome.text)});
  }
  mcp::ReadReply& reply_;
  Read read_;
};

class PodLogFamily final : public mcp::ResourceFamily {
 public:
  PodLogFamily(cluster::Context& context, Manager& manager) : context_(context), manager_(manager) {
    info_.uri_template = "k0rdent://podlogs/{namespace}/{pod}/{container}";
    info_.name = "k0rdent.mgmt.podLogs";
    info_.title = "Kubernetes pod logs";
    info_.description =
        "Log of one container of a pod in the management cluster. A read returns its newest "
        "megabyte. A subscription delivers each line as it is written, in the update's "
        "_meta.delta; ?tailLines= and ?sinceSeconds= select how much of the past comes first.";
    info_.mime_type = "text/plain";
  }
  const mcp::ResourceInfo& info() const override { return info_; }
  bool owns(std::string_view uri) const override { return cluster::is_resource_uri(uri, kHost); }

  std::unique_ptr<mcp::ToolRun> read(const mcp::Caller& caller, std::string_view uri,
                                     mcp::ReadReply& reply) override {
    auto request = request_of(context_, uri);
    if (!request) {
      reply.fail(cluster::to_rpc(request.error()));
      return nullptr;
    }
    auto run = std::make_unique<PodLogReadRun>(context_, reply);
    run->start(*std::move(request), caller);
    return run;
  }

  std::unique_ptr<mcp::Feed> subscribe(mcp::Subscriber& subscriber) override {
    auto request = request_of(context_, subscriber.uri());
    if (!request) {
      cluster::refuse(subscriber, request.error());
      return nullptr;
    }
    return manager_.subscribe(subscriber, *std::move(request));
  }

  bool completes() const override { return true; }
  std::unique_ptr<mcp::ToolRun> complete(const mcp::CompletionRequest& request,
                                         mcp::CompletionReply& reply) override {
    if (request.argument == "namespace") {
      return cluster::complete_namespace(context_, cluster::Typed::name(request.value), reply);
    }
    if (request.argument == "pod") return cluster::complete_pod(context_, request, reply);
    if (request.argument == "container")
      return cluster::complete_container(context_, request, reply);
    cluster::refuse_argument(request, "namespace, pod, container", reply);
    return nullptr;
  }

 private:
  cluster::Context& context_;
  Manager& manager_;
  mcp::ResourceInfo info_;
};

}  // namespace

std::unique_ptr<mcp::ResourceFamily> make_pod_log_resource(cluster::Context& context,
                                                           Manager& manager) {
  return std::make_unique<PodLogFamily>(context, manager);
}

}  // namespace logs
