// Registry: owns the server's tools, prompts and resources, and makes the four lists that show
// them, page by page, as each revision defines them.
//
//   mcp::Registry registry;
//   registry.add(std::make_unique<ListTool>(…));       // tool.h
//   registry.add(std::make_unique<WhyPrompt>(…));      // prompt.h
//   registry.add(std::make_unique<EventFamily>(…));    // resource.h
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/delegate.h"
#include "mcp/caller.h"
#include "mcp/prompt.h"
#include "mcp/resource.h"
#include "mcp/tool.h"
#include "mcp/version.h"

namespace mcp {

enum class List : unsigned char { tools, prompts, resources, templates };
constexpr int kLists = 4;

// A set of lists as list_changed notifications name them: resources and their templates are one.
struct Lists {
  bool tools = false, prompts = false, resources = false;
  void add(List list);
  void add(const Lists& more);
  bool any() const { return tools || prompts || resources; }
  // fn(method): "notifications/tools/list_changed", …
  template <class Fn>
  void each(Fn fn) const {
    if (tools) fn("notifications/tools/list_changed");
    if (prompts) fn("notifications/prompts/list_changed");
    if (resources) fn("notifications/resources/list_changed");
  }
};

// How tool names are spelled in lists; calls accept both spellings. Some model APIs refuse a
// request that has a tool name with a dot, so that frameworks which pass names on unchanged could
// use none of the tools.
enum class ToolNames : unsigned char { dots, underscores };

// Entries in one page: a list of this size is about 100 kB, and few servers have more.
constexpr std::size_t kPageEntries = 100;

class Registry {
 public:
  explicit Registry(std::size_t page_entries = kPageEntries) : page_entries_(page_entries) {}

  // Requires: names (tool names also when written with underscores), templates and URIs are unique
  // and well-formed; JSON is one object on one line. Violations are our bugs and fail a CHECK at
  // start. An addition is announced (when_changed()).
  void add(std::unique_ptr<Tool> tool);
  void add(std::unique_ptr<Prompt> prompt);
  void add(std::unique_ptr<ResourceFamily> family);

  // Tools for which it is false are withheld instead of added; before the first add(). `why`: as
  // below.
  void choose_tools(base::Delegate<bool(std::string_view name)> offers, std::string why) {
    offers_ = offers;
    not_offered_ = std::move(why);
  }
  // A tool that this server has and does not offer to any caller: it is in no list, and a call of it
  // is answered with `why` and what to do: "writes are off: start the server with …".
  void withhold(std::unique_ptr<Tool> tool, std::string why);
  // Why a caller can use a tool for nothing, e.g. because of the operator's policy; nullopt: it can. Such a
  // tool is not listed for that caller, and a call of it is answered with the reason. When what it says
  // changes, announce(List::tools).
  using RefusesFn = base::Delegate<std::optional<std::string>(const Tool&, const Caller&)>;
  void hide_tools(RefusesFn refuses) { refuses_ = refuses; }
  // The same for a tool that needs a higher scope than the caller's token has.
  std::optional<std::string> refusal(const Tool& tool, const Caller& caller) const;
  // Told of each call that is answered with such a reason.
  using RefusedFn = base::Delegate<void(const Tool&, const Caller&, const std::string& why)>;
  void when_refused(RefusedFn refused) { refused_ = refused; }
  void tell_refused(const Tool& tool, const Caller& caller, const std::string& why) const {
    if (refused_) refused_(tool, caller, why);
  }
  void show_tool_names(ToolNames how) { tool_names_ = how; }  // before the first page

  // Calls fn(const Tool&), fn(const ResourceFamily&) for each, by name.
  template <class Fn>
  void each_tool(Fn fn) const {
    for (const auto& each : tools_)
      fn(std::as_const(*each));
  }
  template <class Fn>
  void each_family(Fn fn) const {
    for (const auto& each : families_)
      fn(std::as_const(*each));
  }

  Tool* find_tool(std::string_view name) const;  // in either spelling; also one that is withheld
  Prompt* find_prompt(std::string_view name) const;
  ResourceFamily* find_family(std::string_view uri) const;
  // The family with exactly this template (or URI), for completion.
  ResourceFamily* find_template(std::string_view uri_template) const;
  // For "did you mean": the nearest name, or ""; a tool's in the spelling shown.
  std::string nearest_tool(std::string_view name) const;
  std::string_view nearest_prompt(std::string_view name) const;

  // One page as the result object: {"tools":[…],"nextCursor":"…"}; tools and prompts sorted by
  // name, resources by URI. `cursor`: "" for the first page, else a page's nextCursor, which
  // encodes the last entry shown and so stays valid after a restart and in every replica. nullptr:
  // it is no cursor of this list. The result is valid until the next call. `caller`: whose list it is;
  // nullptr: everything.
  const std::string* page(List list, Version version, std::string_view cursor,
                          const Caller* caller = nullptr) const;

  // The server's capabilities, for initialize and server/discover:
  // {"completions":{},"logging":{},"prompts":{"listChanged":true},…}
  std::string capabilities_json() const;
  // The lists for which capabilities_json() declares listChanged.
  Lists offered() const { return {!tools_.empty(), !prompts_.empty(), !families_.empty()}; }
  bool has_prompts() const { return !prompts_.empty(); }
  bool has_tasks() const;  // some tool's calls may become tasks
  bool completes() const;  // some prompt or resource does

  // Reports that a list has changed: calls when_changed()'s `fn`.
  void announce(List list);
  void when_changed(base::Delegate<void(List)> fn) { changed_ = fn; }

 private:
  void changed(List list);
  std::string shown(std::string_view tool_name) const;
  std::size_t page_entries_;
  ToolNames tool_names_ = ToolNames::dots;
  std::vector<std::unique_ptr<Tool>> tools_;               // sorted by name
  std::vector<std::unique_ptr<Prompt>> prompts_;           // sorted by name
  std::vector<std::unique_ptr<ResourceFamily>> families_;  // sorted by template, then URI
  base::Delegate<void(List)> changed_;
  struct Withheld {
    std::unique_ptr<Tool> tool;
    std::string why;
  };
  std::vector<Withheld> withheld_;
  base::Delegate<bool(std::string_view)> offers_;
  std::string not_offered_;
  RefusesFn refuses_;
  RefusedFn refused_;
  mutable std::string first_pages_[kScopes][kLists][kVersions];
  mutable std::string later_page_;
};

}  // namespace mcp
