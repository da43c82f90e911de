#include "cluster/completion.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "cluster/get.h"
#include "cluster/list.h"
#include "cluster/rpc_error.h"

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
class ListNames final : public mcp::ToolRun, private ListHandler {
 public:
  ListNames(Cluster& cluster, Typed typed, mcp::CompletionReply& reply)
      : typed_(std::move(typed)), reply_(reply), list_(cluster, *this) {}

  // `ns` "": of a cluster-scoped kind. False: it is answered, with nothing.
  bool start(Collection what, std::string_view ns) {
    task_ = "list " + what.text();
    ListQuery query{std::move(what), std::string(ns)};
    query.form = ListForm::metadata;
    if (list_.start(reply_.caller(), std::move(query))) return true;
    answer(reply_, {});
    return false;
  }

 private:
  void on_object(Value object) override { typed_.offer(object["metadata"]["name"].str(), values_); }
  void on_restart() override { values_.clear(); }
  void on_done(const kube::Failure* failure) override {
    if (failure && !is_nothing(*failure)) {
      return reply_.fail(to_rpc(*failure, task_));
    }
    if (failure) values_.clear();
    std::sort(values_.begin(), values_.end());
    answer(reply_, std::move(values_));
  }

  const Typed typed_;
  mcp::CompletionReply& reply_;
  std::string task_;
  std::vector<std::string> values_;
  List list_;
};

class PodContainers final : public mcp::ToolRun {
 public:
  PodContainers(Cluster& cluster, Typed typed, mcp::CompletionReply& reply)
      : typed_(std::move(typed)),
        reply_(reply),
        get_(cluster, Get::Fn::bind<&PodContainers::on_pod>(this)) {}

  // False: it is answered.
  bool start(std::string_view ns, std::string_view pod) {
    auto ok = get_.start(reply_.caller(), {kube::kPods, std::string(ns), std::string(pod)});
    if (ok) return true;
    if (ok.error().code() == Errc::forbidden) {
      answer(reply_, {});
    } else {
      reply_.fail(to_rpc(ok.error()));
    }
    return false;
  }

 private:
  void on_pod(const kube::Failure* failure, Value pod) {
    if (failure) {
      if (is_nothing(*failure)) return answer(reply_, {});
      return reply_.fail(to_rpc(*failure, "get pod"));
    }
    std::vector<std::string> values;
    for (const char* group : {"containers", "initContainers", "ephemeralContainers"}) {
      for (const Value container : pod["spec"][group].array())
        typed_.offer(container["name"].str(), values);
    }
    answer(reply_, std::move(values));
  }

  const Typed typed_;
  mcp::CompletionReply& reply_;
  Get get_;
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

std::unique_ptr<mcp::ToolRun> complete_namespace(Cluster& cluster, Typed typed,
                                                 mcp::CompletionReply& reply) {
  auto run = std::make_unique<ListNames>(cluster, std::move(typed), reply);
  if (!run->start(kube::kNamespaces, {})) return nullptr;
  return run;
}

std::unique_ptr<mcp::ToolRun> complete_pod(Cluster& cluster, const mcp::CompletionRequest& chosen,
                                           mcp::CompletionReply& reply) {
  return complete_object(cluster, kube::kPods, chosen, reply);
}

std::unique_ptr<mcp::ToolRun> complete_object(Cluster& cluster, Collection what,
                                              const mcp::CompletionRequest& chosen,
                                              mcp::CompletionReply& reply) {
  const std::string_view ns = find(chosen, "namespace");
  if (ns.empty()) {
    answer(reply, {});
    return nullptr;
  }
  return complete_names(cluster, std::move(what), {std::string(ns), Typed::name(chosen.value)},
                        reply);
}

std::unique_ptr<mcp::ToolRun> complete_names(Cluster& cluster, Collection what, NamesWanted wanted,
                                             mcp::CompletionReply& reply) {
  auto run = std::make_unique<ListNames>(cluster, std::move(wanted.typed), reply);
  if (!run->start(std::move(what), wanted.ns)) return nullptr;
  return run;
}

std::unique_ptr<mcp::ToolRun> complete_container(Cluster& cluster,
                                                 const mcp::CompletionRequest& chosen,
                                                 mcp::CompletionReply& reply) {
  const std::string_view ns = find(chosen, "namespace"), pod = find(chosen, "pod");
  if (ns.empty() || pod.empty()) {
    answer(reply, {});
    return nullptr;
  }
  auto run = std::make_unique<PodContainers>(cluster, Typed::name(chosen.value), reply);
  if (!run->start(ns, pod)) return nullptr;
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
