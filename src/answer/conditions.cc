#include "answer/conditions.h"

#include <algorithm>
#include <iterator>

#include "answer/members.h"

namespace answer {

using base::json::Value;
using base::json::Writer;

namespace {

// Conditions whose True says that something is wrong, or is under way: those of Cluster API
// v1beta2, Flux and k0rdent.
constexpr std::string_view kUnderWay[] = {"RollingOut", "ScalingUp", "ScalingDown", "Remediating",
                                          "Reconciling"};
constexpr std::string_view kWrong[] = {"Paused", "Stalled", "TestFailed"};
constexpr std::string_view kNotable[] = {"Deleting", "HelmChartNameChanged"};
// Limit of one line; the structured answer has more.
constexpr std::size_t kLineBytes = 200;

template <std::size_t N>
bool among(const std::string_view (&types)[N], std::string_view type) {
  return std::find(std::begin(types), std::end(types), type) != std::end(types);
}

// "EKSControlPlaneCreating", "GKEMachinePoolDeleting": the providers' words for what is under way.
// They leave them False for ever once it is done.
bool is_under_way(std::string_view type) {
  if (among(kUnderWay, type)) return true;
  return type.ends_with("Creating") || type.ends_with("Updating") ||
         (type.ends_with("Deleting") && type != "Deleting");
}

}  // namespace

Weight weight_of(Value condition, base::WallTime) {
  const std::string_view type = condition["type"].str(), status = condition["status"].str();
  if (status != "True" && status != "False") return Weight::unknown;
  const bool yes = status == "True";
  if (among(kWrong, type)) return yes ? Weight::failure : Weight::good;
  if (is_under_way(type)) return yes ? Weight::warning : Weight::good;
  if (among(kNotable, type)) return yes ? Weight::notable : Weight::good;
  if (yes) return Weight::good;
  const std::string_view severity = condition["severity"].str();
  return severity == "Info" || severity == "Warning" ? Weight::warning : Weight::failure;
}

std::vector<Weighed> by_weight(Value conditions, base::WallTime now, Weigh weigh) {
  std::vector<Weighed> out;
  bool ready = false;
  for (const Value each : conditions.array()) {
    out.push_back({each, weigh(each, now)});
    ready = ready || (each["type"].str() == "Ready" && each["status"].str() == "True");
  }
  for (Weighed& each : out) {
    if (ready && each.condition["status"].str() == "False" &&
        each.condition["severity"].str() == "Info")
      each.weight = Weight::good;
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const Weighed& a, const Weighed& b) { return a.weight < b.weight; });
  std::stable_partition(out.begin(), out.end(), [](const Weighed& each) {
    return each.condition["type"].str() == "Ready";
  });
  return out;
}

std::string condition_json(Value condition) {
  std::string out;
  Writer w(out);
  w.begin_object().field("type", condition["type"].str());
  w.field("status", condition["status"].str()).field_if("severity", condition["severity"].str());
  w.field_if("reason", condition["reason"].str());
  w.field_if("message", cut_text(condition["message"].str(), kMessageBytes));
  w.field_if("lastTransitionTime", condition["lastTransitionTime"].str()).end_object();
  return out;
}

std::string condition_line(Value condition) {
  std::string out = "  ";
  out.append(condition["type"].str()).append("  ").append(condition["status"].str());
  for (const std::string_view each : {condition["reason"].str(), condition["message"].str()}) {
    if (!each.empty()) out.append("  ").append(cut_text(each, kLineBytes));
  }
  return out;
}

}  // namespace answer
