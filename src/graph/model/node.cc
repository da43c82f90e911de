#include "graph/model/node.h"

#include <algorithm>
#include <span>
#include <string>

#include "base/text.h"
#include "cluster/template_name.h"
#include "graph/model/path.h"
#include "kinds/kind.h"

namespace graph::model {

using base::json::Type;
using base::json::Value;
using base::json::Writer;

namespace {

// Limit of a text field: validation errors and messages can be pages long.
constexpr std::size_t kSummaryText = 512;
constexpr std::span<const kinds::SummaryField> kNoFields;

class Members {
 public:
  void text(std::string_view name, std::string_view value) {
    if (value.empty()) return;
    next(name).string(value.size() > kSummaryText ? base::printable(value, kSummaryText)
                                                  : std::string(value));
  }
  void number(std::string_view name, std::int64_t value) { next(name).integer(value); }
  void raw(std::string_view name, const std::string& json) { next(name).raw(json); }
  void value(std::string_view name, Value value) {
    if (value.is(Type::string)) return text(name, value.str());
    if (value && !value.is(Type::null)) raw(name, value.to_json());
  }
  bool any() const { return any_; }
  std::string take() { return std::move(out_.append("}")); }

 private:
  Writer& next(std::string_view name) {
    any_ = true;
    return writer_.key(name);
  }
  std::string out_;
  Writer writer_{out_};
  bool any_ = false;

 public:
  Members() { writer_.begin_object(); }
};

void add_deployment(Members& summary, Value object, std::string_view state) {
  const Value spec = object["spec"];
  const std::string_view name = spec["template"].str();
  summary.text("templateVersion", cluster::version_in_name(name));
  summary.text("provider", cluster::provider_in_name(name));
  const Value config = spec["config"];
  summary.text("region", config["region"] ? config["region"].str() : config["location"].str());
  summary.text("phase", state);
  std::string templates;
  Writer w(templates);
  w.begin_array();
  const auto found = walk_path(object, ".spec.serviceSpec.services[].template");
  for (const PathHit& hit : found)
    w.string(hit.value.str());
  w.end_array();
  if (!found.empty()) summary.raw("serviceTemplates", templates);
}

void add_service_template(Members& summary, Value object) {
  const Value spec = object["spec"], helm = spec["helm"]["chartSpec"];
  summary.text("version", spec["version"] ? spec["version"].str() : helm["version"].str());
  const Value ref =
      object["status"]["chartRef"] ? object["status"]["chartRef"] : spec["helm"]["chartRef"];
  const std::string_view name = helm["chart"] ? helm["chart"].str() : ref["name"].str();
  if (name.empty()) return;
  std::string chart;
  Writer w(chart);
  w.begin_object().field("name", name);
  w.field("kind", ref["kind"] ? ref["kind"].str() : "HelmChart").end_object();
  summary.raw("chart", chart);
}

std::string summary_of(const Kind& kind, Value object, std::string_view state) {
  Members summary;
  if (kind.type == "ServiceTemplate") add_service_template(summary, object);
  for (const kinds::SummaryField& field : kind.row ? kind.row->summary : kNoFields) {
    const bool count = field.path.front() == '#';
    const auto hits = walk_path(object, count ? field.path.substr(1) : field.path);
    if (count) {
      summary.number(field.name, static_cast<std::int64_t>(hits.size()));
    } else if (!hits.empty()) {
      summary.value(field.name, hits[0].value);
    }
  }
  if (kind.type == "ClusterDeployment") add_deployment(summary, object, state);
  return summary.any() ? summary.take() : std::string();
}

}  // namespace

std::string node_state(const Kind& kind, Value object) {
  static constexpr kinds::Kind kUnknown{};
  return kinds::state_of(kind.row ? *kind.row : kUnknown, object);
}

std::string node_members(const Kind& kind, Value object) {
  std::string out;
  const Value metadata = object["metadata"];
  const std::string state = node_state(kind, object);
  out.append(",\"uid\":");
  base::json::append_string(out, metadata["uid"].str());
  if (const Value labels = metadata["labels"]; labels.size() > 0) {
    out.append(",\"labels\":");
    labels.append_to(out);
  }
  if (!state.empty()) {
    out.append(",\"state\":");
    base::json::append_string(out, state);
  }
  if (const std::string summary = summary_of(kind, object, state); !summary.empty())
    out.append(",\"summary\":").append(summary);
  return out;
}

}  // namespace graph::model
