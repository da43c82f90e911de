// What a template says: valid or why not, what its chart takes, and the upgrades that its chains
// allow.
#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "answer/members.h"
#include "answer/path.h"
#include "cluster/chosen.h"
#include "cluster/template_name.h"
#include "describe/chart_values.h"
#include "describe/description.h"
#include "describe/needed_values.h"
#include "kinds/table.h"

namespace describe {

using base::json::Value;
using base::json::Writer;

namespace {

constexpr std::size_t kDescriptionBytes = 200, kDefaultBytes = 120;
// Templates that are looked up, of those that chains offer: a chain has a few of each.
constexpr std::size_t kMostUpgrades = 20;

struct TemplateKind {
  cluster::ListedKind templates, chains;
  bool of_cluster;
};
const TemplateKind kOfCluster = {kinds::get("ClusterTemplate"), kinds::get("ClusterTemplateChain"),
                                 true};
const TemplateKind kOfService = {kinds::get("ServiceTemplate"), kinds::get("ServiceTemplateChain"),
                                 false};

// The chains that name a template: {"name", "upgrades": [name, …]}.
class Chains final : public cluster::Chosen {
 public:
  Chains(const cluster::Cluster& cluster, std::string name)
      : Chosen(cluster), name_(std::move(name)) {}

 private:
  void take(Value object, std::string& out) const override {
    for (const Value each : object["spec"]["supportedTemplates"].array()) {
      if (each["name"].str() != name_) continue;
      Writer w(out);
      w.begin_object().field("name", object["metadata"]["name"].str());
      w.key("upgrades").begin_array();
      for (const Value upgrade : each["availableUpgrades"].array())
        w.string(upgrade["name"].str());
      w.end_array().end_object();
      return;
    }
  }
  const std::string name_;
};

class Template final : public Description {
 public:
  explicit Template(const TemplateKind& kind) : kind_(kind) {}

  cluster::Part* begin(cluster::Gather& gather, const Named& named) override {
    named_ = named;
    template_ = &gather.get(kind_.of_cluster ? "cluster template" : "service template",
                            {kind_.templates, named.ns, named.name});
    chains_.emplace(gather.cluster(), named.name);
    chains_part_ =
        &gather.list("chains", {kind_.chains, named.ns}, cluster::Part::Need::optional, &*chains_);
    return template_;
  }

  // The chart's JSON Schema (k0rdent 1.4 and newer), and the templates that chains offer.
  bool more(cluster::Gather& gather) override {
    if (std::exchange(asked_, true)) return false;
    find_upgrades(gather);
    const std::string_view name = template_->object()["status"]["schemaConfigMapName"].str();
    if (name.empty()) return !offered_.empty();
    schema_map_ =
        &gather.get("the chart's schema", {kinds::get("ConfigMap"), named_.ns, std::string(name)},
                    cluster::Part::Need::optional);
    return true;
  }

  void write(answer::Report& report, base::WallTime) override {
    const Value object = template_->object(), status = object["status"];
    report.text("name", "Name", object["metadata"]["name"].str());
    report.text("namespace", "Namespace", object["metadata"]["namespace"].str());
    write_validity(report, status);
    report.text("description", "Description",
                answer::cut_text(status["description"].str(), answer::kMessageBytes));
    write_source(report, object);
    if (const Value providers = status["providers"]; providers.size() > 0) {
      report.member("providers", providers.to_json());
      report.line("Providers", joined(providers));
    }
    for (const char* each : {"k8sVersion", "k8sConstraint"})
      report.text(each, "Kubernetes", status[each].str());
    write_chains(report);
    write_values(report, status);
  }

 private:
  static std::string joined(Value list) {
    std::string out;
    for (const Value each : list.array())
      out.append(out.empty() ? "" : ", ").append(each.str());
    return out;
  }

  static void write_validity(answer::Report& report, Value status) {
    const std::string error =
        answer::cut_text(status["validationError"].str(), answer::kMessageBytes);
    if (const auto valid = status["valid"].as_bool()) report.flag("valid", *valid);
    report.text("validationError", {}, error);
    report.line("Valid", status["valid"].bool_or(false) ? "yes"
                         : status["valid"] ? "no" + (error.empty() ? std::string() : ": " + error)
                                           : "not processed yet (its chart has not been fetched)");
  }

  static void write_source(answer::Report& report, Value object) {
    const Value spec = object["spec"], helm = spec["helm"], status = object["status"];
    if (helm) {
      const Value chart = helm["chartSpec"];
      std::string json;
      Writer w(json);
      const std::string_view used = status["chartVersion"].str();
      const std::string_view version = used.empty() ? chart["version"].str() : used;
      w.begin_object().field_if("name", chart["chart"].str()).field_if("version", version);
      w.field_if("repository", chart["sourceRef"]["name"].str());
      w.field_if("helmChart", status["chartRef"]["name"].str()).end_object();
      report.required("chart", json);
      report.line("Chart", std::string(chart["chart"].str()) + (version.empty() ? "" : " ") +
                               std::string(version));
    }
    for (const char* each : {"kustomize", "resources"}) {
      if (!spec[each]) continue;
      report.member("source", spec[each].to_json());
      report.line("Source", each);
    }
  }

  // A kind that is not served has no chains.
  bool chains_known() const {
    const kube::Failure* failure = chains_part_->failure();
    return !chains_->full() &&
           (chains_part_->known() || (failure && failure->code == base::Errc::not_found));
  }

  // A chain says what it allows, valid or not.
  void find_upgrades(cluster::Gather& gather) {
    for (const Value chain : chains_->objects().array()) {
      for (const Value upgrade : chain["upgrades"].array())
        offered_.try_emplace(std::string(upgrade.str()), nullptr);
    }
    std::size_t asked = 0;
    for (auto& [name, part] : offered_) {
      if (name.empty() || asked++ == kMostUpgrades) continue;
      part = &gather.get("template " + name, {kind_.templates, named_.ns, name},
                         cluster::Part::Need::silent);
    }
  }

  // Why it cannot be upgraded to; "": it can, or that is not known.
  static std::string unusable(const cluster::Part* part) {
    if (!part) return {};
    if (part->absent()) return "does not exist";
    const Value status = part->object()["status"];
    if (part->failure() || status["valid"].bool_or(false)) return {};
    if (!status["valid"]) return "not processed yet";
    const std::string error =
        answer::cut_text(status["validationError"].str(), answer::kMessageBytes);
    return "not valid" + (error.empty() ? error : ": " + error);
  }

  void write_chains(answer::Report& report) {
    const bool known = chains_known();
    if (!known && chains_->count() == 0) return report.line("Upgrades", "not known");
    report.begin("chains", {});
    for (const Value chain : chains_->objects().array())
      report.row(chain["name"].to_json());
    report.end("chains");
    if (chains_->full()) report.note("chains: there are more than were read");
    std::string line, unusables;
    Writer w(unusables);
    w.begin_array();
    report.begin("upgrades", {});
    for (const auto& [name, part] : offered_) {
      std::string json;
      base::json::append_string(json, name);
      report.row(json);
      line.append(line.empty() ? "" : ", ").append(name);
      const std::string why = unusable(part);
      if (why.empty()) continue;
      w.begin_object().field("name", name).field("why", why).end_object();
      line.append(" (").append(why).append(")");
    }
    report.end("upgrades");
    w.end_array();
    report.member("unusableUpgrades", unusables == "[]" ? std::string() : unusables);
    report.line("Upgrades", !line.empty() ? line
                            : known       ? "none that a chain allows"
                                          : "not known");
  }

  void write_values(answer::Report& report, Value status) {
    const std::string_view text = schema_map_ ? schema_map_->object()["data"]["schema"].str() : "";
    const auto parsed = schema_.parse(text);
    const Value schema = !text.empty() && parsed ? *parsed : Value();
    std::vector<ChartValue> values = chart_values(schema, status["config"]);
    if (values.empty()) return report.note("the template says nothing about its values");
    std::vector<std::string_view> needed;
    if (kind_.of_cluster) needed = needed_values(named_.name);
    for (ChartValue& each : values) {
      each.required =
          each.required || std::find(needed.begin(), needed.end(), each.path) != needed.end();
    }
    std::stable_partition(values.begin(), values.end(),
                          [](const ChartValue& each) { return each.required; });
    report.text("valuesFrom", {}, schema ? "the chart's JSON Schema" : "the chart's defaults");
    report.flag("inferred", !schema);
    report.member("example", example_of(values));
    report.begin(
        "values", "Values",
        std::to_string(values.size()) + (schema ? "" : ", inferred from the chart's defaults"));
    for (const ChartValue& each : values) {
      if (!report.skips()) report.row(value_json(each), value_line(each));
    }
    report.end("values");
    // A model reads the values; only a program reads the schema, which may take half the room.
    const std::size_t most = report.room() / 2;
    const std::optional<std::string> whole = !schema ? schema_of(status["config"], most)
                                             : schema.text_size() / 4 <= most
                                                 ? std::optional(schema.to_json())
                                                 : std::nullopt;
    if (whole && whole->size() <= most) report.member("schema", *whole);
  }

  static std::string value_json(const ChartValue& value) {
    std::string out;
    Writer w(out);
    w.begin_object().field("path", value.path).field("type", value.type);
    if (value.required) w.field("required", true);
    if (!value.default_json.empty() && value.default_json.size() <= kDefaultBytes)
      w.key("default").raw(value.default_json);
    if (value.choices.size() > 0) w.key("enum").raw(value.choices.to_json());
    w.field_if("description", answer::cut_text(value.description, kDescriptionBytes)).end_object();
    return out;
  }

  static std::string value_line(const ChartValue& value) {
    std::string out = "  " + value.path + "  " + std::string(value.type);
    if (value.required) out += ", required";
    if (!value.default_json.empty())
      out += ", default " + answer::cut_text(value.default_json, kDefaultBytes);
    if (value.choices.size() > 0)
      out += ", one of " + answer::cut_text(value.choices.to_json(), 120);
    if (!value.description.empty())
      out += ": " + answer::cut_text(value.description, kDescriptionBytes);
    return out;
  }

  const TemplateKind& kind_;
  Named named_;
  cluster::Part* template_ = nullptr;
  std::optional<Chains> chains_;
  cluster::Part* chains_part_ = nullptr;
  cluster::Part* schema_map_ = nullptr;
  std::map<std::string, cluster::Part*> offered_;  // by name; nullptr: not asked for
  bool asked_ = false;
  base::json::Document schema_;
};

}  // namespace

std::unique_ptr<Description> describe_cluster_template() {
  return std::make_unique<Template>(kOfCluster);
}
std::unique_ptr<Description> describe_service_template() {
  return std::make_unique<Template>(kOfService);
}

}  // namespace describe
