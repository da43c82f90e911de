#include "deployments/reasons.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "answer/conditions.h"
#include "answer/members.h"
#include "answer/path.h"
#include "deployments/cluster_phase.h"
#include "deployments/event_reasons.h"
#include "deployments/halt.h"
#include "deployments/sections.h"
#include "deployments/service_reasons.h"

namespace deployments {

using answer::Weight;
using base::json::Value;

namespace {

// A provider writes its first condition within seconds.
constexpr base::Duration kSilence = base::minutes(5);

std::string text(Value value) {
  return cut_middle(value.str(), kReasonBytes);
}

// How far a row is from the cause; of one severity the nearest comes first.
enum class Rank : unsigned char { cause, machine, group, cluster, sum };

// How the conditions of an object are read.
struct Look {
  Rank rank = Rank::cause;
  bool capi = false;          // it is behind KCM's summary of the Cluster
  bool machine_part = false;  // it is a machine's infrastructure
  answer::Weigh weigh = answer::weight_of;
};

class Collector {
 public:
  Collector(Joined& joined, const Assessment& is, base::WallTime now)
      : joined_(joined), now_(now), events_(joined, now) {
    const Value summary = answer::condition_of(joined.deployment(), "CAPIClusterSummary");
    // What is halted has not failed, whatever KCM calls it.
    const bool halted = is.reason == "Paused" || is.reason == "Suspended";
    patient_ = halted || !summary || weight_of(summary, now) != Weight::failure;
    up_ = is.phase == Phase::ready || is.phase == Phase::installing;
    worst_ = std::max(is.severity, is_live(joined.seen()) ? Severity::warning : Severity::info);
  }

  std::vector<Reason> all(const std::vector<Service>& services) {
    add_own();
    add_conditions(joined_.region_object(), {});
    add_components();
    add_claim();
    add_conditions(joined_.release(), {});
    add_conditions(joined_.capi(), {.rank = Rank::cluster, .capi = true});
    add_conditions(joined_.control_plane(), {.rank = Rank::group, .capi = true});
    add_conditions(joined_.infrastructure(), {.capi = true});
    add_conditions(joined_.sveltos(), {.rank = Rank::group});
    for (const Value each : joined_.machine_deployments().array())
      add_conditions(each, {.rank = Rank::group, .capi = true});
    for (const Value each : joined_.machine_pools().array())
      add_conditions(each, {.rank = Rank::group, .capi = true});
    for (const Value each : joined_.service_sets().array())
      add_conditions(each, {.rank = Rank::group, .weigh = weight_of});
    if (!up_ && !is(joined_.capi(), "InfrastructureReady", "True"))
      add_silence(joined_.infrastructure());
    for (const Value each : joined_.machine_parts()) {
      add_conditions(each, {.capi = true, .machine_part = true});
      const Machines::Known* known =
          joined_.machines().find(each["kind"].str(), each["metadata"]["name"].str());
      if (!known || known->well == base::WallTime()) add_silence(each);
    }
    add_halts(services);
    add_stuck_sets();
    add_machines();
    const std::vector<Value> summaries = joined_.summaries();
    for (const Value each : summaries)
      events_.know(each);
    for (Reason& each : service_reasons(services, summaries))
      rows_.push_back({Rank::cause, std::move(each)});
    for (Reason& each : events_.reasons())
      rows_.push_back({Rank::machine, std::move(each)});
    std::stable_sort(rows_.begin(), rows_.end(), [](const Row& a, const Row& b) {
      return a.reason.severity != b.reason.severity ? a.reason.severity > b.reason.severity
                                                    : a.rank < b.rank;
    });
    std::vector<Reason> out;
    for (Row& each : rows_)
      out.push_back(std::move(each.reason));
    return out;
  }

 private:
  struct Row {
    Rank rank;
    Reason reason;
  };

  // The caller sets all members of `reason` but its object.
  void add(Rank rank, Value object, Reason reason) {
    reason.object = object_text(object);
    rows_.push_back({rank, std::move(reason)});
  }

  // Until KCM loses its patience a cluster that comes up, or changes, has not failed.
  Severity capped(Severity severity) const {
    return patient_ ? std::min(severity, worst_) : severity;
  }

  // The ClusterDeployment's conditions copy from objects that are read, too.
  void add_own() {
    const Value object = joined_.deployment();
    const bool capi = joined_.capi().present();
    events_.know(object);
    const std::size_t before = rows_.size();
    for (const answer::Weighed& each :
         answer::by_weight(object["status"]["conditions"], now_, weight_of)) {
      const std::string_view type = each.condition["type"].str();
      if ((capi && type == "CAPIClusterSummary") || each.weight > Weight::unknown) continue;
      if (type == "Ready") continue;
      const bool sum = type == "CAPIClusterSummary" || type == "ServicesInReadyState";
      const bool copied = type == "HelmReleaseReady" && joined_.release().present();
      add_condition(object, each, {.rank = sum || copied ? Rank::sum : Rank::cause});
    }
    const Value ready = answer::condition_of(object, "Ready");
    if (!ready || capi || rows_.size() != before) return;
    if (const Weight weight = weight_of(ready, now_); weight <= Weight::unknown)
      add_condition(object, {ready, weight}, {.rank = Rank::sum});
  }

  void add_conditions(Value object, const Look& look) {
    if (!object) return;
    events_.know(object);
    const std::size_t before = rows_.size();
    add_failure(object, look);
    Value summary;
    for (const answer::Weighed& each :
         answer::by_weight(object["status"]["conditions"], now_, look.weigh)) {
      const std::string_view type = each.condition["type"].str();
      // What is deleted says why it is not gone yet.
      const bool going = type == "Deleting" && each.weight == Weight::notable;
      if (each.weight > Weight::unknown && !going) continue;
      if (type == "Ready" || type == "Available") {
        summary = each.condition;
      } else {
        Look as = look;
        if (type == "ServicesInReadyState") as.rank = Rank::sum;
        add_condition(object, each, as);
      }
    }
    // It repeats the others; an object with nothing else has it as its only word.
    if (summary && rows_.size() == before)
      add_condition(object, {summary, look.weigh(summary, now_)}, look);
  }

  void add_condition(Value object, const answer::Weighed& weighed, const Look& look) {
    const Value condition = weighed.condition;
    const std::string_view graded = condition["severity"].str();
    Severity severity = weighed.weight == Weight::failure ? Severity::error : Severity::warning;
    // What holds a machine up is tried again for ever: once KCM calls the cluster failed, it is
    // why.
    if (look.machine_part && weighed.weight == Weight::warning && graded == "Warning")
      severity = Severity::error;
    const Severity worst = severity;
    if (look.capi) severity = capped(severity);
    // The provider's own word for a refusal.
    if (graded == "Error") severity = std::max(severity, std::min(worst, Severity::warning));
    Reason reason = {{},
                     std::string(condition["type"].str()),
                     std::string(condition["reason"].str()),
                     text(condition["message"]),
                     std::string(condition["lastTransitionTime"].str()),
                     severity};
    const bool sum = object["kind"].str().starts_with("Machine");
    reason.is_cause = look.capi && look.rank < Rank::cluster && !sum && !reason.message.empty();
    add(condition["type"].str() == "Paused" ? Rank::cause : look.rank, object, std::move(reason));
  }

  // A provider that cannot log in, or is not there, writes nothing at all.
  void add_silence(Value object) {
    if (!object || object["status"]["conditions"].size() > 0) return;
    if (!object["metadata"]["deletionTimestamp"].str().empty()) return;
    const Value status = object["status"];
    if (status["ready"].bool_or(false) || status["initialization"]["provisioned"].bool_or(false))
      return;
    const std::string made(object["metadata"]["creationTimestamp"].str());
    const auto at = base::parse_rfc3339(made);
    if (!at || base::Duration(now_.ns - at->ns) <= kSilence) return;
    Reason reason = {{},
                     {},
                     "NoConditions",
                     "its provider has written no condition since it was made at " + made,
                     made,
                     Severity::warning};
    reason.is_cause = true;
    add(Rank::cause, object, std::move(reason));
  }

  // Cluster API's word for what is not tried again.
  void add_failure(Value object, const Look& look) {
    const Value status = object["status"], old = status["deprecated"]["v1beta1"];
    if (!look.capi) return;
    for (const Value from : {old, status}) {
      if (from["failureReason"].str().empty() && from["failureMessage"].str().empty()) continue;
      Reason reason = {{},
                       "failureReason",
                       std::string(from["failureReason"].str()),
                       text(from["failureMessage"]),
                       {},
                       Severity::error};
      reason.is_cause = look.rank < Rank::cluster;
      return add(look.rank, object, std::move(reason));
    }
  }

  void add_components() {
    const Value region = joined_.region_object();
    for (const auto [name, component] : region["status"]["components"].object()) {
      if (component["success"].bool_or(true)) continue;
      add(Rank::cause, region,
          {{},
           "component " + std::string(name),
           {},
           text(component["error"]),
           {},
           Severity::warning});
    }
  }

  void add_claim() {
    const Value claim = joined_.address_claim();
    add_conditions(claim, {});
    const std::string_view cluster = claim["spec"]["cluster"].str();
    const std::string_view own = joined_.deployment()["metadata"]["name"].str();
    if (!cluster.empty() && cluster != own) {
      add(Rank::cause, claim,
          {{},
           {},
           "OtherCluster",
           "it is for cluster " + std::string(cluster),
           {},
           Severity::error});
    } else if (claim && !claim["status"]["bound"].bool_or(false)) {
      add(Rank::cause, claim, {{}, {}, "NotBound", "it is not bound", {}, Severity::warning});
    }
  }

  void add_halt(const std::optional<Halt>& halt) {
    if (halt)
      add(Rank::cause, halt->about,
          {{}, {}, std::string(halt->reason), halt->what, {}, Severity::warning});
  }

  void add_halts(const std::vector<Service>& services) {
    const Seen seen = joined_.seen();
    add_halt(halt_of_release(seen.release));
    if (!seen.cluster && seen.sveltos["spec"]["paused"].bool_or(false)) add_halt(halt_of(seen));
    add_halt(halt_of_object(seen.infrastructure));
    add_halt(halt_of_object(seen.control_plane));
    for (const Value each : seen.machine_deployments.array())
      add_halt(halt_of_object(each));
    if (services.empty()) return;
    const std::optional<Halt> provider = halt_of_provider(seen.provider);
    add_halt(provider);
    for (const Value each : seen.service_sets.array()) {
      const std::optional<Halt> set = halt_of_set(each);
      // A ServiceSet repeats that its provider is suspended.
      if (set && (set->reason != "Suspended" || !provider)) add_halt(set);
      add_halt(halt_of_unselected(each, seen.provider));
    }
  }

  void add_stuck_sets() {
    for (const Value set : joined_.stuck_sets().array()) {
      const Value each = creation_failure(set);
      // It waits for a control plane that is upgraded or not stable.
      const bool waits = each["reason"].str() == "PreflightCheckFailed";
      Reason reason = {{},
                       "MachinesCreated",
                       std::string(each["reason"].str()),
                       text(each["message"]),
                       std::string(each["lastTransitionTime"].str()),
                       waits ? capped(Severity::warning) : Severity::error};
      reason.is_cause = true;
      add(Rank::cause, set, std::move(reason));
    }
  }

  void add_machines() {
    const Value metadata = joined_.deployment()["metadata"];
    for (const Machines::Troubled& each : joined_.machines().troubled()) {
      const bool failed = each.phase == "Failed" || each.given_up;
      Reason reason = {"Machine " + std::string(metadata["namespace"].str()) + "/" + each.name,
                       each.given_up ? "failureReason" : "",
                       each.reason.empty() ? each.phase : each.reason,
                       each.message.empty() ? "its phase is " + each.phase : each.message,
                       each.since,
                       failed ? Severity::error : capped(Severity::warning)};
      reason.is_cause = !each.message.empty();
      rows_.push_back({each.given_up ? Rank::cause : Rank::machine, std::move(reason)});
    }
  }

  Joined& joined_;
  const base::WallTime now_;
  EventReasons events_;
  bool up_ = false, patient_ = false;
  Severity worst_ = Severity::info;  // while patient_
  std::vector<Row> rows_;
};

}  // namespace

std::vector<Reason> reasons_of(Joined& joined, const Assessment& is,
                               const std::vector<Service>& services, base::WallTime now) {
  return Collector(joined, is, now).all(services);
}

void name_cause(Assessment& is, const std::vector<Reason>& reasons) {
  // Bytes of the cause in a message.
  constexpr std::size_t kCauseBytes = 400;
  const bool by_cluster = is.about["kind"].str() == "Cluster" && is.severity != Severity::info;
  if (!by_cluster || is.reason == "Paused" || is.reason == "ClusterDeleting") return;
  const auto cause = std::find_if(reasons.begin(), reasons.end(), [](const Reason& each) {
    return each.is_cause && each.severity != Severity::info;
  });
  if (cause == reasons.end()) return;
  std::string out = cause->object;
  for (const std::string& each : {cause->type, cause->reason}) {
    if (!each.empty()) out.append(" ").append(each);
  }
  out.append(": ").append(cut_middle(cause->message, kCauseBytes));
  is.message = std::move(out) + "; the Cluster says: " + is.message;
}

}  // namespace deployments
