#include "mcp/result.h"

#include <algorithm>

namespace mcp {

using base::json::Writer;

namespace {

void write_text(Writer& w, std::string_view text) {
  w.begin_object().field("type", "text").field("text", text).end_object();
}

}  // namespace

std::string tool_result_json(const ToolResult& result, Version version) {
  const std::string& structured = result.structured_json;
  std::string out;
  out.reserve(2 * structured.size() + structured.size() / 4 + 128);
  Writer w(out);
  w.begin_object().key("content").begin_array();
  for (const Content& content : result.content)
    write(w, content, version);
  if (result.content.empty() && !structured.empty()) write_text(w, structured);
  w.end_array();
  if (version >= Version::v2025_06_18 && !structured.empty()) {
    w.key("structuredContent").raw(structured);
  }
  if (!result.meta_json.empty()) w.key("_meta").raw(result.meta_json);
  w.end_object();
  return out;
}

std::string tool_error_json(std::string_view text) {
  std::string out;
  Writer w(out);
  w.begin_object().key("content").begin_array();
  write_text(w, text);
  w.end_array().field("isError", true).end_object();
  return out;
}

std::string prompt_result_json(const PromptResult& result, Version version) {
  std::string out;
  Writer w(out);
  w.begin_object().field_if("description", result.description).key("messages").begin_array();
  for (const PromptMessage& message : result.messages) {
    w.begin_object().field("role", message.assistant ? "assistant" : "user").key("content");
    write(w, message.content, version);
    w.end_object();
  }
  w.end_array().end_object();
  return out;
}

std::string read_result_json(std::string_view uri, const ResourceContent& content,
                             Version version) {
  std::string out;
  out.reserve(content.text.size() + content.text.size() / 8 + uri.size() + 128);
  Writer w(out);
  w.begin_object().key("contents").begin_array();
  write(w, uri, content, version);
  w.end_array().end_object();
  return out;
}

std::string completion_result_json(const std::vector<std::string>& values,
                                   std::optional<std::uint64_t> total) {
  const std::size_t shown = std::min(values.size(), kCompletionValues);
  std::string out;
  Writer w(out);
  w.begin_object().key("completion").begin_object().key("values").begin_array();
  for (std::size_t i = 0; i < shown; ++i)
    w.string(values[i]);
  w.end_array();
  const std::uint64_t all = total.value_or(values.size());
  w.field("total", all).field("hasMore", all > shown).end_object().end_object();
  return out;
}

RpcError about_uri(RpcError error, std::string_view uri) {
  if (!error.data_json.empty()) return error;
  Writer w(error.data_json);
  w.begin_object().field("uri", uri).end_object();
  return error;
}

}  // namespace mcp
