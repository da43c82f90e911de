// clusterDeployments.getState: phase, progress, and what is wrong.
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "answer/fitted.h"
#include "answer/members.h"
#include "deployments/phase.h"
#include "deployments/reasons.h"
#include "deployments/sections.h"
#include "deployments/update.h"
#include "deployments/view.h"

namespace deployments {

namespace {

constexpr std::size_t kLines = 12;  // reasons in the text; the structured answer has more
// Limits of a text in the lines, and of those in an update that has no room for all of them.
constexpr std::size_t kLineBytes = 800, kTextBytes = 256, kReasonLineBytes = 400;
// What is tried until the update fits: its lists by weight, the least important go first.
constexpr UpdateLimits kTries[] = {{},          {50, 100, 12}, {25, 50, 12},
                                   {12, 20, 6}, {6, 6, 3},     {2, 0, 1}};

std::string phase_text(const Assessment& is) {
  std::string out(to_string(is.phase));
  if (is.progress) out.append(", ").append(std::to_string(*is.progress)).append(" %");
  if (is.terminal) out += "; nothing more happens by itself";
  return out;
}

std::string reason_line(const Reason& reason) {
  std::string out = "  " + reason.object;
  for (const std::string& each : {reason.type, reason.reason}) {
    if (!each.empty()) out.append("  ").append(each);
  }
  if (!reason.message.empty())
    out.append(": ").append(cut_middle(reason.message, kReasonLineBytes));
  return out;
}

// Says in a note what has no room.
std::string fitted_update(answer::Report& report, Update update, base::WallTime now) {
  const std::size_t conditions = update.lists->conditions.size();
  const std::size_t services = update.lists->services.size();
  answer::Fitted fitted;
  for (const UpdateLimits& limits : kTries) {
    update.limits = limits;
    base::json::Document doc;
    const std::string whole = update_json(update, now);
    const auto root = doc.parse(whole);
    fitted =
        root ? answer::fitted_texts(*root, report.room(), kTextBytes) : answer::Fitted{whole, {}};
    if (report.fits(fitted.json.size())) break;
  }
  std::string left;
  const auto say = [&](std::size_t all, std::size_t most, std::string_view what) {
    if (all <= most) return;
    left.append(left.empty() ? "" : ", ").append(std::to_string(all - most)).append(" of ");
    left.append(std::to_string(all)).append(" ").append(what).append(" were left out");
  };
  say(conditions, update.limits.conditions, "conditions");
  say(services, update.limits.services, "services");
  say(update.reasons->size(), update.limits.reasons, "reasons");
  if (!fitted.cut.empty()) left.append(left.empty() ? "" : ", ").append(fitted.cut);
  const bool no_room = !fitted.cut.empty() || update.limits.conditions < kTries[0].conditions;
  if (!left.empty()) report.cut_note(left + (no_room ? "; give a larger maxBytes" : ""));
  return std::move(fitted.json);
}

}  // namespace

base::Result<void> view_state(answer::Report& report, Joined& joined, base::WallTime now) {
  const base::json::Value deployment = joined.deployment(), metadata = deployment["metadata"];
  Assessment is = assess(joined.seen(), now);
  const UpdateLists lists = update_lists(deployment, now);
  const std::vector<Reason> reasons = reasons_of(joined, is, lists.services, now);
  name_cause(is, reasons);
  report.line("Cluster",
              std::string(metadata["namespace"].str()) + "/" + std::string(metadata["name"].str()));
  report.line("Phase", phase_text(is));
  report.line("Message", is.message.size() > kLineBytes ? answer::cut_text(is.message, kLineBytes)
                                                        : is.message);
  if (is.severity != Severity::info) report.line("Severity", to_string(is.severity));
  const ServiceCount services = count(lists.services);
  if (services.total > 0) {
    report.line("Services", std::to_string(services.deployed) + "/" +
                                std::to_string(services.total) + " deployed");
  }
  if (joined.machines_known()) report.line("Machines", joined.machines().text());
  if (!reasons.empty()) {
    const bool wrong = reasons.front().severity != Severity::info;
    report.raw_line(wrong ? "Not as it should be (worst first):" : "For information:");
  }
  for (std::size_t i = 0; i < reasons.size() && i < kLines; ++i) {
    const std::string line = reason_line(reasons[i]);
    if (i > 0 && !report.fits(4 * line.size())) break;
    report.raw_line(line);
  }
  const std::string update =
      fitted_update(report, {&is, deployment, &lists, "condition", &reasons}, now);
  report.required("update", update);
  add_notes(report, joined);
  return {};
}

}  // namespace deployments
