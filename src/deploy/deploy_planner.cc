#include "deploy/deploy_planner.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "answer/path.h"
#include "base/text.h"
#include "base/time.h"
#include "change/clean.h"
#include "change/diff.h"
#include "cluster/gather.h"
#include "cluster/template_name.h"
#include "deploy/config_check.h"
#include "deploy/identity_kinds.h"
#include "deploy/identity_look.h"
#include "deploy/present_planner.h"
#include "deploy/searched.h"
#include "deploy/services_by_labels.h"
#include "deploy/template_choice.h"
#include "describe/needed_values.h"
#include "kinds/credential_provider.h"
#include "kinds/table.h"

namespace deploy {

using base::json::Type;
using base::json::Value;
using base::json::Writer;
using change::wrong;

namespace {

// The controller cuts the name of the Cluster at 63, and then finds it no more by its name.
constexpr std::size_t kNameBytes = 63;

struct IsTemplate {
  Wanted wanted;
  bool operator()(Value object) const { return is_wanted(object, wanted); }
};
struct IsNamed {
  std::string name;
  bool operator()(Value object) const { return object["metadata"]["name"].str() == name; }
};

class DeployPlanner final : public change::Planner {
 public:
  DeployPlanner(change::Context& context, Arguments arguments)
      : context_(context), cluster_(context.cluster), arguments_(std::move(arguments)) {
    if (arguments_.ns.empty()) arguments_.ns = cluster_.system_namespace;
  }

  void start(const mcp::Caller& caller, Fn fn) override {
    fn_ = fn;
    schema_map_ = nullptr;
    chosen_ = {};
    round_ = 0;
    gather_.emplace(cluster_, caller, cluster::Gather::Fn::bind<&DeployPlanner::on_gathered>(this));
    using Need = cluster::Part::Need;
    const std::string& ns = arguments_.ns;
    templates_ =
        &gather_->list("cluster templates", {kinds::get("ClusterTemplate"), ns}, Need::noted,
                       &all_templates_.emplace(cluster_, IsTemplate{wanted()}));
    credentials_ =
        &gather_->list("credentials", {kinds::get("Credential"), ns}, Need::noted,
                       &all_credentials_.emplace(cluster_, IsNamed{arguments_.credential}));
    present_ =
        &gather_->get("cluster deployment", {kinds::get("ClusterDeployment"), ns, arguments_.name},
                      Need::optional);
    release_ = &gather_->get("HelmRelease", {kinds::get("HelmRelease"), ns, arguments_.name},
                             Need::optional);
    management_ = &gather_->list("Management", {kinds::get("Management"), {}}, Need::optional);
    interfaces_ =
        &gather_->list("ProviderInterfaces", {kinds::get("ProviderInterface"), {}}, Need::optional);
    services_part_ = &gather_->list("MultiClusterServices", {kinds::get("MultiClusterService"), {}},
                                    Need::optional, &services_.emplace(cluster_));
  }

 private:
  void fail(std::string what) { fn_(wrong(std::move(what))); }

  void on_gathered() {
    if (chosen_) return look_.ask(*gather_, credential(), ++round_) ? void() : finish();
    for (const cluster::Part* each : {templates_, credentials_})
      if (each->failure()) return fail(each->failure_text());
    const bool named = !arguments_.template_name.empty();
    if (const Value present = present_->object(); present && named) return repeat(present);
    auto chosen = choose_template(all_templates_->objects(), wanted(), arguments_.ns);
    if (!chosen) return fail(chosen.error().what());
    chosen_ = *chosen;
    const bool looks = look_.ask(*gather_, credential(), round_);
    const std::string_view map = chosen_["status"]["schemaConfigMapName"].str();
    if (map.empty()) return looks ? void() : finish();
    schema_map_ = &gather_->get("the chart's schema",
                                {kinds::get("ConfigMap"), arguments_.ns, std::string(map)},
                                cluster::Part::Need::optional);
  }

  void finish() {
    change::Plan plan;
    if (const Value present = present_->object()) return repeat(present);
    std::string problem = name_problem();
    if (problem.empty()) problem = credential_problem();
    if (problem.empty()) problem = config_problem(plan);
    if (!problem.empty()) return fail(std::move(problem));
    const std::string template_name = chosen_name();
    change::Step step;
    step.verb = change::Verb::create;
    step.what = kinds::get("ClusterDeployment");
    step.kind = "ClusterDeployment";
    step.ns = arguments_.ns;
    step.name = arguments_.name;
    step.body = body(template_name);
    plan.weight = change::Weight::costly;
    plan.consequences.push_back("A new cluster is made at the provider, which costs money.");
    base::json::Document doc;
    const std::string cluster = step.ns + "/" + step.name;
    plan.bound = services_by_labels({cluster, {}, (*doc.parse(step.body))["metadata"]["labels"]},
                                    *services_part_, *services_);
    for (std::string& each : look_.problems())
      plan.bound.push_back(std::move(each));
    for (const std::string& each : plan.bound)
      plan.consequences.push_back(each);
    plan.notes.push_back("template " + template_name + " (version " + version_of(chosen_) + ")");
    for (const std::string& note : gather_->notes())
      plan.notes.push_back(note);
    plan.steps.push_back(std::move(step));
    done(std::move(plan));
  }

  void done(change::Plan plan) {
    plan.members = {{"name", quoted(arguments_.name)},
                    {"namespace", quoted(arguments_.ns)},
                    {"template", quoted(chosen_name())}};
    auto wait = wait_of(context_, arguments_, change::ClusterWaits::Until::ready);
    if (!wait) return fail(wait.error().what());
    plan.wait = *std::move(wait);
    if (!plan.wait && !plan.steps.empty()) plan.notes.emplace_back(kUnwaited);
    fn_(std::move(plan));
  }

  std::string chosen_name() const {
    return chosen_ ? std::string(chosen_["metadata"]["name"].str()) : arguments_.template_name;
  }

  // The call was made before: what was asked for is there, and is waited for if `wait` says so.
  // Anything else is never deployed over it.
  void repeat(Value present) {
    const std::string what = "ClusterDeployment " + arguments_.ns + "/" + arguments_.name;
    const std::vector<std::string> others = differences(present);
    if (!others.empty())
      return fail(what + " is there already with another " + base::join(others, ", ") +
                  ", nothing was written: change it with clusterDeployments.update (config) or "
                  "upgrade (template), or choose another name");
    if (present["metadata"]["deletionTimestamp"])
      return fail(what +
                  " is there already and is being deleted, nothing was written: choose "
                  "another name, or wait until it is gone");
    change::Plan plan;
    plan.status = "unchanged";
    plan.notes.push_back(what + " is there already, as it is asked for");
    done(std::move(plan));
  }

  std::vector<std::string> differences(Value present) const {
    std::vector<std::string> out;
    const Value spec = present["spec"];
    if (spec["template"].str() != chosen_name())
      out.push_back("template (" + std::string(spec["template"].str()) + ")");
    if (spec["credential"].str() != arguments_.credential)
      out.push_back("credential (" + std::string(spec["credential"].str()) + ")");
    // Its object was cleaned of secrets when it was read: so is the wish, for the comparison.
    std::string wish = R"({"spec":{"config":)" +
                       (arguments_.config.text.empty() ? "{}" : arguments_.config.text) + "}}";
    cluster::clean(cluster_, wish);
    base::json::Document doc;
    const auto wanted = doc.parse(wish);
    const change::Diff all = change::diff({present, wanted ? *wanted : Value()}, {}, {});
    constexpr std::size_t kShown = 5;
    for (const change::Change& each : all.changes) {
      // What it has beside that may be k0rdent's own, as addresses of an IPAM.
      if (each.kind == change::Change::Kind::removed || !each.path.starts_with(".spec.config"))
        continue;
      if (out.size() > kShown) break;
      out.push_back(each.path.substr(std::string_view(".spec.").size()));
    }
    for (const auto& [key, value] : arguments_.labels)
      if (present["metadata"]["labels"][key].str() != value) out.push_back("label " + key);
    return out;
  }

  // Components of k0rdent and clusters share the names of HelmReleases in k0rdent's namespace: a
  // component of the same name would tear the cluster down.
  std::string name_problem() const {
    const std::string& name = arguments_.name;
    // A kind that is not served has no object of that name.
    for (const cluster::Part* each : {present_, release_, management_})
      if (each->failure() && !each->absent() && each->failure()->code != base::Errc::not_found)
        return "whether the name is free cannot be seen: " + each->failure_text();
    if (name.size() > kNameBytes)
      return "'name' is longer than 63 characters: k0rdent would not find the cluster again";
    if (arguments_.ns == cluster_.system_namespace) {
      for (const Value each : management_->objects().array())
        if (each["status"]["components"][name])
          return "'" + name +
                 "' is the name of a component of k0rdent's Management: the cluster "
                 "would be torn down with it; choose another name";
    }
    if (release_->object())
      return "a HelmRelease " + arguments_.ns + "/" + name +
             " is there already, and the cluster's would have its name: choose another name";
    return {};
  }

  Wanted wanted() const { return {arguments_.template_name, arguments_.provider, arguments_.kind}; }

  Value credential() {
    for (const Value each : all_credentials_->objects().array())
      if (each["metadata"]["name"].str() == arguments_.credential) return each;
    return {};
  }

  std::string credential_problem() {
    std::vector<std::string_view> names;
    for (const Value each : all_credentials_->objects().array()) {
      const std::string_view name = each["metadata"]["name"].str();
      names.push_back(name);
      if (name != arguments_.credential) continue;
      if (!each["status"]["ready"].bool_or(false)) {
        const std::string why =
            base::printable(answer::condition_of(each, "CredentialReady")["message"].str(), 400);
        return "Credential " + arguments_.credential + " is not ready" +
               (why.empty() ? "" : ": " + why);
      }
      return provider_problem(each);
    }
    const std::string_view near = base::nearest(arguments_.credential, names);
    return "no Credential " + base::printable(arguments_.credential, 128) + " in namespace " +
           arguments_.ns +
           (near.empty() ? "; a credential can only be used from its own namespace"
                         : "; did you mean " + std::string(near) + "?");
  }

  // By the names of kind and template, and then by what the template's provider takes.
  std::string provider_problem(Value credential) const {
    const std::string_view has = kinds::credential_provider(credential);
    std::string_view wants = cluster::provider_in_name(chosen_["metadata"]["name"].str());
    if (has.empty() || wants.empty() || has == wants)
      return identity_problem(credential, chosen_, interfaces_->objects());
    return "Credential " + arguments_.credential + " is for " + std::string(has) +
           ", but template " + std::string(chosen_["metadata"]["name"].str()) + " is for " +
           std::string(wants);
  }

  std::string config_problem(change::Plan& plan) const {
    base::json::Document doc, schema_doc;
    const auto config = doc.parse(arguments_.config.text.empty() ? "{}" : arguments_.config.text);
    if (!config || !config->is(Type::object)) return "'config' must be an object";
    const std::string_view text = schema_map_ ? schema_map_->object()["data"]["schema"].str() : "";
    const auto schema = schema_doc.parse(text);
    const Value defaults = chosen_["status"]["config"];
    if (text.empty() && !defaults)
      plan.notes.emplace_back("the template says nothing about its values: config is not checked");
    const std::vector<Problem> problems =
        check_config(!text.empty() && schema ? *schema : Value(), defaults,
                     describe::needed_values(chosen_["metadata"]["name"].str()), *config);
    if (problems.empty()) return {};
    return "'config' does not fit template " + std::string(chosen_["metadata"]["name"].str()) +
           " (clusterTemplates.describe says what it takes):" + to_text(problems);
  }

  // `config` is always sent: absent is not the same as {}.
  std::string body(const std::string& template_name) const {
    std::string out;
    Writer w(out);
    w.begin_object();
    if (!arguments_.labels.empty()) {
      w.key("metadata").begin_object().key("labels").begin_object();
      for (const auto& [key, value] : arguments_.labels)
        w.field(key, value);
      w.end_object().end_object();
    }
    w.key("spec").begin_object();
    w.field("template", template_name).field("credential", arguments_.credential);
    w.key("config").raw(arguments_.config.text.empty() ? "{}" : arguments_.config.text);
    w.end_object().end_object();
    return out;
  }

  change::Context& context_;
  cluster::Cluster& cluster_;
  Arguments arguments_;
  Fn fn_;
  std::optional<Selectors> services_;
  std::optional<Searched<IsTemplate>> all_templates_;
  std::optional<Searched<IsNamed>> all_credentials_;
  std::optional<cluster::Gather> gather_;
  cluster::Part* templates_ = nullptr;
  cluster::Part* credentials_ = nullptr;
  cluster::Part* interfaces_ = nullptr;
  cluster::Part* services_part_ = nullptr;
  cluster::Part* present_ = nullptr;
  cluster::Part* release_ = nullptr;
  cluster::Part* management_ = nullptr;
  cluster::Part* schema_map_ = nullptr;
  Value chosen_;
  IdentityLook look_;
  int round_ = 0;
};

// "ns/name", as the original took it, if it is the deployment's own namespace.
base::Result<void> own_namespace(std::string_view argument, std::string& name,
                                 const std::string& ns) {
  const std::size_t slash = name.find('/');
  if (slash == std::string::npos) return {};
  if (name.substr(0, slash) != ns)
    return wrong("'" + std::string(argument) + "' must be in the deployment's own namespace " + ns +
                 ", got " + base::printable(name, 128));
  name.erase(0, slash + 1);
  return {};
}

}  // namespace

base::Result<std::unique_ptr<change::Wait>> wait_of(change::Context& context,
                                                    const Arguments& arguments,
                                                    change::ClusterWaits::Until until) {
  std::unique_ptr<change::Wait> none;
  const auto limit = base::parse_duration(arguments.wait_timeout);
  if (!limit || *limit <= base::Duration::zero())
    return wrong("the time limit of the wait must be a duration like 30m, got " +
                 base::printable(arguments.wait_timeout, 64));
  if (!arguments.poll_interval.empty()) {
    const auto every = base::parse_duration(arguments.poll_interval);
    if (!every || *every <= base::Duration::zero())
      return wrong("'pollInterval' must be a duration like 60s, got " +
                   base::printable(arguments.poll_interval, 64));
  }
  if (!arguments.wait || !context.waits) return none;
  const std::string& ns = arguments.ns.empty() ? context.cluster.system_namespace : arguments.ns;
  return context.waits->make(until, ns, arguments.name, *limit);
}

PlannerResult plan_deploy(change::Context& context, Arguments arguments) {
  const std::string ns = arguments.ns.empty() ? context.cluster.system_namespace : arguments.ns;
  if (arguments.template_name.empty() == arguments.provider.empty())
    return wrong("give either 'template', or 'provider' (and 'kind') for its newest valid one");
  if (auto ok = own_namespace("template", arguments.template_name, ns); !ok)
    return std::move(ok).error();
  if (auto ok = own_namespace("credential", arguments.credential, ns); !ok)
    return std::move(ok).error();
  if (!arguments.config.text.empty()) {
    base::json::Document doc;
    const auto config = doc.parse(arguments.config.text);
    if (!config || !config->is(Type::object)) return wrong("'config' must be an object");
    auto wish = change::clean_wish(*config);  // only for the masks
    if (!wish) return std::move(wish).error().within("'config'");
  }
  return std::unique_ptr<change::Planner>(
      std::make_unique<DeployPlanner>(context, std::move(arguments)));
}

}  // namespace deploy
