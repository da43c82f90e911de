#include "cluster/completion.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "cluster/rpc_error.h"
#include "kube/list_call.h"

namespace cluster {

using base::Errc;
using base::json::Value;

namespace {

constexpr std::size_t kShown = 64;  // bytes of a name repeated in an error

std::string_view find(const mcp::CompletionRequest& request, std::string_view name) {
  for (const auto& [key, value] : request.context) {
    if (key == name) return value;
  }
  return {};
}

void answer(mcp::CompletionReply& reply, std::vector<std::string> values) {
  const std::size_t total = values.size();
  reply.succeed(std::move(values), total);
}

// The caller sees nothing there: the completion is empty, not an error.
bool is_nothing(const kube::Failure& failure) {
  return failure.code == Errc::forbidden || failure.code == Errc::not_found;
}

// 1 list, keeping names  2 sort  3 answer
class ListNames final : public mcp::ToolRun, private kube::ListHandler {
 public:
  ListNames(Context& context, Typed typed, mcp::CompletionReply& reply)
      : context_(context), typed_(std::move(typed)), reply_(reply), list_(context.client, *this) {}

  // `ns` "": list the namespaces themselves.
  void start(std::string_view ns) {
    namespaces_ = ns.empty();
    kube::ListSpec spec;
    spec.resource = namespaces_ ? kube::kNamespaces : kube::kPods;
    spec.ns = ns;
    spec.credentials = credentials_of(reply_.caller());
    list_.start(spec);
  }

 private:
  void on_item(Value object) override {
    const std::string_view name = object["metadata"]["name"].str();
    if (!namespaces_ || context_.filter.allows(name)) typed_.offer(name, values_);
  }
  void on_restart() override { values_.clear(); }
  void on_done(const kube::Failure* failure, std::string_view) override {
    if (failure && !is_nothing(*failure)) {
      return reply_.fail(to_rpc(*failure, namespaces_ ? "list namespaces" : "list pods"));
    }
    if (failure) values_.clear();
    std::sort(values_.begin(), values_.end());
    answer(reply_, std::move(values_));
  }

  Context& context_;
  const Typed typed_;
  mcp::CompletionReply& reply_;
  bool namespaces_ = false;
  std::vector<std::string> values_;
  kube::ListCall list_;
};

class PodContainers final : public mcp::ToolRun {
 public:
  PodContainers(Context& context, Typed typed, mcp::CompletionReply& reply)
      : typed_(std::move(typed)),
        reply_(reply),
        get_(context.client, kube::ApiGet::Fn::bind<&PodContainers::on_pod>(this)) {}

  void start(std::string path) {
    kube::ApiRequest get;
    get.path = std::move(path);
    get.credentials = credentials_of(reply_.caller());
    get_.start(std::move(get));
  }

 private:
  void on_pod(kube::ApiGet::Outcome outcome) {
    if (outcome.failure) {
      if (is_nothing(*outcome.failure)) return answer(reply_, {});
      return reply_.fail(to_rpc(*outcome.failure, "get pod"));
    }
    base::json::Document doc;
    const auto pod = doc.parse(outcome.body);
    if (!pod) return reply_.fail(to_rpc(pod.error()));
    std::vector<std::string> values;
    for (const char* group : {"containers", "initContainers", "ephemeralContainers"}) {
      for (const Value container : (*pod)["spec"][group].array())
        typed_.offer(container["name"].str(), values);
    }
    answer(reply_, std::move(values));
  }

  const Typed typed_;
  mcp::CompletionReply& reply_;
  kube::ApiGet get_;
};

}  // namespace

Typed Typed::last_of(std::string_view list) {
  const std::size_t comma = list.rfind(',');
  const std::size_t at = comma == std::string_view::npos ? 0 : comma + 1;
  return {std::string(list.substr(0, at)), std::string(list.substr(at))};
}

void Typed::offer(std::string_view name, std::vector<std::string>& values) const {
  if (name.empty() || !base::iequals(name.substr(0, start.size()), start)) return;
  values.push_back(std::string(before).append(name));
}

std::unique_ptr<mcp::ToolRun> complete_namespace(Context& context, Typed typed,
                                                 mcp::CompletionReply& reply) {
  auto run = std::make_unique<ListNames>(context, std::move(typed), reply);
  run->start({});
  return run;
}

std::unique_ptr<mcp::ToolRun> complete_pod(Context& context, const mcp::CompletionRequest& chosen,
                                           mcp::CompletionReply& reply) {
  const std::string_view ns = find(chosen, "namespace");
  if (ns.empty() || !context.filter.allows(ns)) {
    answer(reply, {});
    return nullptr;
  }
  auto run = std::make_unique<ListNames>(context, Typed::name(chosen.value), reply);
  run->start(ns);
  return run;
}

std::unique_ptr<mcp::ToolRun> complete_container(Context& context,
                                                 const mcp::CompletionRequest& chosen,
                                                 mcp::CompletionReply& reply) {
  const std::string_view ns = find(chosen, "namespace"), pod = find(chosen, "pod");
  if (ns.empty() || pod.empty() || !context.filter.allows(ns)) {
    answer(reply, {});
    return nullptr;
  }
  auto path = kube::kPods.path(ns, pod);
  if (!path) {
    reply.fail(to_rpc(path.error()));
    return nullptr;
  }
  auto run = std::make_unique<PodContainers>(context, Typed::name(chosen.value), reply);
  run->start(*std::move(path));
  return run;
}

void refuse_argument(const mcp::CompletionRequest& request, std::string_view names,
                     mcp::CompletionReply& reply) {
  reply.fail({mcp::RpcCode::invalid_params,
              "the template has no variable '" + base::printable(request.argument, kShown) +
                  "' (variables: " + std::string(names) + ")",
              {}});
}

}  // namespace cluster
