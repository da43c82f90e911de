#include "mcp/registry.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"
#include "base/json.h"
#include "base/text.h"

namespace mcp {

using base::json::Writer;

namespace {

constexpr std::array<std::string_view, kVersions> kNames = {"2025-03-26", "2025-06-18",
                                                            "2025-11-25"};
constexpr std::size_t kToolNameBytes = 128;  // MCP 2025-11-25, Tools, "Tool Names"

bool well_formed(std::string_view name) {
  constexpr std::string_view kPunctuation = "_.-";
  const auto allowed = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kPunctuation.find(c) != std::string_view::npos;
  };
  return !name.empty() && name.size() <= kToolNameBytes &&
         std::all_of(name.begin(), name.end(), allowed);
}

bool is_object_or_empty(const std::string& json) {
  if (json.empty()) return true;
  base::json::Document doc;
  const auto value = doc.parse(json);
  // One line: what is inserted as it stands must not break an event stream's frame.
  return value && value->is(base::json::Type::object) && json.find('\n') == std::string::npos;
}

void write_tool(Writer& w, const ToolInfo& info, Version version) {
  const bool has_title = version >= Version::v2025_06_18;
  w.begin_object().field("name", info.name);
  if (has_title) w.field_if("title", info.title);
  w.field_if("description", info.description);
  w.key("inputSchema").raw(info.input.to_json());
  if (has_title && !info.output_schema_json.empty()) {
    w.key("outputSchema").raw(info.output_schema_json);
  }
  w.key("annotations").begin_object();
  if (!has_title) w.field_if("title", info.title);
  w.field("readOnlyHint", info.read_only).field("destructiveHint", info.destructive);
  w.field("idempotentHint", info.idempotent).field("openWorldHint", info.open_world).end_object();
  if (has_title && !info.meta_json.empty()) w.key("_meta").raw(info.meta_json);
  w.end_object();
}

void write_template(Writer& w, const ResourceInfo& info, Version version) {
  w.begin_object().field("uriTemplate", info.uri_template).field("name", info.name);
  if (version >= Version::v2025_06_18) w.field_if("title", info.title);
  w.field_if("description", info.description).field_if("mimeType", info.mime_type).end_object();
}

}  // namespace

std::string_view to_string(Version version) {
  return kNames[static_cast<std::size_t>(version)];
}

bool parse_version(std::string_view text, Version& version) {
  const auto at = std::find(kNames.begin(), kNames.end(), text);
  if (at == kNames.end()) return false;
  version = static_cast<Version>(at - kNames.begin());
  return true;
}

void Registry::add(std::unique_ptr<Tool> tool) {
  const ToolInfo& info = tool->info();
  CHECK(well_formed(info.name));
  CHECK(is_object_or_empty(info.output_schema_json));
  CHECK(is_object_or_empty(info.meta_json));
  const auto at = std::lower_bound(tools_.begin(), tools_.end(), info.name,
                                   [](const std::unique_ptr<Tool>& each, const std::string& name) {
                                     return each->info().name < name;
                                   });
  CHECK(at == tools_.end() || (*at)->info().name != info.name);
  tools_.insert(at, std::move(tool));
  for (std::string& result : tools_result_)
    result.clear();
}

void Registry::add(std::unique_ptr<ResourceFamily> family) {
  const std::string& uri_template = family->info().uri_template;
  CHECK(!uri_template.empty() && !family->info().name.empty());
  const auto at =
      std::lower_bound(families_.begin(), families_.end(), uri_template,
                       [](const std::unique_ptr<ResourceFamily>& each, const std::string& text) {
                         return each->info().uri_template < text;
                       });
  CHECK(at == families_.end() || (*at)->info().uri_template != uri_template);
  families_.insert(at, std::move(family));
  for (std::string& result : templates_result_)
    result.clear();
}

Tool* Registry::find_tool(std::string_view name) const {
  const auto at = std::lower_bound(tools_.begin(), tools_.end(), name,
                                   [](const std::unique_ptr<Tool>& each, std::string_view wanted) {
                                     return each->info().name < wanted;
                                   });
  return at != tools_.end() && (*at)->info().name == name ? at->get() : nullptr;
}

ResourceFamily* Registry::find_family(std::string_view uri) const {
  for (const std::unique_ptr<ResourceFamily>& family : families_) {
    if (family->owns(uri)) return family.get();
  }
  return nullptr;
}

std::string_view Registry::nearest_tool(std::string_view name) const {
  std::vector<std::string_view> names;
  names.reserve(tools_.size());
  for (const std::unique_ptr<Tool>& tool : tools_)
    names.push_back(tool->info().name);
  return base::nearest(name, names);
}

const std::string& Registry::tools_result(Version version) const {
  std::string& out = tools_result_[static_cast<std::size_t>(version)];
  if (!out.empty()) return out;
  Writer w(out);
  w.begin_object().key("tools").begin_array();
  for (const std::unique_ptr<Tool>& tool : tools_)
    write_tool(w, tool->info(), version);
  w.end_array().end_object();
  return out;
}

const std::string& Registry::templates_result(Version version) const {
  std::string& out = templates_result_[static_cast<std::size_t>(version)];
  if (!out.empty()) return out;
  Writer w(out);
  w.begin_object().key("resourceTemplates").begin_array();
  for (const auto& family : families_)
    write_template(w, family->info(), version);
  w.end_array().end_object();
  return out;
}

}  // namespace mcp
