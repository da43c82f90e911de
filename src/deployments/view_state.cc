// clusterDeployments.getState: phase, progress, and what is wrong.
#include "base/text.h"
#include "deployments/phase.h"
#include "deployments/reasons.h"
#include "deployments/sections.h"
#include "deployments/update.h"
#include "deployments/view.h"

namespace deployments {

namespace {

constexpr std::size_t kLines = 12;  // reasons in the text; the structured answer has more

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
  if (!reason.message.empty()) out.append(": ").append(base::printable(reason.message, 300));
  return out;
}

}  // namespace

base::Result<void> view_state(answer::Report& report, Joined& joined, base::WallTime now) {
  const base::json::Value deployment = joined.deployment(), metadata = deployment["metadata"];
  const Assessment is = assess(joined.seen(), now);
  std::vector<Reason> reasons = reasons_of(joined, now);
  report.line("Cluster",
              std::string(metadata["namespace"].str()) + "/" + std::string(metadata["name"].str()));
  report.line("Phase", phase_text(is));
  report.line("Message", is.message);
  if (is.severity != Severity::info) report.line("Severity", to_string(is.severity));
  const ServiceCount services = count(services_of(deployment));
  if (services.total > 0) {
    report.line("Services", std::to_string(services.deployed) + "/" +
                                std::to_string(services.total) + " deployed");
  }
  if (joined.machines_known()) report.line("Machines", joined.machines().text());
  if (!reasons.empty()) report.raw_line("Not as it should be (worst first):");
  for (std::size_t i = 0; i < reasons.size() && i < kLines; ++i)
    report.raw_line(reason_line(reasons[i]));
  // The least important ones go until it fits.
  std::string json;
  do {
    json = update_json({&is, deployment, "condition", &reasons}, now);
    if (report.fits(json.size())) break;
    reasons.resize(reasons.size() / 2);
  } while (!reasons.empty());
  report.required("update", json);
  add_notes(report, joined);
  return {};
}

}  // namespace deployments
