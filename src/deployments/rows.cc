#include "deployments/rows.h"

#include <string>

#include "answer/members.h"
#include "answer/path.h"
#include "cluster/template_name.h"
#include "deployments/cluster_phase.h"
#include "deployments/phase.h"
#include "kinds/credential_provider.h"
#include "kinds/table.h"

namespace deployments {

using answer::append_text;
using answer::kJoinedMember;
using answer::MemberType;
using answer::RowColumn;
using answer::RowMember;
using base::WallTime;
using base::json::Value;
using base::json::Writer;

namespace {

bool own_ready(Value deployment) {
  return answer::condition_of(deployment, "Ready")["status"].str() == "True";
}

void owner(Value object, WallTime, std::string& out) {
  const Value metadata = object["metadata"];
  const std::string_view named = metadata["annotations"]["k0rdent.mirantis.com/owner"].str();
  append_text(out, named.empty() ? metadata["ownerReferences"].at(0)["name"].str() : named);
}

void template_ref(Value object, WallTime, std::string& out) {
  const std::string_view name = object["spec"]["template"].str();
  answer::append_reference(out, name, object["metadata"]["namespace"].str(),
                           cluster::version_in_name(name));
}

void credential_ref(Value object, WallTime, std::string& out) {
  answer::append_reference(out, object["spec"]["credential"].str(),
                           object["metadata"]["namespace"].str());
}

void service_templates(Value object, WallTime, std::string& out) {
  const Value services = object["spec"]["serviceSpec"]["services"];
  if (services.size() == 0) return;
  Writer w(out);
  w.begin_array();
  for (const Value service : services.array())
    w.string(service["template"].str());
  w.end_array();
}

void provider(Value object, WallTime, std::string& out) {
  append_text(out, provider_of(object));
}

void region(Value object, WallTime, std::string& out) {
  append_text(out, region_of(object));
}

// Reads a row, which may have its SveltosCluster beside it, or that there is none.
State row_state(Value object, WallTime now) {
  const Value sveltos = object[kJoinedMember];
  if (!sveltos) return own_state(object);
  return state_with(object, sveltos.is(base::json::Type::object) ? sveltos : Value(), true, now);
}

// What each member needs of it; the rest is not read.
std::string message_of_row(Value object, WallTime now) {
  return object[kJoinedMember] ? row_state(object, now).message : message_of(object);
}

bool is_row_ready(Value object, WallTime now) {
  return object[kJoinedMember] ? row_state(object, now).ready : own_ready(object);
}

void state(Value object, WallTime now, std::string& out) {
  append_text(out, object[kJoinedMember] ? row_state(object, now).word : state_of(object));
}

void message(Value object, WallTime now, std::string& out) {
  append_text(out, answer::cut_text(message_of_row(object, now), answer::kMessageBytes));
}

void ready(Value object, WallTime now, std::string& out) {
  out = is_row_ready(object, now) ? "true" : "false";
}

// kubectl's columns are of the condition: another word of it is shown only where it is known better.
std::string ready_cell(Value object, WallTime now) {
  const std::string_view own = answer::condition_of(object, "Ready")["status"].str();
  return own == "True" && !is_row_ready(object, now) ? "False" : std::string(own);
}

// Ready stays True of what is deleted, outdated or paused: the word says so.
std::string message_cell(Value object, WallTime now) {
  const Value own = answer::condition_of(object, "Ready");
  std::string said(own["message"].str());
  if (own["status"].str() != "True") return said;
  if (!is_row_ready(object, now)) return message_of_row(object, now);
  const std::string word = state_of(object);
  return word == "ready" ? said : word + ": " + message_of(object);
}

bool needs_sveltos(Value object) {
  return provider_of(object) == "adopted" && object["status"]["region"].str().empty() &&
         state_of(object) == "ready";
}

void conditions(Value object, WallTime, std::string& out) {
  const Value all = object["status"]["conditions"];
  if (all.size() == 0) return;
  Writer w(out);
  w.begin_array();
  for (const Value each : all.array()) {
    w.begin_object().field("type", each["type"].str()).field("status", each["status"].str());
    w.field_if("reason", each["reason"].str());
    w.field_if("message", answer::cut_text(each["message"].str(), answer::kMessageBytes));
    w.field_if("lastTransitionTime", each["lastTransitionTime"].str()).end_object();
  }
  w.end_array();
}

}  // namespace

const answer::Join kJoin = {kinds::get("SveltosCluster"), needs_sveltos,
                            "whether adopted clusters can be reached"};

const RowMember kRowMembers[] = {
    {.name = "labels", .type = MemberType::object, .path = ".metadata.labels"},
    {.name = "owner", .write = owner},
    {.name = "createdAt", .path = ".metadata.creationTimestamp"},
    {.name = "ageSeconds", .type = MemberType::number, .write = answer::age_seconds},
    {.name = "templateRef", .type = MemberType::object, .write = template_ref},
    {.name = "credentialRef", .type = MemberType::object, .write = credential_ref},
    {.name = "clusterIdentityRef",
     .type = MemberType::object,
     .path = ".spec.config.clusterIdentity"},
    {.name = "serviceTemplates", .type = MemberType::list, .write = service_templates},
    {.name = "cloudProvider", .write = provider},
    {.name = "region", .write = region},
    {.name = "k8sVersion", .path = ".status.k8sVersion"},
    {.name = "ready", .type = MemberType::flag, .required = true, .write = ready},
    {.name = "phase", .write = state},
    {.name = "message", .write = message},
    {.name = "dryRun", .type = MemberType::flag, .path = ".spec.dryRun"},
    {.name = "availableUpgrades", .type = MemberType::list, .path = ".status.availableUpgrades"},
    {.name = "conditions", .type = MemberType::list, .write = conditions},
};
const RowColumn kRowColumns[] = {
    {.header = "READY", .cell = ready_cell},
    {"SERVICES", ".status.conditions[ServicesInReadyState].message"},
    {"TEMPLATE", ".spec.template"},
    {.header = "MESSAGES", .cell = message_cell},
};

// By what charts of one provider alone take (model section 5), or what k0rdent fills in.
static std::string_view provider_in_config(Value config) {
  if (!config["subscriptionID"].str().empty()) return "azure";
  if (!config["project"].str().empty() && !config["region"].str().empty()) return "gcp";
  if (!config["vsphere"]["server"].str().empty()) return "vsphere";
  if (!config["identityRef"]["cloudName"].str().empty()) return "openstack";
  return kinds::identity_provider(config["clusterIdentity"]["kind"].str());
}

std::string_view provider_of(Value deployment) {
  const Value labels = deployment["metadata"]["labels"];
  for (const std::string_view label :
       {"cloud.k0rdent.mirantis.com/provider", "k0rdent.mirantis.com/provider"}) {
    if (const std::string_view given = labels[label].str(); !given.empty())
      return cluster::provider_name(given);
  }
  const Value spec = deployment["spec"];
  const std::string_view named = cluster::provider_in_name(spec["template"].str());
  return named.empty() ? provider_in_config(spec["config"]) : named;
}

// AWS and GCP charts take `region`, Azure's `location`.
std::string_view region_of(Value deployment) {
  const Value config = deployment["spec"]["config"];
  for (const Value each : {deployment["metadata"]["labels"]["cloud.k0rdent.mirantis.com/region"],
                           config["region"], config["location"]}) {
    if (!each.str().empty()) return each.str();
  }
  return {};
}

State own_state(Value deployment) {
  return {state_of(deployment), message_of(deployment), own_ready(deployment)};
}

State state_with(Value deployment, Value sveltos, bool known, WallTime now) {
  State own = own_state(deployment);
  if (own.word != "ready") return own;
  const Seen seen = {
      .deployment = deployment, .sveltos = sveltos, .cluster_known = true, .sveltos_known = known};
  const auto is = behind(seen, now);
  if (!is) {
    if (const std::string why = unknown_reach(seen); !why.empty())
      own.message.append(own.message.empty() ? "" : "; ").append(why);
    return own;
  }
  return {is->severity == Severity::error ? "failed" : "progressing", is->message, false};
}

std::string state_of(Value deployment) {
  return kinds::state_of(kinds::get("ClusterDeployment"), deployment);
}

}  // namespace deployments
