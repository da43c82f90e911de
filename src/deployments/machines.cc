#include "deployments/machines.h"

#include <algorithm>

#include "answer/members.h"
#include "answer/path.h"
#include "base/text.h"
#include "deployments/update.h"

namespace deployments {

using base::json::Value;
using base::json::Writer;

namespace {

// Names kept to match events; a cluster with more machines has events that say the same.
constexpr std::size_t kNamesKept = 5000;
// Distinct words of one field: versions and phases are a handful.
constexpr std::size_t kWords = 20;

void count(std::map<std::string, std::size_t>& words, std::string_view word) {
  if (word.empty()) return;
  const std::string key = base::printable(word, 64);
  if (words.size() < kWords || words.contains(key)) ++words[key];
}

void write_counts(Writer& w, std::string_view key,
                  const std::map<std::string, std::size_t>& counts) {
  if (counts.empty()) return;
  w.key(key).begin_object();
  for (const auto& [word, n] : counts)
    w.field(word, n);
  w.end_object();
}

// What says why a machine is not as it should be. Its Ready has of a deletion only the stage; of a
// drain, the pods that hold it and their budgets are in Deleting (in v1beta1 in DrainingSucceeded).
Value telling_condition(Value machine, Value ready, bool deleting) {
  if (!deleting) return ready;
  const Value going = answer::condition_of(machine, "Deleting");
  if (going["status"].str() == "True" && !going["message"].str().empty()) return going;
  const Value drain = answer::condition_of(machine, "DrainingSucceeded");
  return drain["status"].str() == "False" ? drain : ready;
}

base::WallTime time_of(Value text) {
  return base::parse_rfc3339(text.str()).value_or(base::WallTime());
}

base::WallTime since_true(Value condition) {
  return condition["status"].str() == "True" ? time_of(condition["lastTransitionTime"])
                                             : base::WallTime();
}

// What Cluster API copies of a provider's object that will not be tried again: in v1beta2 in the
// deprecated block.
Value failures_of(Value machine) {
  const Value old = machine["status"]["deprecated"]["v1beta1"];
  const bool moved = !old["failureReason"].str().empty() || !old["failureMessage"].str().empty();
  return moved ? old : machine["status"];
}

}  // namespace

Value creation_failure(Value set) {
  const Value status = set["status"];
  for (const Value list : {status["deprecated"]["v1beta1"]["conditions"], status["conditions"]}) {
    for (const Value each : list.array()) {
      if (each["type"].str() == "MachinesCreated" && each["status"].str() == "False") return each;
    }
  }
  return {};
}

void Machines::on_restart() {
  *this = Machines();
}

void Machines::on_object(Value machine) {
  const Value metadata = machine["metadata"], status = machine["status"], spec = machine["spec"];
  const bool control_plane = metadata["labels"]["cluster.x-k8s.io/control-plane"].present();
  const bool deleting = !metadata["deletionTimestamp"].str().empty();
  const std::string_view phase = deleting ? "Deleting" : status["phase"].str("Pending");
  // v1beta2 and v1beta1 name it alike; a machine that never reported it is not ready.
  const Value ready = answer::condition_of(machine, "Ready");
  const bool is_ready = ready["status"].str() == "True";
  ++total_;
  if (is_ready) ++ready_;
  count(phases_, phase);
  count(versions_, spec["version"].str());
  const std::string name(metadata["name"].str());
  const Value infrastructure = spec["infrastructureRef"];
  if (known_.size() < kNamesKept) {
    const base::WallTime created = time_of(metadata["creationTimestamp"]);
    known_["Machine/" + name] = {std::string(metadata["uid"].str()), created, since_true(ready)};
    known_[std::string(infrastructure["kind"].str()) + "/" +
           std::string(infrastructure["name"].str())] = {
        {}, created, since_true(answer::condition_of(machine, "InfrastructureReady"))};
  }
  if (control_plane) {
    for (const Value each : status["addresses"].array()) {
      if (addresses_.size() == kAddresses) break;
      addresses_.push_back(base::printable(each["address"].str(), 100) + " (" +
                           base::printable(each["type"].str(), 40) + ")");
    }
  }
  if (phase == "Running" && is_ready) {
    ++well_;
  } else if (troubled_.size() < kMachinesNamed) {
    const Value why = is_ready && !deleting ? Value() : telling_condition(machine, ready, deleting);
    Troubled out = {name, control_plane ? "control-plane" : "worker", std::string(phase),
                    std::string(why["reason"].str()),
                    answer::cut_text(why["message"].str(), answer::kMessageBytes)};
    out.since = why["lastTransitionTime"].str();
    if (infrastructure.present()) out.reference = infrastructure.to_json();
    const Value failures = failures_of(machine);
    const std::string_view reason = failures["failureReason"].str();
    const std::string_view message = failures["failureMessage"].str();
    if (out.given_up = !reason.empty() || !message.empty(); out.given_up) {
      out.reason = reason;
      out.message = cut_middle(message, kReasonBytes);
    }
    troubled_.push_back(std::move(out));
  }
}

const Machines::Known* Machines::find(std::string_view kind, std::string_view name) const {
  const auto found = known_.find(std::string(kind) + "/" + std::string(name));
  return found != known_.end() ? &found->second : nullptr;
}

std::string Machines::json() const {
  std::string out;
  Writer w(out);
  w.begin_object().field("total", total_).field("ready", ready_);
  write_counts(w, "byState", phases_);
  write_counts(w, "byVersion", versions_);
  w.end_object();
  return out;
}

std::string Machines::text() const {
  std::string out = std::to_string(total_);
  std::string_view joint = ": ";
  for (const auto& [phase, n] : phases_) {
    out.append(joint).append(std::to_string(n)).append(" ").append(phase);
    joint = ", ";
  }
  return out.append(", ").append(std::to_string(ready_)).append(" ready");
}

}  // namespace deployments
