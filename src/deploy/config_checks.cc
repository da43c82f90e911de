#include "deploy/config_checks.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cluster/gather.h"
#include "deploy/config_check.h"
#include "deploy/service_changes.h"
#include "deploy/services_by_labels.h"
#include "deploy/template_parts.h"
#include "describe/needed_values.h"
#include "kinds/table.h"

namespace deploy {

using base::json::Value;

namespace {

bool touches(const change::Tried& tried, std::string_view path) {
  const auto& all = tried.diff.changes;
  return std::any_of(all.begin(), all.end(),
                     [path](const change::Change& each) { return each.path.starts_with(path); });
}

class ConfigCheck final : public change::Check {
 public:
  ConfigCheck(cluster::Cluster& cluster, const std::vector<change::Step>& steps,
              const std::vector<change::Tried>& tried)
      : cluster_(cluster) {
    for (std::size_t i = 0; i < steps.size(); ++i)
      look_at(steps[i], tried[i]);
  }

  void start(const mcp::Caller& caller, Fn fn) override {
    fn_ = fn;
    if (clusters_.empty() && relabelled_.empty() && service_changes_.empty()) return fn_({});
    gather_.emplace(cluster_, caller, cluster::Gather::Fn::bind<&ConfigCheck::on_gathered>(this));
    for (Deployment& each : clusters_)
      each.parts.ask(*gather_, each.ns, each.after["spec"]["template"].str(), 0);
    service_changes_.ask(*gather_, 0);
    if (relabelled_.empty()) return;
    services_part_ = &gather_->list("MultiClusterServices", {kinds::get("MultiClusterService"), {}},
                                    cluster::Part::Need::optional, &services_.emplace(cluster_));
  }
  std::vector<std::string> consequences() const override { return consequences_; }
  change::Weight weight() const override { return service_changes_.weight(); }
  std::vector<std::string> notes() const override {
    return gather_ ? gather_->notes() : std::vector<std::string>();
  }

 private:
  struct Deployment {
    std::string ns, name;
    base::json::Document after_doc, wish_doc;
    Value after, wish;
    bool whole = false;
    TemplateParts parts;
  };

  struct Relabelled {
    std::string name;
    base::json::Document before, after;
    bool is_new = false;
    LabelChange change() const {
      LabelChange out{name, {}, after.root()["metadata"]["labels"]};
      if (!is_new) out.before = before.root()["metadata"]["labels"];
      return out;
    }
  };

  void look_at(const change::Step& step, const change::Tried& tried) {
    service_changes_.look_at(step, tried);
    const bool is = step.kind == "ClusterDeployment" &&
                    step.what.resource().group == kinds::kK0rdent &&
                    step.verb != change::Verb::remove;
    // A selector may ask for a label that is not there.
    if (is && (!tried.exists || touches(tried, ".metadata.labels"))) {
      Relabelled& one = relabelled_.emplace_back();
      one.name = step.ns + "/" + step.name;
      one.is_new = !tried.exists;
      const std::string& before = tried.before;
      // k0rdent looks at no labels of a cluster that is being deleted.
      if (!one.before.parse(before.empty() ? "{}" : before) || !one.after.parse(tried.after) ||
          one.after.root()["metadata"]["deletionTimestamp"])
        relabelled_.pop_back();
    }
    if (!is || !(touches(tried, ".spec.config") || touches(tried, ".spec.template"))) return;
    Deployment& one = clusters_.emplace_back();
    const auto after = one.after_doc.parse(tried.after), wish = one.wish_doc.parse(step.body);
    if (!after || !wish || (*after)["spec"]["template"].str().empty()) return clusters_.pop_back();
    one.ns = step.ns;
    one.name = step.name;
    one.after = *after;
    one.wish = *wish;
    one.whole = !tried.exists || touches(tried, ".spec.template");
  }

  void on_gathered() {
    if (++round_ == 1) {
      bool more = service_changes_.ask(*gather_, round_);
      for (Deployment& each : clusters_)
        more = each.parts.ask(*gather_, each.ns, {}, round_) || more;
      if (more) return;
    }
    for (Deployment& each : clusters_)
      if (std::string problem = problem_of(each); !problem.empty()) return fn_(problem);
    for (const Relabelled& each : relabelled_)
      for (std::string& text : services_by_labels(each.change(), *services_part_, *services_))
        consequences_.push_back(std::move(text));
    for (std::string& text : service_changes_.texts())
      consequences_.push_back(std::move(text));
    fn_({});
  }

  static std::string problem_of(Deployment& one) {
    const std::string_view name = one.after["spec"]["template"].str();
    const Value defaults = one.parts.object()["status"]["config"];
    const std::vector<Problem> problems =
        one.whole ? check_config(one.parts.schema(), defaults, describe::needed_values(name),
                                 one.after["spec"]["config"])
                  : check_part(one.parts.schema(), defaults, one.wish["spec"]["config"]);
    if (problems.empty()) return {};
    return "'spec.config' of ClusterDeployment " + one.ns + "/" + one.name +
           " would not fit template " + std::string(name) +
           " (clusterTemplates.describe says what it takes):" + to_text(problems);
  }

  cluster::Cluster& cluster_;
  Fn fn_;
  int round_ = 0;
  std::deque<Deployment> clusters_;
  std::deque<Relabelled> relabelled_;
  cluster::Part* services_part_ = nullptr;
  std::vector<std::string> consequences_;
  std::optional<Selectors> services_;
  ServiceChanges service_changes_;
  std::optional<cluster::Gather> gather_;
};

}  // namespace

std::unique_ptr<change::Check> ConfigChecks::make(const std::vector<change::Step>& steps,
                                                  const std::vector<change::Tried>& tried) {
  return std::make_unique<ConfigCheck>(cluster_, steps, tried);
}

}  // namespace deploy
