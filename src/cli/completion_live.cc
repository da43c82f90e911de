// The names that a server knows, for completion.
#include <utility>

#include "base/text.h"
#include "cli/completion.h"
#include "cli/options.h"
#include "cli/session.h"
#include "cli/tool_list.h"

namespace cli {

using base::json::Document;
using base::json::Member;
using base::json::Value;

namespace {

constexpr std::string_view kScheme = "k0rdent://";
constexpr std::string_view kNamespaces = "k0rdent://events/{namespace}";
constexpr std::string_view kClusters = "k0rdent://cluster-monitor/{namespace}/{name}";

using Given = std::vector<std::pair<std::string, std::string>>;  // variables that have a value

// The values that the server offers for a variable of a template (completion/complete).
std::vector<std::string> values_of(Session& session, std::string_view uri_template,
                                   std::string_view variable, std::string_view begin,
                                   const Given& given) {
  client::Ask ask;
  ask.method = "completion/complete";
  base::json::Writer w(ask.members);
  w.key("ref").begin_object().field("type", "ref/resource").field("uri", uri_template).end_object();
  w.key("argument").begin_object().field("name", variable).field("value", begin).end_object();
  w.key("context").begin_object().key("arguments").begin_object();
  for (const auto& [name, value] : given)
    w.field(name, value);
  w.end_object().end_object();
  const client::Outcome outcome = session.ask(ask);
  std::vector<std::string> out;
  Document doc;
  if (const auto root = doc.parse(outcome.result))
    for (const Value each : (*root)["completion"]["values"].array())
      out.emplace_back(each.str());
  return out;
}

bool is_variable(std::string_view part) {
  return part.starts_with('{') && part.ends_with('}');
}

// What may follow `typed` by one template; nothing when they differ before.
void add_uris(Session& session, std::string_view whole, const std::string& typed,
              std::vector<Candidate>& out) {
  const std::string_view path = whole.substr(0, whole.find("{?"));
  const auto parts = base::split(path, '/'), have = base::split(typed, '/');
  if (have.size() > parts.size()) return;
  const std::size_t last = have.size() - 1;
  Given given;
  for (std::size_t i = 0; i < last; ++i) {
    if (is_variable(parts[i]))
      given.emplace_back(parts[i].substr(1, parts[i].size() - 2), have[i]);
    else if (parts[i] != have[i])
      return;
  }
  const std::string before = typed.substr(0, typed.size() - have[last].size());
  const std::string after = last + 1 < parts.size() ? "/" : "";
  if (!is_variable(parts[last])) {
    // The literal beginning up to the first variable in one step.
    std::string literal(parts[last]);
    std::size_t i = last + 1;
    for (; i < parts.size() && !is_variable(parts[i]); ++i)
      literal.append("/").append(parts[i]);
    literal.insert(0, before).append(i < parts.size() ? "/" : "");
    out.push_back({std::move(literal)});
    return;
  }
  for (const std::string& value : values_of(
           session, whole, parts[last].substr(1, parts[last].size() - 2), have[last], given)) {
    std::string word = before;
    word.append(value).append(after);
    out.push_back({std::move(word)});
  }
}

std::vector<Candidate> uris(Session& session, const std::string& typed) {
  std::vector<Candidate> out;
  client::Ask ask;
  ask.method = "resources/templates/list";
  Document doc;
  if (const auto root = doc.parse(session.ask(ask).result))
    for (const Value each : (*root)["resourceTemplates"].array())
      add_uris(session, each["uriTemplate"].str(), typed, out);
  ask.method = "resources/list";
  Document fixed;
  if (const auto root = fixed.parse(session.ask(ask).result))
    for (const Value each : (*root)["resources"].array())
      out.push_back({std::string(each["uri"].str()), std::string(each["title"].str())});
  return out;
}

// What both commands take without its scheme is offered so.
std::vector<Candidate> short_uris(Session& session, const std::string& typed) {
  if (typed.empty() || kScheme.starts_with(typed) || typed.starts_with(kScheme))
    return uris(session, typed);
  std::vector<Candidate> out = uris(session, std::string(kScheme) + typed);
  for (Candidate& each : out)
    if (each.word.starts_with(kScheme)) each.word.erase(0, kScheme.size());
  return out;
}

// Whole names, and for one that is typed from its middle the ends that begin so.
std::vector<Candidate> tool_names(const ToolList& tools, const std::string& typed) {
  std::vector<Candidate> out;
  bool whole = false;
  for (const Value tool : tools.all()) {
    out.push_back({std::string(tool["name"].str()), std::string(tool["title"].str())});
    whole = whole || out.back().word.starts_with(typed);
  }
  if (whole) return out;
  for (Candidate& each : out) {
    std::size_t at = each.word.find('.');
    while (at != each.word.npos && !each.word.substr(at + 1).starts_with(typed))
      at = each.word.find('.', at + 1);
    if (at != each.word.npos && tools.find(each.word.substr(at + 1)).present())
      each.word.erase(0, at + 1);
  }
  return out;
}

// `typed`: "nam", or "namespace=tea".
std::vector<Candidate> arguments(Session& session, Value tool, const std::string& typed,
                                 const std::vector<std::string>& words) {
  std::vector<Candidate> out;
  const Value properties = tool["inputSchema"]["properties"];
  const std::size_t equals = typed.find('=');
  if (equals == typed.npos) {
    for (const Member& each : properties.object())
      out.push_back({std::string(each.key) + "=", std::string(each.value["title"].str())});
    return out;
  }
  const std::string name = typed.substr(0, equals), prefix = name + "=";
  const std::string begin = typed.substr(equals + 1);
  const Value property = properties[name];
  // In a list the last value is being typed.
  const std::size_t comma = begin.rfind(',');
  const std::string before = comma == begin.npos ? "" : begin.substr(0, comma + 1);
  for (const Value each : property["enum"].array())
    out.push_back({prefix + std::string(each.str())});
  for (const Value each : property["items"]["enum"].array())
    out.push_back({prefix + before + std::string(each.str())});
  if (property["type"].str() == "boolean") out = {{prefix + "true"}, {prefix + "false"}};
  Given given;
  for (const std::string& word : words)
    if (word.starts_with("namespace=")) given = {{"namespace", word.substr(word.find('=') + 1)}};
  std::vector<std::string> values;
  if (name == "namespace") values = values_of(session, kNamespaces, name, begin, {});
  const bool cluster = tool["name"].str().find("luster") != std::string_view::npos;
  if (name == "name" && cluster && !given.empty())
    values = values_of(session, kClusters, name, begin, given);
  for (const std::string& value : values)
    out.push_back({prefix + value});
  return out;
}

}  // namespace

std::vector<Candidate> complete_from_server(const std::vector<std::string>& words,
                                            app::Getenv getenv) {
  const std::string& command = words[1];
  auto options = parse_options(command, {words.begin() + 2, words.end() - 1}, getenv);
  if (!options) return {};
  auto session = Session::open(*options, getenv, false);
  if (!session) return {};
  if (command == "read" || command == "watch") return short_uris(**session, words.back());
  ToolList tools;
  if (tools.load(**session)) return {};
  if (options->words.empty()) return tool_names(tools, words.back());
  const Value tool = tools.find(options->words[0]);
  if (command != "call" || !tool.present()) return {};
  return arguments(**session, tool, words.back(), options->words);
}

}  // namespace cli
