#include "graph/model/filter.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "mcp/schema.h"

namespace graph::model {

using base::Errc;
using base::Error;

namespace {

std::vector<std::string> list_of(std::string_view text) {
  std::vector<std::string> out;
  for (std::string_view part : base::split(text, ',')) {
    if (part = base::trim(part); !part.empty()) out.emplace_back(part);
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

std::string joined(const std::vector<std::string>& list) {
  std::string out;
  for (const std::string& one : list)
    out.append(out.empty() ? "" : ",").append(one);
  return out;
}

Error unknown_kind(const std::string& kind) {
  const std::vector<std::string_view>& known = graph_types();
  std::string text = "unknown kind \"" + base::printable(kind, 64) + "\"";
  const auto same = std::find_if(known.begin(), known.end(),
                                 [&](std::string_view type) { return base::iequals(type, kind); });
  const std::string_view near = same != known.end() ? *same : base::nearest(kind, known);
  if (!near.empty()) text.append("; did you mean ").append(near).append("?");
  text.append(" (kinds: ");
  for (std::size_t i = 0; i < known.size(); ++i)
    text.append(i ? ", " : "").append(known[i]);
  return Error(Errc::invalid_argument, text.append(")"));
}

bool has(const std::vector<std::string>& list, std::string_view one) {
  return std::binary_search(list.begin(), list.end(), one);
}

}  // namespace

base::Result<Filter> Filter::parse(std::string_view namespaces, std::string_view kinds,
                                   const cluster::NamespaceFilter& allowed) {
  Filter filter;
  for (const auto& [name, list] : {std::pair("namespace", namespaces), std::pair("kinds", kinds)}) {
    if (list.size() > kFilterBytes) {
      return Error(Errc::invalid_argument, "'" + std::string(name) + "' may have at most " +
                                               std::to_string(kFilterBytes) + " bytes, got " +
                                               std::to_string(list.size()));
    }
  }
  filter.namespaces = list_of(namespaces);
  filter.kinds = list_of(kinds);
  const std::vector<std::string_view>& known = graph_types();
  for (const std::string& kind : filter.kinds) {
    if (std::find(known.begin(), known.end(), kind) == known.end()) return unknown_kind(kind);
  }
  for (const std::string& ns : filter.namespaces) {
    if (auto ok = mcp::check_form("namespace", ns, mcp::Field::Form::dns_label); !ok)
      return std::move(ok).error();
    if (auto ok = allowed.check(ns); !ok) return std::move(ok).error();
  }
  return filter;
}

std::string Filter::text() const {
  std::string out;
  if (!namespaces.empty()) out = "namespace=" + joined(namespaces);
  if (!kinds.empty()) out.append(out.empty() ? "" : "&").append("kinds=").append(joined(kinds));
  return out;
}

bool Filter::names_kind(std::string_view type) const {
  return has(kinds, type);
}

bool Filter::has_place(const Store& store, NodeIndex index, bool exists) const {
  const Node& node = store.node(index);
  const Kind& kind = store.kinds()[node.kind];
  if (kinds.empty() ? kind.policy == KindPolicy::asked : !has(kinds, kind.type)) return false;
  if (namespaces.empty()) return true;
  if (!node.ns().empty()) return has(namespaces, node.ns());
  return !exists || store.is_near(index, namespaces);
}

bool Filter::shows(const Store& store, NodeIndex index) const {
  return store.shown(store.node(index)) && has_place(store, index, true);
}

bool Filter::shows_edge(const Store& store, EdgeIndex index) const {
  return shows_edge(store, index, [&](NodeIndex node) { return shows(store, node); });
}

}  // namespace graph::model
