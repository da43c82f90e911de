// tools: the list of tools, or one with its arguments; read: one resource.
#include <algorithm>

#include "base/yaml_write.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/tool_list.h"

namespace cli {

using base::json::Document;
using base::json::Member;
using base::json::Type;
using base::json::Value;

namespace {

// The first sentence, for a list.
std::string_view summary_of(Value tool) {
  const std::string_view text = tool["description"].str(tool["title"].str());
  return text.substr(0, std::min(text.find(". "), text.find('\n')));
}

std::string mark_of(Value tool) {
  const Value hints = tool["annotations"];
  if (hints["readOnlyHint"].bool_or(false)) return "";
  return hints["destructiveHint"].bool_or(true) ? "destroys" : "writes";
}

int show_list(const std::vector<Value>& tools, Format format) {
  std::string names, json = "[";
  std::vector<std::vector<std::string>> rows{{"NAME", "WRITES", "DESCRIPTION"}};
  for (const Value tool : tools) {
    const std::string name(tool["name"].str());
    names += name + "\n";
    json += (json.size() > 1 ? "," : "") + tool.to_json();
    rows.push_back({name, mark_of(tool), std::string(summary_of(tool))});
  }
  if (format == Format::name) return print(names), kOk;
  if (format == Format::table || format == Format::wide) return print(columns(rows)), kOk;
  Document doc;
  const auto root = doc.parse(json + "]");
  std::string yaml;
  if (format == Format::yaml) base::yaml::append_yaml(yaml, *root);
  return print(format == Format::yaml ? yaml : pretty(*root)), kOk;
}

bool is_required(Value schema, std::string_view name) {
  for (const Value each : schema["required"].array())
    if (each.str() == name) return true;
  return false;
}

// The usage as it is typed, the description, and a line for each argument.
std::string manual_of(Value tool) {
  const Value schema = tool["inputSchema"];
  const std::string name(tool["name"].str());
  std::string out = "usage: k0rdent-mcp call " + name;
  std::vector<std::vector<std::string>> rows;
  for (const Member& each : schema["properties"].object()) {
    const bool required = is_required(schema, each.key);
    const std::string key(each.key);
    if (required) out += " " + key + "=" + type_text(each.value);
    std::string about(each.value["description"].str());
    if (required) about += about.empty() ? "required" : " (required)";
    if (const Value fallback = each.value["default"]; fallback.present() && fallback.str() != "")
      about += " (default " + std::string(fallback.str()) + ")";
    else if (fallback.is(Type::integer))
      about += " (default " + fallback.to_json() + ")";
    auto& row = rows.emplace_back(1, "  " + key + "=" + type_text(each.value));
    if (!about.empty()) row.push_back(about);
  }
  out += rows.empty() ? "\n" : " [NAME=VALUE...]\n";
  out.append("\n").append(tool["description"].str()).append("\n");
  return rows.empty() ? out : out + "\n" + columns(rows);
}

std::string contents_text(Value contents) {
  std::string out;
  for (const Value each : contents.array()) {
    if (!out.empty() && out.back() != '\n') out += '\n';
    out += each["text"].str(each["blob"].str());
  }
  return out;
}

}  // namespace

int run_tools(const Options& options, app::Getenv getenv) {
  if (options.words.size() > 1) return complain("tools takes one name"), kUsage;
  auto session = Session::open(options, getenv, false);
  if (!session) return complain_of_session(session.error());
  ToolList tools;
  if (auto failed = tools.load(**session)) return complain_of(*failed, "tools", (*session)->name());
  if (options.words.empty()) return show_list(tools.all(), options.format);
  const Value tool = tools.find(options.words[0]);
  if (!tool.present()) {
    const auto some = tools.with(options.words[0]);
    if (some.empty()) return complain(tools.problem(options.words[0])), kUsage;
    return show_list(some, options.format);
  }
  std::string text = manual_of(tool);
  if (options.format == Format::json) text = pretty(tool);
  if (options.format == Format::name) text = tool["name"].str();
  if (options.format == Format::yaml) {
    text.clear();
    base::yaml::append_yaml(text, tool);
  }
  return print(text), kOk;
}

int run_read(const Options& options, app::Getenv getenv) {
  if (options.words.size() != 1)
    return complain("read takes one URI: k0rdent-mcp read k0rdent://events/NAMESPACE"), kUsage;
  auto session = Session::open(options, getenv, false);
  if (!session) return complain_of_session(session.error());
  const std::string& uri = options.words[0];
  client::Ask ask{"resources/read", uri, "\"uri\":"};
  base::json::append_string(ask.members, uri);
  const client::Outcome outcome = (*session)->ask(ask);
  if (outcome.failure || outcome.rpc) return complain_of(outcome, uri, (*session)->name());
  Document result, inner;
  const auto root = result.parse(outcome.result);
  if (!root) return complain(uri + ": the answer is not JSON"), kUnreachable;
  std::string text = contents_text((*root)["contents"]);
  // A text that is JSON is shown as it is asked for, everything else as it is.
  if (const auto value = inner.parse(text); value && !value->is(Type::string)) {
    const bool object = value->is(Type::object);
    if (options.format == Format::name && object)
      text = names_of(*value), complain_of_cut(*value, "; k0rdent-mcp call lists them all");
    else if (options.format != Format::yaml)
      text = pretty(*value);
    else
      text.clear(), base::yaml::append_yaml(text, *value);
  } else if (options.format == Format::json) {
    text = pretty((*root)["contents"]);
  }
  return print(text), kOk;
}

}  // namespace cli
