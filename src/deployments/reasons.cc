#include "deployments/reasons.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "answer/conditions.h"
#include "answer/members.h"
#include "deployments/halt.h"
#include "deployments/sections.h"

namespace deployments {

using answer::Weight;
using base::json::Value;

namespace {

constexpr std::size_t kEvents = 8;

std::string text(Value value) {
  return answer::cut_text(value.str(), answer::kMessageBytes);
}

class Collector {
 public:
  Collector(Joined& joined, base::WallTime now) : joined_(joined), now_(now) {}

  std::vector<Reason> all(const std::vector<Service>& services) {
    const Value deployment = joined_.deployment();
    const bool capi = joined_.capi().present();
    add_conditions(deployment, weight_of, capi);
    add_conditions(joined_.release());
    add_conditions(joined_.capi());
    add_conditions(joined_.control_plane());
    add_conditions(joined_.infrastructure());
    add_conditions(joined_.sveltos());
    for (const Value each : joined_.machine_deployments().array())
      add_conditions(each);
    for (const Value each : joined_.machine_pools().array())
      add_conditions(each);
    for (const Value each : joined_.service_sets().array())
      add_conditions(each);
    add_halts(services);
    add_stuck_sets();
    add_machines();
    add_summaries();
    add_services(services);
    add_events();
    std::stable_sort(out_.begin(), out_.end(),
                     [](const Reason& a, const Reason& b) { return a.severity > b.severity; });
    return std::move(out_);
  }

 private:
  // The caller sets all members of `reason` but its object.
  void add(Value object, Reason reason) {
    reason.object = object_text(object);
    out_.push_back(std::move(reason));
  }

  // `told_below`: the objects that the ClusterDeployment's conditions copy from are read, too.
  void add_conditions(Value object, answer::Weigh weigh = answer::weight_of,
                      bool told_below = false) {
    if (!object) return;
    objects_.insert(key(object["kind"].str(), object["metadata"]["name"].str()));
    const std::size_t before = out_.size();
    Value summary;
    for (const answer::Weighed& each :
         answer::by_weight(object["status"]["conditions"], now_, weigh)) {
      const std::string_view type = each.condition["type"].str();
      const bool copied = told_below && type == "CAPIClusterSummary";
      // What is deleted says why it is not gone yet; the ClusterDeployment's is the phase itself.
      const bool own = object["kind"].str() == "ClusterDeployment";
      const bool going = type == "Deleting" && each.weight == Weight::notable && !own;
      if (copied || (each.weight > Weight::unknown && !going)) continue;
      if (type == "Ready" || type == "Available") {
        summary = each.condition;
      } else {
        add_condition(object, each.condition, each.weight);
      }
    }
    // It repeats the others; an object with nothing else has it as its only word.
    if (summary && out_.size() == before && !told_below)
      add_condition(object, summary, weigh(summary, now_));
  }

  void add_condition(Value object, Value condition, Weight weight) {
    add(object, {{},
                 std::string(condition["type"].str()),
                 std::string(condition["reason"].str()),
                 text(condition["message"]),
                 std::string(condition["lastTransitionTime"].str()),
                 weight == Weight::failure ? Severity::error : Severity::warning});
  }

  void add_halt(const std::optional<Halt>& halt) {
    if (halt)
      add(halt->about, {{}, {}, std::string(halt->reason), halt->what, {}, Severity::warning});
  }

  void add_halts(const std::vector<Service>& services) {
    add_halt(halt_of_release(joined_.release()));
    if (services.empty()) return;
    const std::optional<Halt> provider = halt_of_provider(joined_.provider());
    add_halt(provider);
    for (const Value each : joined_.service_sets().array()) {
      const std::optional<Halt> set = halt_of_set(each);
      // A ServiceSet repeats that its provider is suspended.
      if (set && (set->reason != "Suspended" || !provider)) add_halt(set);
    }
  }

  void add_stuck_sets() {
    for (const Value set : joined_.stuck_sets().array()) {
      for (const Value each : set["status"]["deprecated"]["v1beta1"]["conditions"].array()) {
        if (each["type"].str() == "MachinesCreated" && each["status"].str() == "False") {
          add(set, {{},
                    "MachinesCreated",
                    std::string(each["reason"].str()),
                    text(each["message"]),
                    std::string(each["lastTransitionTime"].str()),
                    Severity::error});
        }
      }
    }
  }

  void add_machines() {
    const Value metadata = joined_.deployment()["metadata"];
    for (const Machines::Troubled& each : joined_.machines().troubled()) {
      const bool failed = each.phase == "Failed";
      out_.push_back({"Machine " + std::string(metadata["namespace"].str()) + "/" + each.name,
                      {},
                      each.reason.empty() ? each.phase : each.reason,
                      each.message.empty() ? "its phase is " + each.phase : each.message,
                      {},
                      failed ? Severity::error : Severity::warning});
    }
  }

  void add_summaries() {
    for (const Value summary : joined_.summaries().array()) {
      objects_.insert(key(summary["kind"].str(), summary["metadata"]["name"].str()));
      const Value status = summary["status"];
      if (status["reconciliationSuspended"].bool_or(false))
        add(summary, {{},
                      "Suspended",
                      "Suspended",
                      text(status["suspensionReason"]),
                      {},
                      Severity::warning});
      for (const Value feature : status["featureSummaries"].array()) {
        const std::string_view word = feature["status"].str();
        if (word == "Provisioned" || word == "Removed") continue;
        add(summary, {{},
                      std::string(feature["featureID"].str()),
                      std::string(word),
                      text(feature["failureMessage"]),
                      {},
                      word.starts_with("Failed") ? Severity::error : Severity::warning});
      }
      for (const Value release : status["helmReleaseSummaries"].array()) {
        if (release["status"].str() == "Conflict")
          add(summary, {{},
                        std::string(release["releaseName"].str()),
                        "Conflict",
                        text(release["conflictMessage"]),
                        {},
                        Severity::error});
      }
    }
  }

  void add_services(const std::vector<Service>& services) {
    for (const Service& each : services) {
      if (each.state == "Deployed" || each.state == "Deleted" || each.state == "Deleting") continue;
      const bool failed = each.state == "Failed";
      out_.push_back({std::string("service ").append(each.ns).append("/").append(each.name),
                      {},
                      std::string(each.state),
                      text(each.status["failureMessage"]),
                      std::string(each.status["lastStateTransitionTime"].str()),
                      failed ? Severity::error : Severity::warning});
    }
  }

  // Only about objects that were read: a name that begins alike is another cluster's.
  void add_events() {
    struct Found {
      base::WallTime at;
      Value event;
    };
    std::vector<Found> found;
    for (const Value event : joined_.warnings().array()) {
      const Value about = event["involvedObject"];
      const std::string_view kind = about["kind"].str(), name = about["name"].str();
      if (!objects_.contains(key(kind, name)) && !joined_.machines().has(kind, name)) continue;
      const base::WallTime at = time_of(event);
      if (base::Duration(now_.ns - at.ns) <= kEventAge) found.push_back({at, event});
    }
    std::sort(found.begin(), found.end(),
              [](const Found& a, const Found& b) { return a.at > b.at; });
    for (std::size_t i = 0; i < found.size() && i < kEvents; ++i) {
      const Value event = found[i].event, about = event["involvedObject"];
      std::string object(about["kind"].str());
      object.append(" ").append(event["metadata"]["namespace"].str()).append("/");
      object.append(about["name"].str());
      out_.push_back({std::move(object), "Event", std::string(event["reason"].str()),
                      text(event["message"]), base::format_rfc3339(found[i].at, 0),
                      Severity::warning});
    }
  }

  static base::WallTime time_of(Value event) {
    base::WallTime latest;
    for (const Value each : {event["series"]["lastObservedTime"], event["eventTime"],
                             event["lastTimestamp"], event["firstTimestamp"]}) {
      if (const auto at = base::parse_rfc3339(each.str())) latest = std::max(latest, *at);
    }
    return latest;
  }

  static std::string key(std::string_view kind, std::string_view name) {
    return std::string(kind) + "/" + std::string(name);
  }

  Joined& joined_;
  const base::WallTime now_;
  std::vector<Reason> out_;
  std::set<std::string> objects_;
};

}  // namespace

std::vector<Reason> reasons_of(Joined& joined, const std::vector<Service>& services,
                               base::WallTime now) {
  return Collector(joined, now).all(services);
}

}  // namespace deployments
