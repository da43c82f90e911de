#include "deployments/sections.h"

#include "answer/age.h"
#include "answer/members.h"
#include "answer/path.h"
#include "cluster/template_name.h"
#include "deployments/cluster_phase.h"
#include "deployments/rows.h"
#include "kinds/state.h"

namespace deployments {

using answer::Report;
using answer::Weight;
using base::WallTime;
using base::json::Value;
using base::json::Writer;

namespace {

// "aws-standalone-cp-1-0-43 (does not exist)".
std::string with(std::string_view name, std::string_view more) {
  std::string out(name);
  if (!more.empty()) out.append(" (").append(more).append(")");
  return out;
}

std::string template_json(const Joined& joined, std::string_view name) {
  const Value found = joined.cluster_template(), status = found["status"];
  std::string out;
  Writer w(out);
  w.begin_object().field("name", name).field_if("version", cluster::version_in_name(name));
  if (joined.template_absent()) w.field("exists", false);
  if (const auto valid = status["valid"].as_bool()) w.field("valid", *valid);
  w.field_if("validationError",
             answer::cut_text(status["validationError"].str(), answer::kMessageBytes));
  w.field_if("chartVersion", status["chartVersion"].str());
  w.field_if("description", answer::cut_text(status["description"].str(), answer::kMessageBytes));
  if (const Value providers = status["providers"]; providers.size() > 0)
    w.key("providers").raw(providers.to_json());
  w.end_object();
  return out;
}

std::string credential_json(const Joined& joined, std::string_view name) {
  const Value found = joined.credential(), status = found["status"];
  const Value ready = answer::condition_of(found, "CredentialReady");
  const Value identity = found["spec"]["identityRef"];
  std::string out;
  Writer w(out);
  w.begin_object().field("name", name);
  if (joined.credential_absent()) w.field("exists", false);
  if (const auto is = status["ready"].as_bool()) w.field("ready", *is);
  if (!status["ready"].bool_or(true))
    w.field_if("message", answer::cut_text(ready["message"].str(), answer::kMessageBytes));
  if (!identity["name"].str().empty()) {
    w.key("identity").begin_object().field_if("kind", identity["kind"].str());
    w.field("name", identity["name"].str());
    w.field_if("namespace", identity["namespace"].str()).end_object();
  }
  w.field_if("region", found["spec"]["region"].str()).end_object();
  return out;
}

}  // namespace

Weight weight_of(Value condition, WallTime now) {
  const std::string_view type = condition["type"].str(), status = condition["status"].str();
  if (status != "False") return answer::weight_of(condition, now);
  if (type == "Ready")
    return condition["reason"].str() == "Failed" ? Weight::failure : Weight::warning;
  if (type == "ServicesInReadyState") return Weight::warning;
  if (type != "CAPIClusterSummary") return answer::weight_of(condition, now);
  const auto since = base::parse_rfc3339(condition["lastTransitionTime"].str());
  const bool long_ago = since && base::Duration(now.ns - since->ns) > kClusterPatience;
  return long_ago ? Weight::failure : Weight::warning;
}

State shown_state(const Joined& joined, WallTime now) {
  const Value deployment = joined.deployment();
  const bool by_sveltos = joined.sveltos() || provider_of(deployment) == "adopted";
  if (joined.capi() || !by_sveltos) return own_state(deployment);
  return state_with(deployment, joined.sveltos(), joined.sveltos_known(), now);
}

void add_identity(Report& report, const Joined& joined, const State& state) {
  const Value metadata = joined.deployment()["metadata"];
  report.text("name", "Name", metadata["name"].str());
  report.text("namespace", "Namespace", metadata["namespace"].str());
  const std::string message = answer::cut_text(state.message, 300);
  report.line("State", state.word + (message.empty() ? "" : ": " + message));
  report.text("deletionTimestamp", "Deleting", metadata["deletionTimestamp"].str());
}

void add_summary(Report& report, const Joined& joined, const State& state, WallTime now) {
  const Value deployment = joined.deployment();
  const Value spec = deployment["spec"], status = deployment["status"];
  for (const answer::RowMember& each : kRowMembers) {
    if (each.name == "conditions") continue;
    std::string json;
    if (each.name == "ready") {
      json = state.ready ? "true" : "false";
    } else if (each.name == "phase") {
      answer::append_text(json, state.word);
    } else if (each.name == "message") {
      answer::append_text(json, answer::cut_text(state.message, answer::kMessageBytes));
    } else {
      json = answer::member_json(each, deployment, now);
    }
    // What an operator writes may be large.
    if (each.name == "labels" || each.name == "serviceTemplates") {
      report.member(each.name, json);
    } else {
      report.required(each.name, json);
    }
  }
  report.line("Provider", provider_of(deployment));
  report.line("Region", region_of(deployment));
  report.text("k0rdentRegion", "In Region", status["region"].str());
  report.line("Kubernetes", status["k8sVersion"].str());
  report.line("Age", answer::age_of(deployment["metadata"]["creationTimestamp"].str(), now));
  if (spec["dryRun"].bool_or(false)) report.line("Dry run", "yes: only validated, nothing is made");
  const auto generation = deployment["metadata"]["generation"].as_int();
  const auto observed = status["observedGeneration"].as_int();
  if (generation && kinds::is_outdated_deployment(deployment)) {
    report.number("generation", *generation);
    if (observed) report.number("observedGeneration", *observed);
    report.line("Outdated", outdated_text(deployment));
  }
  add_upgrades(report, joined);
  for (const std::string_view each : {"clusterAuth", "auditPolicy", "dataSource"})
    report.text(each, {}, spec[each].str());
  report.text("ipamClaim", {}, spec["ipamClaim"]["ref"].str());
}

void add_upgrades(Report& report, const Joined& joined) {
  std::string shown, json;
  Writer w(json);
  w.begin_array();
  std::size_t place = 0;
  for (const Value each : joined.deployment()["status"]["availableUpgrades"].array()) {
    const std::string problem = joined.upgrade_problem(place++);
    shown.append(shown.empty() ? "" : ", ").append(with(each.str(), problem));
    if (problem.empty()) continue;
    w.begin_object().field("name", each.str()).field("message", problem).end_object();
  }
  w.end_array();
  report.line("Upgrades", answer::cut_text(shown, 400));
  if (json.size() > 2) report.member("upgradesNotValid", json);
}

void add_references(Report& report, const Joined& joined) {
  const Value spec = joined.deployment()["spec"];
  const std::string_view of_template = spec["template"].str();
  const std::string_view credential = spec["credential"].str();
  if (!of_template.empty()) {
    report.required("template", template_json(joined, of_template));
    const Value valid = joined.cluster_template()["status"]["valid"];
    report.line("Template", with(of_template, joined.template_absent() ? "does not exist"
                                              : !valid.is(base::json::Type::boolean) ? ""
                                              : valid.bool_or(false)                 ? "valid"
                                                                     : "not valid"));
  }
  if (!credential.empty()) {
    report.required("credential", credential_json(joined, credential));
    const Value ready = joined.credential()["status"]["ready"];
    report.line("Credential", with(credential, joined.credential_absent() ? "does not exist"
                                               : !ready.is(base::json::Type::boolean) ? ""
                                               : ready.bool_or(false)                 ? "ready"
                                                                      : "not ready"));
  }
}

void add_services(Report& report, Value deployment) {
  const std::vector<Service> services = services_of(deployment);
  const ServiceCount counted = count(services);
  std::string text =
      std::to_string(counted.deployed) + "/" + std::to_string(counted.total) + " deployed";
  if (counted.failed > 0) text += ", " + std::to_string(counted.failed) + " failed";
  report.begin("services", "Services", services.empty() ? "none" : text);
  // What failed must not be what is cut.
  for (const bool failed : {true, false}) {
    for (const Service& each : services) {
      if ((each.state == "Failed") != failed) continue;
      if (!report.skips()) report.row(service_json(each), service_line(each));
    }
  }
  report.end("services");
}

void add_conditions(Report& report, Headed list, Value conditions, WallTime now,
                    answer::Weigh weigh) {
  report.begin(list.key, conditions.size() > 0 ? list.heading : std::string_view());
  for (const answer::Weighed& each : answer::by_weight(conditions, now, weigh)) {
    if (report.skips()) continue;
    report.row(answer::condition_json(each.condition), answer::condition_line(each.condition));
  }
  report.end(list.key);
}

void add_notes(Report& report, const Joined& joined) {
  for (const std::string& note : joined.notes())
    report.note(note);
}

}  // namespace deployments
