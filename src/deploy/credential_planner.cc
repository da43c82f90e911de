#include "deploy/credential_planner.h"

#include <optional>
#include <string>
#include <utility>

#include "base/text.h"
#include "cluster/gather.h"
#include "cluster/kind_query.h"
#include "cluster/nearest_names.h"
#include "deploy/identity_kinds.h"
#include "deploy/identity_look.h"
#include "deploy/present_planner.h"
#include "kinds/table.h"

namespace deploy {

using base::json::Value;
using base::json::Writer;
using cluster::Part;

namespace {

class CredentialPlanner final : public change::Planner {
 public:
  CredentialPlanner(change::Context& context, Arguments arguments)
      : cluster_(context.cluster),
        arguments_(std::move(arguments)),
        ns_(arguments_.ns.empty() ? context.cluster.system_namespace : arguments_.ns),
        query_(context.cluster, cluster::KindQuery::Fn::bind<&CredentialPlanner::on_kind>(this)),
        nearest_(context.cluster,
                 cluster::NearestNames::Fn::bind<&CredentialPlanner::on_nearest>(this)) {}

  void start(const mcp::Caller& caller, Fn fn) override {
    caller_ = caller;
    fn_ = fn;
    query_.start(caller, arguments_.identity_kind);
  }

 private:
  void fail(std::string what) { fn_(change::wrong(std::move(what))); }

  void on_kind(const cluster::KindAnswer& answer) {
    const cluster::NamedKind* const kind = answer.kind;
    if (!kind) return fail("'identityKind': " + answer.error);
    const bool namespaced = kind->resource.namespaced;
    if (!namespaced && !arguments_.identity_ns.empty())
      return fail(kind->text() + " are not in namespaces: leave out 'identityNamespace'");
    kind_ = kind->resource.kind;
    group_ = kind->group;
    api_ = kind->group.empty() ? kind->version : kind->group + "/" + kind->version;
    identity_ns_ = !namespaced                      ? std::string()
                   : arguments_.identity_ns.empty() ? ns_
                                                    : arguments_.identity_ns;
    what_ = cluster::Collection(
        kube::Resource{kind->group, kind->version, kind->resource.plural, namespaced});
    parts_ = {arguments_.secret_name,
              identity_ns_.empty() ? cluster_.system_namespace : identity_ns_, arguments_.tenant_id,
              arguments_.client_id};
    gather();
  }

  // It reads the metadata of a Secret alone.
  void gather() {
    look_ = {};
    looked_ = false;
    gather_.emplace(cluster_, caller_,
                    cluster::Gather::Fn::bind<&CredentialPlanner::on_gathered>(this));
    using Need = Part::Need;
    const auto form = kind_ == "Secret" ? cluster::Form::metadata : cluster::Form::whole;
    present_ = &gather_->get("Credential", {kinds::get("Credential"), ns_, arguments_.name},
                             Need::optional);
    identity_ =
        &gather_->get(kind_, {what_, identity_ns_, arguments_.identity_name, form}, Need::optional);
    interfaces_ =
        &gather_->list("ProviderInterfaces", {kinds::get("ProviderInterface"), {}}, Need::optional);
    secret_ = nullptr;
    if (arguments_.secret_name.empty()) return;
    secret_ = &gather_->get(
        "Secret",
        {kinds::get("Secret"), parts_.secret_ns, arguments_.secret_name, cluster::Form::metadata},
        Need::optional);
  }

  void on_gathered() {
    if (!is_identity(group_, kind_, interfaces_->objects()))
      return fail("'identityKind': " + kind_ +
                  " is no identity of a provider; there are: " + identity_kinds_text());
    for (const Part* each : {present_, identity_})
      if (each->failure() && !each->absent()) return fail(each->failure_text());
    if (const Value present = present_->object()) return repeat(present);
    change::Plan plan = empty_plan();
    if (!identity_->object() && arguments_.secret_name.empty())
      return nearest_.start(caller_, what_, identity_ns_, arguments_.identity_name);
    if (std::string problem = secret_problem(); !problem.empty()) return fail(std::move(problem));
    if (!std::exchange(looked_, true) && look_at_secret()) return;
    if (!identity_->object()) {
      plan.steps.push_back(identity_step());
      if (const auto warning = secret_warning(kind_); !warning.empty())
        plan.notes.emplace_back(warning);
    }
    plan.steps.push_back(credential_step());
    plan.consequences = plan.bound = look_.problems();
    if (std::string unread = look_.unread_text(); !unread.empty())
      plan.notes.push_back(std::move(unread));
    plan.notes.emplace_back(
        "k0rdent checks only that the identity exists: it says \"ready\" also if the provider cannot "
        "log in with it");
    fn_(std::move(plan));
  }

  // Looks at the Secret of the identity as it is, or as it is made.
  bool look_at_secret() {
    if (const Value identity = identity_->object()) return look_.ask_secret(*gather_, identity);
    base::json::Document doc;
    const std::string body = identity_body(kind_, parts_);
    const std::string whole =
        R"({"kind":)" + quoted(kind_) + "," +
        (identity_ns_.empty() ? "" : R"("metadata":{"namespace":)" + quoted(identity_ns_) + "},") +
        body.substr(1);
    return look_.ask_secret(*gather_, *doc.parse(whole));
  }

  change::Plan empty_plan() const {
    change::Plan plan;
    plan.members = {{"name", quoted(arguments_.name)}, {"namespace", quoted(ns_)}};
    return plan;
  }

  std::string secret_problem() const {
    if (!secret_) return {};
    if (std::string lacks = missing_part(kind_, parts_); !lacks.empty())
      return "'secretName': " + lacks;
    if (const Value identity = identity_->object()) {
      const std::string_view has = secret_of(kind_, identity);
      if (has == arguments_.secret_name) return {};
      return kind_ + " " + arguments_.identity_name + " is there already, with Secret " +
             base::printable(has, 128) + ": leave out 'secretName', or give another 'identityName'";
    }
    if (secret_->absent())
      return "no Secret " + parts_.secret_ns + "/" + arguments_.secret_name +
             ", where the provider looks for it: make it first; secrets are never given to this "
             "server";
    return secret_->failure() ? secret_->failure_text() : std::string();
  }

  // The call was made before, or the name is taken.
  void repeat(Value present) {
    const Value ref = present["spec"]["identityRef"];
    const bool described = arguments_.description.empty() ||
                           present["spec"]["description"].str() == arguments_.description;
    const std::string_view api = ref["apiVersion"].str();
    const std::string_view group = api.find('/') == api.npos ? "" : api.substr(0, api.find('/'));
    const bool same = ref["kind"].str() == kind_ && group == group_ &&
                      ref["name"].str() == arguments_.identity_name &&
                      ref["namespace"].str() == identity_ns_ && described;
    const std::string what = "Credential " + ns_ + "/" + arguments_.name;
    if (!same)
      return fail(what + " is there already, for " + std::string(ref["kind"].str()) + " " +
                  base::printable(ref["name"].str(), 128) +
                  (described ? "" : " or with another description") +
                  ", nothing was written: choose another name; clusters use a Credential by name, "
                  "so to change it look first at who uses it (credentials.describe)");
    change::Plan plan = empty_plan();
    plan.status = "unchanged";
    plan.notes.push_back(
        what + " is there already, for this identity" +
        (present["status"]["ready"].bool_or(false) ? ", and ready" : ", and not ready yet"));
    fn_(std::move(plan));
  }

  change::Step identity_step() const {
    change::Step step;
    step.verb = change::Verb::create;
    step.what = what_;
    step.kind = kind_;
    step.ns = identity_ns_;
    step.name = arguments_.identity_name;
    step.body = identity_body(kind_, parts_);
    return step;
  }

  change::Step credential_step() const {
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
    return step;
  }

  void on_nearest(const std::vector<std::string>& names) {
    fail("no " + kind_ + " " + (identity_ns_.empty() ? "" : identity_ns_ + "/") +
         arguments_.identity_name + cluster::nearest_text(names) +
         (has_secret(kind_) ? "; give 'secretName', a Secret that exists, to make it"
                            : "; make it first: secrets are never given to this server"));
  }

  cluster::Cluster& cluster_;
  const Arguments arguments_;
  const std::string ns_;
  mcp::Caller caller_;
  Fn fn_;
  std::string kind_, group_, api_, identity_ns_;
  IdentityParts parts_;
  cluster::Collection what_;
  cluster::KindQuery query_;
  std::optional<cluster::Gather> gather_;
  Part* present_ = nullptr;
  Part* identity_ = nullptr;
  Part* interfaces_ = nullptr;
  Part* secret_ = nullptr;
  IdentityLook look_;
  bool looked_ = false;
  cluster::NearestNames nearest_;
};

}  // namespace

PlannerResult plan_credential(change::Context& context, Arguments arguments) {
  if (arguments.secret_name.empty() &&
      !(arguments.tenant_id.empty() && arguments.client_id.empty()))
    return change::wrong("'tenantID' and 'clientID' go with 'secretName', to make an identity");
  return std::unique_ptr<change::Planner>(
      std::make_unique<CredentialPlanner>(context, std::move(arguments)));
}

}  // namespace deploy
