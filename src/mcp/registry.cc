#include "mcp/registry.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"
#include "base/encoding.h"
#include "base/json.h"
#include "base/text.h"
#include "mcp/entries.h"
#include "mcp/header_annotation.h"

namespace mcp {

using base::json::Writer;

namespace {

constexpr std::size_t kToolNameBytes = 128;  // MCP 2025-11-25, Tools, "Tool Names"
constexpr std::array<std::string_view, kLists> kMembers = {"tools", "prompts", "resources",
                                                           "resourceTemplates"};

bool is_token(std::string_view text, std::string_view punctuation) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           punctuation.find(c) != std::string_view::npos;
  });
}

bool is_object_or_empty(const std::string& json) {
  if (json.empty()) return true;
  base::json::Document doc;
  const auto value = doc.parse(json);
  // One line: the text is inserted unchanged, and must not break an event stream's frame.
  return value && value->is(base::json::Type::object) && json.find('\n') == std::string::npos;
}

// Clients drop a tool whose x-mcp-header annotations break the rules (MCP 2026-07-28, Tools,
// "x-mcp-header").
bool headers_are_good(const std::string& schema_json) {
  base::json::Document doc;
  const auto schema = doc.parse(schema_json);
  return !schema || annotation_problem(*schema).empty();
}

std::string_view key_of(const Tool& tool) {
  return tool.info().name;
}
std::string_view key_of(const Prompt& prompt) {
  return prompt.info().name;
}
std::string_view key_of(const ResourceFamily& family) {
  const ResourceInfo& info = family.info();
  return info.uri_template.empty() ? info.uri : info.uri_template;
}

// The position of `key` in a sorted list, or where it would be.
template <class T>
auto place(const std::vector<std::unique_ptr<T>>& list, std::string_view key) {
  return std::lower_bound(
      list.begin(), list.end(), key,
      [](const std::unique_ptr<T>& each, std::string_view k) { return key_of(*each) < k; });
}

template <class T>
T* find(const std::vector<std::unique_ptr<T>>& list, std::string_view key) {
  const auto at = place(list, key);
  return at != list.end() && key_of(**at) == key ? at->get() : nullptr;
}

template <class T>
void insert(std::vector<std::unique_ptr<T>>& list, std::unique_ptr<T> one) {
  const std::string_view key = key_of(*one);
  CHECK(!key.empty() && !find(list, key));
  list.insert(place(list, key), std::move(one));
}

std::string with_underscores(std::string_view name) {
  std::string out(name);
  std::replace(out.begin(), out.end(), '.', '_');
  return out;
}

template <class T>
std::string_view nearest(const std::vector<std::unique_ptr<T>>& list, std::string_view name) {
  std::vector<std::string_view> names;
  names.reserve(list.size());
  for (const std::unique_ptr<T>& each : list)
    names.push_back(key_of(*each));
  return base::nearest(name, names);
}

// A cursor: the list's number and the key of the last entry shown, in base64.
std::string make_cursor(List list, std::string_view last) {
  std::string text(1, static_cast<char>('0' + static_cast<int>(list)));
  return base::base64(text.append(last));
}

std::optional<std::string> read_cursor(List list, std::string_view cursor) {
  auto text = base::parse_base64(cursor);
  if (!text || text->size() < 2 || (*text)[0] != static_cast<char>('0' + static_cast<int>(list)) ||
      base::base64(*text) != cursor) {
    return std::nullopt;
  }
  return text->substr(1);
}

struct Page {
  List list;
  Version version;
  std::string_view after;  // the page has entries after this key
  std::size_t entries;

  template <class T, class Shown, class Write>
  std::string make(const std::vector<std::unique_ptr<T>>& all, Shown shown, Write write) const {
    std::string out;
    Writer w(out);
    w.begin_object().key(kMembers[static_cast<std::size_t>(list)]).begin_array();
    std::string_view last;
    bool more = false;
    std::size_t count = 0;
    for (const std::unique_ptr<T>& each : all) {
      if (!shown(*each) || (!after.empty() && key_of(*each) <= after)) continue;
      more = count++ == entries;
      if (more) break;
      write(w, *each, version);
      last = key_of(*each);
    }
    w.end_array();
    if (more) w.field("nextCursor", make_cursor(list, last));
    w.end_object();
    return out;
  }
};

}  // namespace

void Lists::add(List list) {
  tools = tools || list == List::tools;
  prompts = prompts || list == List::prompts;
  resources = resources || list == List::resources || list == List::templates;
}

void Lists::add(const Lists& more) {
  tools = tools || more.tools;
  prompts = prompts || more.prompts;
  resources = resources || more.resources;
}

void Registry::add(std::unique_ptr<Tool> tool) {
  const ToolInfo& info = tool->info();
  CHECK(is_token(info.name, "_.-") && info.name.size() <= kToolNameBytes);
  CHECK(is_object_or_empty(tool->input().input_json()));
  CHECK(headers_are_good(tool->input().input_json()));
  CHECK(is_object_or_empty(info.meta_json));
  CHECK(!find_tool(info.name) && !find_tool(with_underscores(info.name)));
  if (offers_ && !offers_(info.name)) return withhold(std::move(tool), not_offered_);
  insert(tools_, std::move(tool));
  changed(List::tools);
}

void Registry::withhold(std::unique_ptr<Tool> tool, std::string why) {
  CHECK(!find_tool(tool->info().name) && !why.empty());
  withheld_.push_back({std::move(tool), std::move(why)});
}

void Registry::add(std::unique_ptr<Prompt> prompt) {
  CHECK(is_object_or_empty(prompt->info().meta_json));
  for (const Field& field : prompt->input().fields())
    CHECK(field.access->kind == schema::Kind::string);
  insert(prompts_, std::move(prompt));
  changed(List::prompts);
}

void Registry::add(std::unique_ptr<ResourceFamily> family) {
  CHECK(!family->info().name.empty() && is_object_or_empty(family->info().meta_json));
  insert(families_, std::move(family));
  changed(List::resources);
}

std::optional<std::string> Registry::refusal(const Tool& tool, const Caller& caller) const {
  for (const Withheld& each : withheld_)
    if (each.tool.get() == &tool) return each.why;
  if (caller.scope < scope_of(tool.info())) return "the caller's token does not allow it";
  return refuses_ ? refuses_(tool, caller) : std::nullopt;
}

Tool* Registry::find_tool(std::string_view name) const {
  if (Tool* tool = find(tools_, name)) return tool;
  const auto is = [name](const Tool& tool) {
    const std::string& own = tool.info().name;
    return own.size() == name.size() && (own == name || with_underscores(own) == name);
  };
  for (const std::unique_ptr<Tool>& tool : tools_)
    if (is(*tool)) return tool.get();
  for (const Withheld& each : withheld_)
    if (is(*each.tool)) return each.tool.get();
  return nullptr;
}

std::string Registry::shown(std::string_view tool_name) const {
  return tool_names_ == ToolNames::underscores ? with_underscores(tool_name)
                                               : std::string(tool_name);
}

Prompt* Registry::find_prompt(std::string_view name) const {
  return find(prompts_, name);
}

ResourceFamily* Registry::find_template(std::string_view uri_template) const {
  for (const std::unique_ptr<ResourceFamily>& family : families_) {
    const ResourceInfo& info = family->info();
    const bool same =
        !uri_template.empty() && (info.uri_template == uri_template || info.uri == uri_template);
    if (same) return family.get();
  }
  return nullptr;
}

ResourceFamily* Registry::find_family(std::string_view uri) const {
  for (const std::unique_ptr<ResourceFamily>& family : families_) {
    if (family->owns(uri)) return family.get();
  }
  return nullptr;
}

std::string Registry::nearest_tool(std::string_view name) const {
  std::vector<std::string> spelled;
  for (const std::unique_ptr<Tool>& tool : tools_)
    spelled.push_back(with_underscores(tool->info().name));
  const std::string near(base::nearest(with_underscores(name), {spelled.begin(), spelled.end()}));
  const Tool* tool = near.empty() ? nullptr : find_tool(near);
  return tool ? shown(tool->info().name) : std::string();
}

std::string_view Registry::nearest_prompt(std::string_view name) const {
  return nearest(prompts_, name);
}

const std::string* Registry::page(List list, Version version, std::string_view cursor,
                                  const Caller* caller) const {
  const Scope scope = caller ? caller->scope : Scope::write;
  const auto hidden = [this, caller](const Tool& tool) {
    return caller && refusal(tool, *caller).has_value();
  };
  // The pages that are kept are those of callers from whom only their scope hides anything.
  const bool own = list == List::tools && caller && refuses_ &&
                   std::any_of(tools_.begin(), tools_.end(), [&](const auto& tool) {
                     return scope >= scope_of(tool->info()) && refuses_(*tool, *caller);
                   });
  std::string& out =
      cursor.empty() && !own
          ? first_pages_[static_cast<std::size_t>(scope)][static_cast<std::size_t>(list)]
                        [static_cast<std::size_t>(version)]
          : later_page_;
  if (cursor.empty() && !own && !out.empty()) return &out;
  std::string after;
  if (!cursor.empty()) {
    auto read = read_cursor(list, cursor);
    if (!read) return nullptr;
    after = *std::move(read);
  }
  const Page page{list, version, after, page_entries_};
  const auto any = [](const auto&) { return true; };
  switch (list) {
    case List::tools:
      out = page.make(
          tools_, [&](const Tool& tool) { return !hidden(tool); },
          [this](Writer& w, const Tool& tool, Version v) {
            write_tool(w, tool, shown(tool.info().name), v);
          });
      break;
    case List::prompts:
      out = page.make(prompts_, any, write_prompt);
      break;
    case List::resources:
      out = page.make(
          families_,
          [&](const ResourceFamily& f) { return !f.info().uri.empty() && f.info().scope <= scope; },
          [](Writer& w, const ResourceFamily& f, Version v) { write_resource(w, f.info(), v); });
      break;
    case List::templates:
      out = page.make(
          families_,
          [&](const ResourceFamily& f) {
            return !f.info().uri_template.empty() && f.info().scope <= scope;
          },
          [](Writer& w, const ResourceFamily& f, Version v) { write_template(w, f.info(), v); });
      break;
  }
  return &out;
}

bool Registry::completes() const {
  const auto does = [](const auto& each) { return each->completes(); };
  return std::any_of(prompts_.begin(), prompts_.end(), does) ||
         std::any_of(families_.begin(), families_.end(), does);
}

std::string Registry::capabilities_json() const {
  std::string out;
  Writer w(out);
  w.begin_object();
  if (completes()) w.key("completions").raw("{}");
  w.key("logging").raw("{}");
  if (!prompts_.empty()) w.key("prompts").raw(R"({"listChanged":true})");
  if (!families_.empty()) w.key("resources").raw(R"({"listChanged":true,"subscribe":true})");
  if (!tools_.empty()) w.key("tools").raw(R"({"listChanged":true})");
  w.end_object();
  return out;
}

bool Registry::has_tasks() const {
  return std::any_of(tools_.begin(), tools_.end(),
                     [](const auto& tool) { return tool->info().tasks != TaskSupport::never; });
}

void Registry::announce(List list) {
  if (changed_) changed_(list);
}

void Registry::changed(List list) {
  for (auto& of_scope : first_pages_) {
    for (auto& of_list : of_scope) {
      for (std::string& page : of_list)
        page.clear();
    }
  }
  announce(list);
}

}  // namespace mcp
