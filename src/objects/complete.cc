#include "objects/complete.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "cluster/completion.h"
#include "cluster/rpc_error.h"
#include "cluster/served.h"
#include "objects/request.h"

namespace objects {

namespace {

enum class Variable : unsigned char { group, version, resource, ns, name };

std::optional<Variable> variable_of(std::string_view name) {
  constexpr std::pair<std::string_view, Variable> kVariables[] = {{"group", Variable::group},
                                                                  {"version", Variable::version},
                                                                  {"resource", Variable::resource},
                                                                  {"namespace", Variable::ns},
                                                                  {"name", Variable::name}};
  for (const auto& [text, variable] : kVariables) {
    if (text == name) return variable;
  }
  return std::nullopt;
}

std::string_view shown(const std::string& group) {
  return group.empty() ? kCoreGroup : std::string_view(group);
}

// What the catalog answers for the first three; for the others it tells the kind's scope, and a
// list of names follows.
class Completing final : public mcp::ToolRun {
 public:
  Completing(cluster::Cluster& cluster, Variable variable, const mcp::CompletionRequest& request,
             mcp::CompletionReply& reply)
      : cluster_(cluster),
        variable_(variable),
        typed_(cluster::Typed::name(request.value)),
        reply_(reply),
        query_(cluster, kube::CatalogQuery::Fn::bind<&Completing::on_catalog>(this)) {
    for (const auto& [name, value] : request.context) {
      if (const auto chosen = variable_of(name)) chosen_[static_cast<std::size_t>(*chosen)] = value;
    }
    query_.start(cluster::credentials_of(reply.caller()), kube::kDiscoveryTtl);
  }

 private:
  const std::string& chosen(Variable variable) const {
    return chosen_[static_cast<std::size_t>(variable)];
  }
  bool fits(const kube::CatalogEntry& entry, bool with_version) const {
    const std::string& group = chosen(Variable::group);
    const std::string& version = chosen(Variable::version);
    return (group.empty() || shown(entry.group) == group) &&
           (!with_version || version.empty() || entry.version == version);
  }

  void on_catalog(const kube::ApiCatalog* catalog, const kube::Failure* failure) {
    if (failure && failure->code != base::Errc::forbidden)
      return reply_.fail(cluster::to_rpc(*failure, "read what the cluster serves"));
    if (!catalog) return answer({});
    switch (variable_) {
      case Variable::group:
        return answer(groups(*catalog));
      case Variable::version:
        return answer(versions(*catalog));
      case Variable::resource:
        return answer(resources(*catalog));
      case Variable::ns:
      case Variable::name:
        return objects_of(*catalog);
    }
  }

  // Once each, in the order given.
  void answer(const std::vector<std::string>& names) {
    std::vector<std::string> values;
    for (const std::string& each : names) {
      if (std::find(values.begin(), values.end(), each) == values.end()) typed_.offer(each, values);
    }
    const std::size_t total = values.size();
    reply_.succeed(std::move(values), total);
  }

  static std::vector<std::string> groups(const kube::ApiCatalog& catalog) {
    std::vector<std::string> out;
    for (const kube::CatalogEntry& entry : catalog.entries)
      out.emplace_back(shown(entry.group));
    return out;
  }
  std::vector<std::string> versions(const kube::ApiCatalog& catalog) const {
    std::vector<std::string> out;
    for (const kube::CatalogEntry& entry : catalog.entries) {
      if (fits(entry, false)) out.push_back(entry.version);
    }
    return out;
  }
  std::vector<std::string> resources(const kube::ApiCatalog& catalog) const {
    std::vector<std::string> out;
    for (const kube::CatalogEntry& entry : catalog.entries) {
      if (!fits(entry, true)) continue;
      for (const kube::ServedResource& each : entry.resources) {
        if (each.can("list")) out.push_back(each.plural);
      }
    }
    std::sort(out.begin(), out.end());
    return out;
  }

  void objects_of(const kube::ApiCatalog& catalog) {
    const kube::CatalogEntry* where = nullptr;
    const kube::ServedResource* kind = nullptr;
    for (const kube::CatalogEntry& entry : catalog.entries) {
      const kube::ServedResource* each =
          fits(entry, true) ? entry.find(chosen(Variable::resource)) : nullptr;
      if (!each || kind) continue;
      where = &entry;
      kind = each;
    }
    if (variable_ == Variable::ns) {
      if (kind && !kind->namespaced) return answer({std::string(kNoNamespace)});
      next_ = cluster::complete_namespace(cluster_, typed_, reply_);
      return;
    }
    if (!kind) return answer({});
    const std::string& ns = chosen(Variable::ns);
    if (kind->namespaced && (ns.empty() || ns == kNoNamespace)) return answer({});
    next_ = cluster::complete_names(
        cluster_, kube::Resource{where->group, where->version, kind->plural, kind->namespaced},
        {kind->namespaced ? ns : std::string(), typed_}, reply_);
  }

  cluster::Cluster& cluster_;
  const Variable variable_;
  const cluster::Typed typed_;
  mcp::CompletionReply& reply_;
  std::string chosen_[5];
  cluster::CatalogQuery query_;
  std::unique_ptr<mcp::ToolRun> next_;
};

}  // namespace

std::unique_ptr<mcp::ToolRun> complete_variable(cluster::Cluster& cluster,
                                                const mcp::CompletionRequest& request,
                                                mcp::CompletionReply& reply) {
  const auto variable = variable_of(request.argument);
  if (!variable) {
    cluster::refuse_argument(request, "group, version, resource, namespace, name", reply);
    return nullptr;
  }
  return std::make_unique<Completing>(cluster, *variable, request, reply);
}

}  // namespace objects
