#include "deploy/credential_planner.h"

#include <string>
#include <utility>

#include "base/text.h"
#include "cluster/get.h"
#include "cluster/nearest_names.h"
#include "cluster/refusal.h"
#include "deploy/present_planner.h"
#include "kinds/table.h"
#include "objects/kind_query.h"

namespace deploy {

using base::json::Value;
using base::json::Writer;

namespace {

// The identity's kind, whether it exists (its metadata alone is read), and the Credential for it.
class CredentialPlanner final : public change::Planner {
 public:
  CredentialPlanner(change::Context& context, Arguments arguments)
      : arguments_(std::move(arguments)),
        ns_(arguments_.ns.empty() ? context.cluster.system_namespace : arguments_.ns),
        query_(context.cluster, objects::KindQuery::Fn::bind<&CredentialPlanner::on_kind>(this)),
        get_(context.cluster, cluster::Get::Fn::bind<&CredentialPlanner::on_identity>(this)),
        nearest_(context.cluster,
                 cluster::NearestNames::Fn::bind<&CredentialPlanner::on_nearest>(this)) {}

  void start(const mcp::Caller& caller, Fn fn) override {
    caller_ = caller;
    fn_ = fn;
    query_.start(caller, arguments_.identity_kind);
  }

 private:
  void fail(std::string what) { fn_(change::wrong(std::move(what))); }

  void on_kind(const cluster::NamedKind* kind, const std::string& error) {
    if (!kind) return fail("'identityKind': " + error);
    const bool namespaced = kind->resource.namespaced;
    if (!namespaced && !arguments_.identity_ns.empty())
      return fail(kind->text() + " are not in namespaces: leave out 'identityNamespace'");
    kind_ = kind->resource.kind;
    api_ = kind->group.empty() ? kind->version : kind->group + "/" + kind->version;
    identity_ns_ = !namespaced                      ? std::string()
                   : arguments_.identity_ns.empty() ? ns_
                                                    : arguments_.identity_ns;
    what_ = cluster::Collection(
        kube::Resource{kind->group, kind->version, kind->resource.plural, namespaced});
    cluster::GetQuery query{what_, identity_ns_, arguments_.identity_name, cluster::Form::metadata};
    if (auto ok = get_.start(caller_, std::move(query)); !ok) fail(ok.error().what());
  }

  void on_identity(const kube::Failure* failure, Value) {
    if (failure && failure->says(404))
      return nearest_.start(caller_, what_, identity_ns_, arguments_.identity_name);
    if (failure)
      return fail(
          cluster::failure_text({"get", what_, identity_ns_, arguments_.identity_name}, *failure));
    change::Plan plan;
    change::Step step;
    step.verb = change::Verb::create;
    step.what = kinds::get("Credential");
    step.kind = "Credential";
    step.ns = ns_;
    step.name = arguments_.name;
    Writer w(step.body);
    w.begin_object().key("spec").begin_object();
    w.field_if("description", arguments_.description);
    w.key("identityRef").begin_object().field("apiVersion", api_).field("kind", kind_);
    w.field("name", arguments_.identity_name).field_if("namespace", identity_ns_).end_object();
    w.end_object().end_object();
    plan.members = {{"name", quoted(arguments_.name)}, {"namespace", quoted(ns_)}};
    plan.notes.emplace_back(
        "k0rdent checks that the identity exists, not that its secret works: "
        "credentials.describe says whether it is ready");
    plan.steps.push_back(std::move(step));
    fn_(std::move(plan));
  }

  void on_nearest(const std::vector<std::string>& names) {
    fail("no " + kind_ + " " + (identity_ns_.empty() ? "" : identity_ns_ + "/") +
         arguments_.identity_name + cluster::nearest_text(names) +
         "; make it first: secrets are never given to this server");
  }

  const Arguments arguments_;
  const std::string ns_;
  mcp::Caller caller_;
  Fn fn_;
  std::string kind_, api_, identity_ns_;
  cluster::Collection what_;
  objects::KindQuery query_;
  cluster::Get get_;
  cluster::NearestNames nearest_;
};

}  // namespace

PlannerResult plan_credential(change::Context& context, Arguments arguments) {
  return std::unique_ptr<change::Planner>(
      std::make_unique<CredentialPlanner>(context, std::move(arguments)));
}

}  // namespace deploy
