#include "cli/tool_list.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/text.h"

namespace cli {

using base::json::Value;

namespace {

std::string with_dots(std::string_view name) {
  std::string out(name);
  std::replace(out.begin(), out.end(), '_', '.');
  return out;
}

bool ends_with_words(std::string_view name, std::string_view end) {
  return name.size() > end.size() && name.ends_with(end) &&
         name[name.size() - end.size() - 1] == '.';
}

// By the last word of its name: the tool itself is not known here, when it is not offered.
bool is_write(std::string_view name) {
  constexpr std::string_view kWords[] = {"apply",
                                         "patch",
                                         "delete",
                                         "scale",
                                         "restart",
                                         "annotate",
                                         "label",
                                         "create",
                                         "remove",
                                         "deploy",
                                         "upgrade",
                                         "add",
                                         "install.from.catalog"};
  const std::string all = with_dots(name);
  return std::any_of(std::begin(kWords), std::end(kWords), [&all](std::string_view word) {
    return all == word || ends_with_words(all, word);
  });
}

}  // namespace

std::optional<client::Outcome> ToolList::load(Session& session) {
  std::string cursor;
  for (int page = 0; page < kToolPages; ++page) {
    client::Ask ask;
    ask.method = "tools/list";
    if (!cursor.empty()) {
      ask.members = "\"cursor\":";
      base::json::append_string(ask.members, cursor);
    }
    client::Outcome outcome = session.ask(ask);
    if (outcome.failure || outcome.rpc) return outcome;
    const auto root = pages_.emplace_back().parse(outcome.result);
    cursor = root ? std::string((*root)["nextCursor"].str()) : std::string();
    if (cursor.empty()) break;
  }
  return std::nullopt;
}

std::vector<Value> ToolList::all() const {
  std::vector<Value> out;
  for (const base::json::Document& page : pages_)
    for (const Value tool : page.root()["tools"].array())
      out.push_back(tool);
  return out;
}

Value ToolList::find(std::string_view name) const {
  const std::string wanted = with_dots(name);
  Value found;
  int count = 0;
  for (const Value tool : all()) {
    const std::string each = with_dots(tool["name"].str());
    if (each == wanted) return tool;
    if (!ends_with_words(each, wanted)) continue;
    found = tool;
    ++count;
  }
  return count == 1 ? found : Value();
}

std::vector<Value> ToolList::with(std::string_view text) const {
  std::vector<Value> out;
  for (const Value tool : all())
    if (with_dots(tool["name"].str()).find(with_dots(text)) != std::string::npos)
      out.push_back(tool);
  return out;
}

std::string ToolList::problem(std::string_view name) const {
  const std::string wanted = with_dots(name);
  std::vector<std::string> names, ends;
  bool writes = false;
  for (const Value tool : all()) {
    writes = writes || !tool["annotations"]["readOnlyHint"].bool_or(false);
    names.emplace_back(tool["name"].str());
    if (ends_with_words(with_dots(names.back()), wanted)) ends.push_back(names.back());
  }
  if (!ends.empty())
    return "\"" + base::printable(name, 64) + "\" may be " + base::join(ends, " or ");
  // Also by their ends, which is how most are typed.
  std::vector<std::string> endings;
  for (const std::string& each : names)
    for (std::size_t at = each.find_first_of("._"); at != each.npos;
         at = each.find_first_of("._", at + 1))
      endings.push_back(each.substr(at + 1));
  std::vector<std::string_view> known(names.begin(), names.end());
  known.insert(known.end(), endings.begin(), endings.end());
  const std::string_view near = base::nearest(name, known);
  std::string out = "unknown tool \"" + base::printable(name, 64) + "\"";
  if (!writes && is_write(name))
    out +=
        "; this server offers no tool that writes: that takes --allow-writes, without --read-only";
  else if (!near.empty())
    out.append("; did you mean ").append(near).append("?");
  else if (!with(name).empty())
    out +=
        "; k0rdent-mcp tools " + base::printable(name, 64) + " lists those with it in their name";
  else
    out += "; k0rdent-mcp tools lists them";
  return out;
}

}  // namespace cli
