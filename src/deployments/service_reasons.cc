#include "deployments/service_reasons.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace deployments {

using base::json::Value;

namespace {

std::string text(Value value) {
  return cut_middle(value.str(), kReasonBytes);
}

class Collector {
 public:
  std::vector<Reason> all(const std::vector<Service>& services,
                          const std::vector<Value>& summaries) {
    for (const Service& each : services) {
      if (each.state == "Deployed") deployed_.emplace_back(each.name, each.ns);
    }
    std::sort(deployed_.begin(), deployed_.end());
    for (const Value each : summaries)
      add_summary(each);
    add_services(services);
    return std::move(out_);
  }

 private:
  // The caller sets all members of `reason` but its object.
  void add(Value object, Reason reason) {
    reason.object = object_text(object);
    out_.push_back(std::move(reason));
  }

  void add_summary(Value summary) {
    const Value status = summary["status"];
    if (status["reconciliationSuspended"].bool_or(false))
      add(summary,
          {{}, "Suspended", "Suspended", text(status["suspensionReason"]), {}, Severity::warning});
    if (!status["failureMessage"].str().empty())
      add(summary, {{}, "failureMessage", {}, text(status["failureMessage"]), {}, Severity::error});
    const bool fine = add_conflicts(summary);
    bool done = status["featureSummaries"].size() > 0;
    for (const Value feature : status["featureSummaries"].array()) {
      const std::string_view word = feature["status"].str();
      const std::string_view why = feature["failureMessage"].str();
      if (word == "Provisioned" || word == "Removed") continue;
      done = false;
      if (fine && why.find("cannot manage chart") != why.npos) continue;
      add(summary, {{},
                    std::string(feature["featureID"].str()),
                    std::string(word),
                    text(feature["failureMessage"]),
                    {},
                    word.starts_with("Failed") ? Severity::error : Severity::warning});
    }
    // Sveltos writes "no dependencies" and "All dependencies deployed", too.
    const std::string_view waits = status["dependencies"].str();
    if (!done && !waits.empty() && !waits.starts_with("no ") && !waits.starts_with("All "))
      add(summary, {{}, "dependencies", {}, text(status["dependencies"]), {}, Severity::warning});
  }

  // Returns whether there are conflicts, and each is about a service that another ClusterSummary
  // has deployed.
  bool add_conflicts(Value summary) {
    bool any = false, fine = true;
    for (const Value release : summary["status"]["helmReleaseSummaries"].array()) {
      if (release["status"].str() != "Conflict") continue;
      any = true;
      const std::string_view name = release["releaseName"].str();
      const std::pair key(name, release["releaseNamespace"].str());
      if (std::binary_search(deployed_.begin(), deployed_.end(), key)) continue;
      fine = false;
      add(summary, {{},
                    std::string(name),
                    "Conflict",
                    text(release["conflictMessage"]),
                    {},
                    Severity::error});
    }
    return any && fine;
  }

  void add_services(const std::vector<Service>& services) {
    for (const Service& each : services) {
      if (each.state == "Deployed" || each.state == "Deleted" || each.state == "Deleting") continue;
      const bool failed = each.state == "Failed";
      std::string message = text(each.status["failureMessage"]);
      if (each.deployed_elsewhere) {
        message.append(message.empty() ? "" : " ");
        message += "(Another entry of it is Deployed, so KCM counts it as ready.)";
      }
      out_.push_back({std::string("service ").append(each.ns).append("/").append(each.name),
                      {},
                      std::string(each.state),
                      std::move(message),
                      std::string(each.status["lastStateTransitionTime"].str()),
                      each.deployed_elsewhere ? Severity::info
                      : failed                ? Severity::error
                                              : Severity::warning});
    }
  }

  std::vector<Reason> out_;
  std::vector<std::pair<std::string_view, std::string_view>> deployed_;
};

}  // namespace

std::vector<Reason> service_reasons(const std::vector<Service>& services,
                                    const std::vector<Value>& summaries) {
  return Collector().all(services, summaries);
}

}  // namespace deployments
