#include "deploy/change_planners.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "change/clean.h"
#include "change/cluster_sort.h"
#include "change/deletion.h"
#include "deploy/config_check.h"
#include "deploy/present_planner.h"
#include "deploy/template_choice.h"
#include "deploy/template_parts.h"
#include "deploy/upgrades.h"
#include "kinds/table.h"

namespace deploy {

using base::json::Type;
using base::json::Value;
using change::wrong;
using cluster::Gather;

namespace {

constexpr const char* kDryRun =
    "It is a dry run (spec.dryRun): no cluster was made, and k0rdent only validates it.";

class UpdatePlanner final : public PresentPlanner {
 public:
  UpdatePlanner(change::Context& context, Arguments arguments)
      : PresentPlanner(context, std::move(arguments), &Arguments::ns, &Arguments::name) {}

 private:
  void begin(Gather& gather) override { ask_halts(gather); }
  bool more(Gather& gather, Value object, int round) override {
    if (round == 0) sort_.ask(gather, ns(), object);
    return parts_.ask(gather, ns(), object["spec"]["template"].str(), round);
  }

  void make(Value object) override {
    // What is there already, right or wrong, is not this call's.
    base::json::Document doc;
    const auto patch = doc.parse(arguments_.config.text);
    const std::string_view name = object["spec"]["template"].str();
    const std::vector<Problem> problems =
        check_part(parts_.schema(), parts_.object()["status"]["config"], *patch);
    if (!problems.empty())
      return fail("'config' would not fit template " + std::string(name) +
                  " (clusterTemplates.describe says what it takes):" + to_text(problems));
    change::Plan out = plan();
    out.weight = change::Weight::costly;
    const change::Sort sort = sort_of(object, sort_);
    out.consequences.emplace_back(
        sort == change::Sort::dry_run ? kDryRun
        : sort == change::Sort::adopted
            ? "The cluster is an adopted one: k0rdent has no machines of it to change."
            : "Machines whose settings change are replaced, and more machines cost more.");
    say_halts(out, object);
    out.steps.push_back(patch_of(R"({"spec":{"config":)" + arguments_.config.text + "}}"));
    done(std::move(out), change::ClusterWaits::Until::ready);
  }

  TemplateParts parts_;
  change::ClusterSort sort_;
};

// The webhook's own reason for a refusal is in a Warning header only.
class UpgradePlanner final : public PresentPlanner {
 public:
  UpgradePlanner(change::Context& context, Arguments arguments)
      : PresentPlanner(context, std::move(arguments), &Arguments::ns, &Arguments::name) {}
  ~UpgradePlanner() override { stop_reading(); }

 private:
  void begin(Gather& gather) override { ask_halts(gather); }
  bool more(Gather& gather, Value object, int round) override {
    if (round == 0) sort_.ask(gather, ns(), object);
    return upgrades_.ask(gather, ns(), object, arguments_.template_name, round);
  }

  void make(Value object) override {
    if (const std::string why = upgrades_.failure(); !why.empty()) return fail(why);
    const std::string now(object["spec"]["template"].str());
    const std::string& wanted = arguments_.template_name;
    const std::string there_are = upgrades_.offered_text();
    if (wanted.empty()) return fail("give 'template'; " + there_are);
    if (wanted == now) {
      change::Plan same = plan();
      same.status = "unchanged";
      same.notes.push_back(wanted + " is its template already; " + there_are);
      return done(std::move(same));
    }
    if (!upgrades_.offers(wanted)) {
      const std::string way = upgrades_.way_text(wanted);
      return fail(wanted + " is no available upgrade of " + now + "; " +
                  (way.empty() ? "" : way + "; ") + there_are);
    }
    auto chosen = choose_template(upgrades_.templates(), {wanted, {}, {}}, ns());
    if (!chosen) return fail(chosen.error().what());
    change::Plan out = plan();
    out.members.emplace_back("template", quoted(wanted));
    out.weight = change::Weight::costly;
    const std::string way = now + " to " + wanted + " (version " + version_of(*chosen) + ")";
    const change::Sort sort = sort_of(object, sort_);
    if (sort == change::Sort::dry_run)
      out.consequences.push_back("The template goes from " + way + ". " + kDryRun);
    else if (sort == change::Sort::adopted)
      out.consequences.push_back("The template goes from " + way +
                                 ". The cluster is an adopted one: its Kubernetes and its machines "
                                 "stay as they are.");
    else
      out.consequences.push_back("The cluster is upgraded from " + way +
                                 ": its machines are replaced one after the other.");
    say_halts(out, object);
    out.steps.push_back(patch_of(R"({"spec":{"template":)" + quoted(wanted) + "}}"));
    done(std::move(out), change::ClusterWaits::Until::ready);
  }

  Upgrades upgrades_;
  change::ClusterSort sort_;
};

class DeletePlanner final : public PresentPlanner {
 public:
  DeletePlanner(change::Context& context, Arguments arguments)
      : PresentPlanner(context, std::move(arguments), &Arguments::ns, &Arguments::name) {}

 private:
  bool is_deletion() const override { return true; }

  void absent(const std::string& text) override {
    change::Plan out = plan();
    out.status = "not_found";
    out.notes.push_back(text);
    done(std::move(out));
  }

  void make(Value object) override {
    plan_ = plan();
    plan_.weight = change::Weight::destructive;
    if (object["metadata"]["deletionTimestamp"])
      plan_.notes.emplace_back("it is being deleted already");
    change::Step step = patch_of({});
    step.verb = change::Verb::remove;
    step.propagation = kube::WriteSpec::Propagation::foreground;
    plan_.steps.push_back(std::move(step));
    deletion_.emplace(cluster(), caller(),
                      change::Deletion::Fn::bind<&DeletePlanner::on_deletion>(this));
    deletion_->start(plan_.steps.front());
  }

  void on_deletion() {
    deletion_->tell(plan_);
    done(std::move(plan_), change::ClusterWaits::Until::gone);
  }

  change::Plan plan_;
  std::optional<change::Deletion> deletion_;
};

// What a config may hold, before anything is read.
base::Result<void> check_given(const mcp::Json& config) {
  base::json::Document doc;
  const auto given = doc.parse(config.text);
  if (!given || !given->is(Type::object) || given->size() == 0)
    return wrong(R"('config' must be an object like {"workersNumber": 3}; null removes a value)");
  auto wish = change::clean_wish(*given);  // only for the masks
  if (!wish) return std::move(wish).error().within("'config'");
  return {};
}

}  // namespace

PlannerResult plan_update(change::Context& context, Arguments arguments) {
  if (auto ok = check_given(arguments.config); !ok) return std::move(ok).error();
  return std::unique_ptr<change::Planner>(
      std::make_unique<UpdatePlanner>(context, std::move(arguments)));
}

PlannerResult plan_upgrade(change::Context& context, Arguments arguments) {
  return std::unique_ptr<change::Planner>(
      std::make_unique<UpgradePlanner>(context, std::move(arguments)));
}

PlannerResult plan_delete(change::Context& context, Arguments arguments) {
  return std::unique_ptr<change::Planner>(
      std::make_unique<DeletePlanner>(context, std::move(arguments)));
}

}  // namespace deploy
