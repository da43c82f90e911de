#include "catalog/install_planner.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "catalog/install_objects.h"
#include "catalog/search.h"
#include "cluster/nearest_names.h"
#include "kinds/table.h"

namespace catalog {

using base::json::Value;
using cluster::Part;

namespace {

// The objects of one namespace, as they are.
struct Place {
  std::string ns;
  Part* repository;
  Part* service_template;
};

class InstallPlanner final : public NamespacedPlanner {
 public:
  InstallPlanner(change::Context& context, Catalog& catalog, InstallArguments arguments)
      : NamespacedPlanner(context, std::move(arguments)),
        catalog_(catalog),
        query_(catalog, Query::Fn::bind<&InstallPlanner::on_known>(this)) {}

 private:
  bool begin(cluster::Gather& gather) override {
    places_.clear();
    notes_.clear();
    gather_ = &gather;
    query_.start(false);
    return true;
  }

  void on_known(const Known& known) {
    if (!known.index) {
      return fail("the catalog " + base::printable(catalog_.name(), 300) +
                  " cannot be read: " + known.problem);
    }
    if (!known.problem.empty()) {
      notes_.push_back("the catalog's index is of " + base::format_rfc3339(known.checked, 0) +
                       "; it could not be refreshed: " + known.problem);
    }
    if (!choose(*known.index)) return;
    for (const std::string& ns : namespaces()) {
      places_.push_back(
          {ns,
           &gather_->get(
               "HelmRepository " + ns + "/" + repository_,
               {kinds::get("HelmRepository"), ns, repository_, cluster::Form::for_writing},
               Part::Need::optional),
           &gather_->get("ServiceTemplate " + ns + "/" + name_,
                         {kinds::get("ServiceTemplate"), ns, name_, cluster::Form::for_writing},
                         Part::Need::optional)});
    }
  }

  // False: failed.
  bool choose(const Index& index) {
    const Addon* addon = find_addon(index, arguments_.app);
    if (!addon) {
      fail("the catalog has no add-on \"" + base::printable(arguments_.app, 100) + "\"" +
           cluster::nearest_text(nearest_addons(index, arguments_.app, cluster::kNamesGiven)));
      return false;
    }
    std::vector<std::string> charts, versions;
    const Chart* chosen = nullptr;
    for (const Chart& chart : addon->charts) {
      charts.push_back(chart.name);
      if (chart.name != arguments_.chart) continue;
      for (const Version& each : chart.versions) {
        versions.push_back(each.version);
        if (each.version == arguments_.version && !chosen) chosen = &chart;
      }
    }
    if (!chosen) {
      fail("add-on " + addon->name +
           (versions.empty() ? " has no chart \"" + base::printable(arguments_.chart, 100) +
                                   "\"; it has " + base::join(charts, ", ")
                             : "'s chart " + arguments_.chart + " has no version \"" +
                                   base::printable(arguments_.version, 100) + "\"; it has " +
                                   base::printable(base::join(versions, ", "), 1000)));
      return false;
    }
    url_ = chosen->repository;
    repository_ = repository_name(url_);
    name_ = template_name(chosen->name, arguments_.version);
    if (addon->deprecated) notes_.push_back("the catalog calls " + addon->name + " deprecated");
    if (charts.size() > 1) {
      notes_.push_back("this add-on has several charts, to be installed in this order: " +
                       base::join(charts, ", "));
    }
    return true;
  }

  void make() override {
    change::Plan plan;
    for (const Place& place : places_) {
      if (const std::string why = add_steps(place, plan); !why.empty()) return fail(why);
    }
    for (std::string& note : notes_)
      plan.notes.push_back(std::move(note));
    if (!plan.steps.empty()) {
      plan.notes.push_back(
          "k0rdent then checks the chart: serviceTemplates.describe says whether " + name_ +
          " is valid");
    }
    plan.notes.push_back("values of a service of this template go below the key \"" +
                         arguments_.chart + "\"");
    std::string name;
    base::json::append_string(name, name_);
    plan.members.emplace_back("template", std::move(name));
    done(std::move(plan));
  }

  // "": added; else why it cannot be.
  std::string add_steps(const Place& place, change::Plan& plan) {
    for (const Part* part : {place.repository, place.service_template}) {
      if (part->failure() && !part->absent()) return part->failure_text();
    }
    const Value repository = place.repository->object();
    const std::string_view url = repository["spec"]["url"].str();
    if (repository && url != url_) {
      return "HelmRepository " + place.ns + "/" + repository_ + " is there with the URL " +
             base::printable(url, 300) + ", but this chart is in " + url_ +
             ": nothing was written, since other templates may use it";
    }
    if (!repository || !is_such_repository(repository, url_)) {
      plan.steps.push_back(step_of(change::Verb::apply, {"HelmRepository", place.ns, repository_},
                                   repository_body(url_), repository));
    }
    const Value present = place.service_template->object();
    if (!present) {
      plan.steps.push_back(step_of(change::Verb::apply, {"ServiceTemplate", place.ns, name_},
                                   template_body(arguments_.chart, arguments_.version, repository_),
                                   present));
      return {};
    }
    const Value chart = present["spec"]["helm"]["chartSpec"];
    if (chart["chart"].str() != arguments_.chart || chart["version"].str() != arguments_.version ||
        chart["sourceRef"]["name"].str() != repository_ ||
        chart["sourceRef"]["kind"].str() != "HelmRepository") {
      return "ServiceTemplate " + place.ns + "/" + name_ + " is there and is of " +
             source_of(present) + ", not of " + arguments_.chart + " " + arguments_.version +
             " of HelmRepository " + repository_ + ": a template's spec cannot change";
    }
    note_state(place.ns, present);
    return {};
  }

  void note_state(const std::string& ns, Value present) {
    const Value status = present["status"];
    std::string state = "is not checked by k0rdent yet";
    if (status["valid"].bool_or(false)) {
      state = "is valid";
    } else if (const auto error = status["validationError"].str(); !error.empty()) {
      state = "is not valid: " + base::printable(error, 300);
    }
    notes_.push_back("ServiceTemplate " + ns + "/" + name_ + " is there and " + state);
  }

  Catalog& catalog_;
  cluster::Gather* gather_ = nullptr;
  std::string url_, repository_, name_;
  std::vector<Place> places_;
  std::vector<std::string> notes_;
  Query query_;
};

}  // namespace

std::unique_ptr<change::Planner> plan_install(change::Context& context, Catalog& catalog,
                                              InstallArguments arguments) {
  return std::make_unique<InstallPlanner>(context, catalog, std::move(arguments));
}

}  // namespace catalog
