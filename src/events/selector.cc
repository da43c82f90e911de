#include "events/selector.h"

#include <algorithm>
#include <utility>

#include "base/encoding.h"
#include "base/text.h"
#include "cluster/label_selector.h"
#include "cluster/uri.h"
#include "mcp/schema.h"

namespace events {

using base::Errc;
using base::Error;
using base::Result;

Result<Selector> Selector::parse(Words words) {
  Selector out;
  auto fields = FieldSelector::parse(words.field_selector);
  if (!fields) return std::move(fields).error();
  out.fields_ = *std::move(fields);
  auto labels = cluster::canonical_label_selector(words.label_selector);
  if (!labels) return std::move(labels).error();
  words.label_selector = *std::move(labels);
  words.field_selector = out.fields_.text(Api::core_v1);
  for (std::string& type : words.types) {
    type = base::to_lower(type);
    if (type == "normal" || type == "warning") continue;
    return Error(Errc::invalid_argument, "'types' has \"" + base::printable(type, 64) +
                                             "\": events are of type Normal or Warning");
  }
  std::sort(words.types.begin(), words.types.end());
  words.types.erase(std::unique(words.types.begin(), words.types.end()), words.types.end());
  words.for_kind = base::to_lower(words.for_kind);
  words.for_name = base::to_lower(words.for_name);
  if (words.types.size() == 1) {
    for (const std::string_view known : {"Normal", "Warning"})
      if (base::iequals(words.types[0], known)) out.fields_.add_type(known);
  }
  out.words_ = std::move(words);
  return out;
}

Result<void> Selector::resolve(const cluster::KindAnswer& answer) {
  if (!answer.kind && !answer.unknown)
    return Error(Errc::invalid_argument, "'forKind': " + answer.error);
  if (answer.kind) words_.for_kind = base::to_lower(answer.kind->resource.kind);
  return {};
}

static Result<void> set_parameter(Selector::Words& words, const std::string& name,
                                  const std::string& value) {
  if (name == "types") {
    for (std::string_view type : base::split(value, ',')) {
      if (type = base::trim(type); !type.empty()) words.types.emplace_back(type);
    }
    return {};
  }
  const std::pair<std::string_view, std::string*> known[] = {
      {"fieldSelector", &words.field_selector},
      {"forKind", &words.for_kind},
      {"forName", &words.for_name},
      {"labelSelector", &words.label_selector}};
  for (const auto& [known_name, to] : known) {
    if (name != known_name) continue;
    *to = value;
    return {};
  }
  return Error(Errc::invalid_argument,
               "unknown parameter '" + base::printable(name, 64) +
                   "' (known: fieldSelector, forKind, forName, labelSelector, types)");
}

Result<Selector> Selector::from_uri(std::string_view uri) {
  auto parsed = cluster::parse_resource_uri(uri);
  if (!parsed) return std::move(parsed).error();
  if (parsed->segments.size() != 1) {
    return Error(Errc::invalid_argument, "URI must be k0rdent://events/{namespace}, got \"" +
                                             base::printable(uri, 200) + "\"");
  }
  Words words;
  words.ns = std::move(parsed->segments[0]);
  if (auto ok = mcp::check_form("namespace", words.ns, mcp::Field::Form::dns_label); !ok)
    return std::move(ok).error();
  for (const auto& [name, value] : parsed->parameters) {
    if (auto ok = set_parameter(words, name, value); !ok) return std::move(ok).error();
  }
  return parse(std::move(words));
}

std::string Selector::key() const {
  std::string out;
  const auto add = [&](std::string_view name, std::string_view value) {
    if (value.empty()) return;
    out.append(out.empty() ? "?" : "&")
        .append(name)
        .append("=")
        .append(base::percent_encode(value));
  };
  std::string types;
  for (const std::string& type : words_.types)
    types.append(types.empty() ? "" : ",").append(type);
  add("fieldSelector", words_.field_selector);
  add("forKind", words_.for_kind);
  add("forName", words_.for_name);
  add("labelSelector", words_.label_selector);
  add("types", types);
  return out;
}

bool Selector::passes(base::json::Value event, Api api) const {
  if (!words_.types.empty()) {
    const std::string_view type = event["type"].str();
    const bool any = std::any_of(words_.types.begin(), words_.types.end(),
                                 [&](const std::string& t) { return base::iequals(t, type); });
    if (!any) return false;
  }
  const base::json::Value subject = event_subject(event, api);
  if (!words_.for_kind.empty() && !base::iequals(words_.for_kind, subject["kind"].str()))
    return false;
  return words_.for_name.empty() || base::iequals(words_.for_name, subject["name"].str());
}

}  // namespace events
