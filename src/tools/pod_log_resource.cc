#include "tools/pod_log_resource.h"

#include <string>
#include <utility>

#include "tools/failure_to_rpc.h"
#include "tools/name_completion.h"
#include "tools/pod_log_read.h"
#include "tools/resource_uri.h"

namespace tools {

namespace {

constexpr std::string_view kHost = "podlogs";

base::Result<PodLogRequest> request_of(const KubeContext& context, std::string_view uri) {
  auto request = PodLogRequest::from_uri(uri);
  if (!request) return request;
  if (auto ok = context.filter.check(request->ns); !ok) return std::move(ok).error();
  return request;
}

class PodLogReadRun final : public mcp::ToolRun {
 public:
  PodLogReadRun(KubeContext& context, mcp::ReadReply& reply)
      : reply_(reply), read_(context, PodLogRead::Fn::bind<&PodLogReadRun::on_read>(this)) {}
  void start(PodLogRequest request, const mcp::Caller& caller) {
    read_.start(std::move(request), credentials_of(caller));
  }

 private:
  void on_read(PodLogRead::Outcome outcome) {
    if (outcome.failure)
      return reply_.fail(to_rpc(outcome.failure->code, outcome.failure->message));
    if (outcome.omitted_bytes > 0) {
      outcome.text.insert(0, "[" + std::to_string(outcome.omitted_bytes) +
                                 " older bytes left out; select with tailLines or sinceSeconds]\n");
    }
    reply_.succeed({"text/plain", std::move(outcome.text)});
  }
  mcp::ReadReply& reply_;
  PodLogRead read_;
};

class PodLogFamily final : public mcp::ResourceFamily {
 public:
  PodLogFamily(KubeContext& context, PodLogManager& manager)
      : context_(context), manager_(manager) {
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
  bool owns(std::string_view uri) const override { return is_resource_uri(uri, kHost); }

  std::unique_ptr<mcp::ToolRun> read(const mcp::Caller& caller, std::string_view uri,
                                     mcp::ReadReply& reply) override {
    auto request = request_of(context_, uri);
    if (!request) {
      reply.fail(to_rpc(request.error()));
      return nullptr;
    }
    auto run = std::make_unique<PodLogReadRun>(context_, reply);
    run->start(*std::move(request), caller);
    return run;
  }

  std::unique_ptr<mcp::Feed> subscribe(mcp::Subscriber& subscriber) override {
    auto request = request_of(context_, subscriber.uri());
    if (!request) {
      refuse(subscriber, request.error());
      return nullptr;
    }
    return manager_.subscribe(subscriber, *std::move(request));
  }

  bool completes() const override { return true; }
  std::unique_ptr<mcp::ToolRun> complete(const mcp::CompletionRequest& request,
                                         mcp::CompletionReply& reply) override {
    if (request.argument == "namespace") {
      return complete_namespace(context_, Typed::name(request.value), reply);
    }
    if (request.argument == "pod") return complete_pod(context_, request, reply);
    if (request.argument == "container") return complete_container(context_, request, reply);
    refuse_argument(request, "namespace, pod, container", reply);
    return nullptr;
  }

 private:
  KubeContext& context_;
  PodLogManager& manager_;
  mcp::ResourceInfo info_;
};

}  // namespace

std::unique_ptr<mcp::ResourceFamily> make_pod_log_resource(KubeContext& context,
                                                           PodLogManager& manager) {
  return std::make_unique<PodLogFamily>(context, manager);
}

}  // namespace tools
