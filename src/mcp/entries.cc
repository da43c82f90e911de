#include "mcp/entries.h"

namespace mcp {

using base::json::Writer;

namespace {

// title and _meta came with 2025-06-18, icons with 2025-11-25.
bool has_title(Version version) {
  return version >= Version::v2025_06_18;
}

void write_meta(Writer& w, const std::string& meta_json, Version version) {
  if (has_title(version) && !meta_json.empty()) w.key("_meta").raw(meta_json);
}

// The members that resources and templates share, after their URI.
void write_info(Writer& w, const ResourceInfo& info, Version version) {
  w.field("name", info.name);
  if (has_title(version)) w.field_if("title", info.title);
  w.field_if("description", info.description).field_if("mimeType", info.mime_type);
  write_annotations(w, info.annotations, version);
  write_icons(w, info.icons, version);
  write_meta(w, info.meta_json, version);
}

}  // namespace

void write_tool(Writer& w, const Tool& tool, std::string_view name, Version version) {
  const ToolInfo& info = tool.info();
  w.begin_object().field("name", name);
  if (has_title(version)) w.field_if("title", info.title);
  w.field_if("description", info.description);
  w.key("inputSchema").raw(tool.input().input_json());
  if (has_title(version) && tool.output()) {
    w.key("outputSchema").raw(tool.output()->output_json());
  }
  w.key("annotations").begin_object();
  if (!has_title(version)) w.field_if("title", info.title);
  w.field("readOnlyHint", info.read_only).field("destructiveHint", info.destructive);
  w.field("idempotentHint", info.idempotent).field("openWorldHint", info.open_world).end_object();
  write_icons(w, info.icons, version);
  write_meta(w, info.meta_json, version);
  w.end_object();
}

void write_prompt(Writer& w, const Prompt& prompt, Version version) {
  const PromptInfo& info = prompt.info();
  w.begin_object().field("name", info.name);
  if (has_title(version)) w.field_if("title", info.title);
  w.field_if("description", info.description);
  if (!prompt.input().fields().empty()) {
    w.key("arguments").begin_array();
    for (const Field& field : prompt.input().fields()) {
      w.begin_object().field("name", field.name);
      if (has_title(version)) w.field_if("title", field.title);
      w.field_if("description", field.description).field("required", field.required).end_object();
    }
    w.end_array();
  }
  write_icons(w, info.icons, version);
  write_meta(w, info.meta_json, version);
  w.end_object();
}

void write_resource(Writer& w, const ResourceInfo& info, Version version) {
  w.begin_object().field("uri", info.uri);
  write_info(w, info, version);
  if (info.size) w.field("size", *info.size);
  w.end_object();
}

void write_template(Writer& w, const ResourceInfo& info, Version version) {
  w.begin_object().field("uriTemplate", info.uri_template);
  write_info(w, info, version);
  w.end_object();
}

}  // namespace mcp
