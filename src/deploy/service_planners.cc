// spec.serviceSpec.services: one entry is changed or taken out, by its keys (name and namespace), and
// the list is written as a whole, in the version that was read: nothing of another writer's is
// lost, and nothing of the entry that the caller did not mention.
#include <algorithm>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/text.h"
#include "base/yaml_write.h"
#include "change/clean.h"
#include "deploy/change_planners.h"
#include "deploy/helm_values.h"
#include "deploy/present_planner.h"
#include "deploy/service_dependencies.h"
#include "deploy/template_choice.h"
#include "kinds/table.h"

namespace deploy {

using base::json::Member;
using base::json::Type;
using base::json::Value;
using base::json::Writer;
using change::wrong;
using cluster::Gather;
using cluster::Part;

namespace {

std::string_view ns_of(Value service) {
  return service["namespace"].str(kServiceNamespace);
}

std::string listed(Value services) {
  std::string out;
  for (const Value each : services.array()) {
    out.append(out.empty() ? "" : ", ").append(ns_of(each)).append("/");
    out.append(each["name"].str());
  }
  return out.empty() ? "none" : out;
}

Value services_of(Value object) {
  return object["spec"]["serviceSpec"]["services"];
}

// {"spec":{"serviceSpec":{"services":[…]}}}; `write` writes the elements.
template <class Write>
std::string services_patch(Write write, const std::string& provider_config = {}) {
  std::string out;
  Writer w(out);
  w.begin_object().key("spec").begin_object().key("serviceSpec").begin_object();
  w.key("services").begin_array();
  write(w);
  w.end_array();
  if (!provider_config.empty())
    w.key("provider").begin_object().key("config").raw(provider_config).end_object();
  w.end_object().end_object().end_object();
  return out;
}

class ServicePlanner final : public PresentPlanner {
 public:
  ServicePlanner(change::Context& context, Arguments arguments)
      : PresentPlanner(context, std::move(arguments), &Arguments::cluster_ns,
                       &Arguments::cluster_name) {}

 private:
  void begin(Gather& gather) override {
    template_ = &gather.get("service template",
                            {kinds::get("ServiceTemplate"), ns(), arguments_.template_name});
  }

  std::string service_name() const {
    return arguments_.service_name.empty() ? arguments_.template_name : arguments_.service_name;
  }

  void make(Value object) override {
    if (std::string problem = template_problem(); !problem.empty()) return fail(problem);
    const Value services = services_of(object);
    std::size_t same_name = 0;
    Value entry;
    for (const Value each : services.array()) {
      if (each["name"].str() != service_name()) continue;
      ++same_name;
      if (arguments_.service_ns.empty() || ns_of(each) == arguments_.service_ns) entry = each;
    }
    if (arguments_.service_ns.empty() && same_name > 1)
      return fail(
          "there are several services of that name, in different namespaces: give "
          "'serviceNamespace' (" +
          listed(services) + ")");
    const std::string target = !arguments_.service_ns.empty() ? arguments_.service_ns
                               : entry                        ? std::string(ns_of(entry))
                                                              : ns();
    if (std::string problem = dependency_problem(services, target); !problem.empty())
      return fail(problem);
    const std::string service = entry_json(services, entry, target);
    change::Plan out = plan();
    out.members = {{"clusterName", quoted(name())},
                   {"clusterNamespace", quoted(ns())},
                   {"service", service},
                   {"dryRun", arguments_.dry_run ? "true" : "false"}};
    const auto write_all = [&](Writer& w) {
      bool written = false;
      for (const Value each : services.array()) {
        const bool is =
            entry && each["name"].str() == entry["name"].str() && ns_of(each) == ns_of(entry);
        w.raw(is ? service : each.to_json());
        written = written || is;
      }
      if (!written) w.raw(service);
    };
    if (std::string problem = circle_problem(write_all, service); !problem.empty())
      return fail(problem);
    out.checks = true;
    out.steps.push_back(patch_of(services_patch(write_all, arguments_.provider_config.text)));
    done(std::move(out));
  }

  // Circles of others are there already, and are not this call's.
  template <class Write>
  static std::string circle_problem(Write write_all, const std::string& service) {
    std::string all;
    Writer w(all);
    w.begin_array();
    write_all(w);
    w.end_array();
    base::json::Document list, one;
    const std::string circle =
        dependency_circle(*list.parse(all), service_key(*one.parse(service)));
    return circle.empty() ? circle : "'dependsOn': " + circle;
  }

  std::string template_problem() const {
    if (!arguments_.template_ns.empty() && arguments_.template_ns != ns())
      return "'templateNamespace': a ServiceTemplate must be in the cluster's own namespace " +
             ns() + ", got " + base::printable(arguments_.template_ns, 64);
    if (template_->failure()) return template_->failure_text();
    return state_problem(arguments_.template_name, template_->object()["status"]);
  }

  std::vector<ServiceDependency> depends_on() const {
    return arguments_.depends_on.value_or(std::vector<ServiceDependency>());
  }

  // In the same list, by name and namespace.
  std::string dependency_problem(Value services, const std::string& target) const {
    for (const ServiceDependency& each : depends_on()) {
      const std::string in = dependency_ns(services, each);
      if (each.name == service_name() && in == target) continue;  // a circle
      bool known = false;
      for (const Value other : services.array())
        known = known || (other["name"].str() == each.name && ns_of(other) == in);
      if (!known)
        return "'dependsOn': there is no service " + std::string(in) + "/" + each.name +
               " in this cluster; there are: " + listed(services);
    }
    return {};
  }

  // A dependency without a namespace is the service of that name, if there is only one.
  static std::string dependency_ns(Value services, const ServiceDependency& of) {
    if (!of.ns.empty()) return of.ns;
    std::string found;
    for (const Value each : services.array()) {
      if (each["name"].str() != of.name) continue;
      if (!found.empty()) return std::string(kServiceNamespace);
      found = ns_of(each);
    }
    return found.empty() ? std::string(kServiceNamespace) : found;
  }

  // What is not given stays as it was.
  std::string entry_json(Value services, Value old, const std::string& target) const {
    std::string out;
    Writer w(out);
    w.begin_object().field("name", service_name()).field("namespace", target);
    w.field("template", arguments_.template_name);
    std::vector<std::string_view> own = {"name", "namespace", "template"};
    const auto put = [&](std::string_view key, const std::string& json) {
      own.push_back(key);
      w.key(key).raw(json);
    };
    if (!arguments_.values.text.empty()) put("values", quoted(values_text()));
    if (arguments_.values_from) {
      arguments_.values_from->empty() ? own.push_back("valuesFrom")
                                      : put("valuesFrom", sources_json());
    }
    if (arguments_.depends_on) {
      depends_on().empty() ? own.push_back("dependsOn")
                           : put("dependsOn", dependencies_json(services));
    }
    if (arguments_.disable) put("disable", *arguments_.disable ? "true" : "false");
    if (const std::string& options = arguments_.helm_options.text; options == "{}") {
      own.push_back("helmOptions");
    } else if (!options.empty()) {
      put("helmOptions", options);
    }
    // The controller fills in the version of the template; another template has another.
    if (old["template"].str() != arguments_.template_name) own.push_back("version");
    for (const Member member : old.object())
      if (std::find(own.begin(), own.end(), member.key) == own.end())
        w.key(member.key).raw(member.value.to_json());
    w.end_object();
    return out;
  }

  // Helm's values as YAML text, which the CRD has.
  std::string values_text() const {
    base::json::Document doc;
    const auto values = doc.parse(arguments_.values.text);
    if (values && values->is(Type::string)) return std::string(values->str());
    std::string out;
    if (values) base::yaml::append_yaml(out, *values);
    return out;
  }
  std::string sources_json() const {
    std::string out;
    Writer w(out);
    w.begin_array();
    for (const ServiceSource& each : *arguments_.values_from)
      w.begin_object().field("kind", each.kind).field("name", each.name).end_object();
    w.end_array();
    return out;
  }
  std::string dependencies_json(Value services) const {
    std::string out;
    Writer w(out);
    w.begin_array();
    for (const ServiceDependency& each : depends_on())
      w.begin_object()
          .field("name", each.name)
          .field("namespace", dependency_ns(services, each))
          .end_object();
    w.end_array();
    return out;
  }

  Part* template_ = nullptr;
};

class RemovalPlanner final : public PresentPlanner {
 public:
  RemovalPlanner(change::Context& context, Arguments arguments)
      : PresentPlanner(context, std::move(arguments), &Arguments::cluster_ns,
                       &Arguments::cluster_name) {}

 private:
  bool is(Value service) const {
    return service["name"].str() == arguments_.service_name &&
           (arguments_.service_ns.empty() || ns_of(service) == arguments_.service_ns);
  }

  void make(Value object) override {
    const Value services = services_of(object);
    std::size_t found = 0;
    Value removed;
    for (const Value each : services.array()) {
      if (!is(each)) continue;
      removed = each;
      ++found;
    }
    if (found > 1)
      return fail("there are several services of that name: give 'serviceNamespace' (" +
                  listed(services) + ")");
    change::Plan out = plan();
    out.members = {{"clusterName", quoted(name())}, {"clusterNamespace", quoted(ns())}};
    if (found == 0) {
      out.status = "not_found";
      out.members.emplace_back("message", quoted("service not found (already removed)"));
      out.notes.push_back("services of the cluster itself: " + listed(services) +
                          "; those of MultiClusterServices are removed there");
      return done(std::move(out));
    }
    for (const Value each : services.array())
      for (const Value needs : each["dependsOn"].array())
        if (needs["name"].str() == arguments_.service_name && ns_of(needs) == ns_of(removed))
          return fail("service " + std::string(ns_of(each)) + "/" +
                      std::string(each["name"].str()) + " depends on it: remove that one first");
    out.weight = change::Weight::destructive;
    out.checks = true;
    out.members.emplace_back("removedService", removed.to_json());
    out.steps.push_back(patch_of(services_patch([&](Writer& w) {
      for (const Value each : services.array())
        if (!is(each)) w.raw(each.to_json());
    })));
    done(std::move(out));
  }
};

base::Result<void> check_object(std::string_view argument, const mcp::Json& given, bool text) {
  if (given.text.empty()) return {};
  base::json::Document doc;
  const auto value = doc.parse(given.text);
  const std::string name = "'" + std::string(argument) + "'";
  if (value && value->is(Type::string) && text) {
    base::yaml::Bound bound = values_bound();
    if (std::string why = values_problem(value->str(), bound); !why.empty())
      return wrong(name + ": " + why);
  } else if (!value || !value->is(Type::object)) {
    return wrong(name + " must be an object" + (text ? ", or YAML text" : ""));
  }
  auto wish = change::clean_wish(*value);  // only for the masks
  if (!wish) return std::move(wish).error().within(name);
  return {};
}

}  // namespace

PlannerResult plan_service(change::Context& context, Arguments arguments) {
  for (const auto& [argument, given, text] :
       {std::tuple("values", &arguments.values, true),
        std::tuple("helmOptions", &arguments.helm_options, false),
        std::tuple("providerConfig", &arguments.provider_config, false)})
    if (auto ok = check_object(argument, *given, text); !ok) return std::move(ok).error();
  return std::unique_ptr<change::Planner>(
      std::make_unique<ServicePlanner>(context, std::move(arguments)));
}

PlannerResult plan_service_removal(change::Context& context, Arguments arguments) {
  return std::unique_ptr<change::Planner>(
      std::make_unique<RemovalPlanner>(context, std::move(arguments)));
}

}  // namespace deploy
