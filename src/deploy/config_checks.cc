#include "deploy/config_checks.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "cluster/gather.h"
#include "deploy/config_check.h"
#include "deploy/template_parts.h"
#include "describe/needed_values.h"
#include "graph/model/labels.h"
#include "kinds/table.h"

namespace deploy {

using base::json::Value;

namespace {

constexpr std::size_t kNamesShown = 20;  // a confirmation is read by a person

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
    if (clusters_.empty() && relabelled_.empty()) return fn_({});
    gather_.emplace(cluster_, caller, cluster::Gather::Fn::bind<&ConfigCheck::on_gathered>(this));
    for (Deployment& each : clusters_)
      each.parts.ask(*gather_, each.ns, each.after["spec"]["template"].str(), 0);
    if (relabelled_.empty()) return;
    services_ = &gather_->list("MultiClusterServices", {kinds::get("MultiClusterService"), {}},
                               cluster::Part::Need::optional);
  }
  std::vector<std::string> consequences() const override { return consequences_; }

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
  };

  void look_at(const change::Step& step, const change::Tried& tried) {
    const bool is = step.kind == "ClusterDeployment" &&
                    step.what.resource().group == kinds::kK0rdent &&
                    step.verb != change::Verb::remove;
    if (is && touches(tried, ".metadata.labels")) {
      Relabelled& one = relabelled_.emplace_back();
      one.name = step.ns + "/" + step.name;
      const std::string& before = tried.before;
      if (!one.before.parse(before.empty() ? "{}" : before) || !one.after.parse(tried.after))
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
    if (round_++ == 0) {
      bool more = false;
      for (Deployment& each : clusters_)
        more = each.parts.ask(*gather_, each.ns, {}, 1) || more;
      if (more) return;
    }
    for (Deployment& each : clusters_)
      if (std::string problem = problem_of(each); !problem.empty()) return fn_(problem);
    for (const Relabelled& each : relabelled_)
      tell(each);
    fn_({});
  }

  void tell(const Relabelled& one) {
    if (services_->failure()) {
      if (services_->absent()) return;  // k0rdent without them
      consequences_.push_back("The MultiClusterServices cannot be read: " + one.name +
                              " may get or lose services by these labels.");
      return;
    }
    const graph::model::Labels was(one.before.root()["metadata"]["labels"]),
        is(one.after.root()["metadata"]["labels"]);
    std::vector<std::string> gets, loses, keeps;
    for (const Value each : services_->objects().array()) {
      const graph::model::LabelSelector selector(each["spec"]["clusterSelector"]);
      if (selector.empty() || selector.matches(was) == selector.matches(is)) continue;
      const bool stay = each["spec"]["keepServicesOnSelectorMismatch"].bool_or(false);
      (selector.matches(is) ? gets
       : stay               ? keeps
                            : loses)
          .emplace_back(each["metadata"]["name"].str());
    }
    say(one.name, " gets the services of MultiClusterServices ", gets);
    say(one.name, " loses the services of MultiClusterServices ", loses);
    say(one.name, " keeps the services, but no updates, of MultiClusterServices ", keeps);
    if (gets.empty() && loses.empty() && keeps.empty())
      consequences_.push_back(one.name + " gets and loses no MultiClusterService by these labels.");
  }

  void say(const std::string& cluster, std::string_view what, std::vector<std::string> names) {
    if (names.empty()) return;
    const std::size_t more = names.size() > kNamesShown ? names.size() - kNamesShown : 0;
    names.resize(names.size() - more);
    std::string& text = consequences_.emplace_back(cluster);
    text.append(what).append(base::join(names, ", "));
    if (more > 0) text.append(" and ").append(std::to_string(more)).append(" more");
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
  cluster::Part* services_ = nullptr;
  std::vector<std::string> consequences_;
  std::optional<cluster::Gather> gather_;
};

}  // namespace

std::unique_ptr<change::Check> ConfigChecks::make(const std::vector<change::Step>& steps,
                                                  const std::vector<change::Tried>& tried) {
  return std::make_unique<ConfigCheck>(cluster_, steps, tried);
}

}  // namespace deploy
