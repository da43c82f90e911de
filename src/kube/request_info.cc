#include "kube/request_info.h"

#include <optional>
#include <span>
#include <vector>

#include "base/encoding.h"
#include "base/json.h"
#include "base/text.h"

namespace kube {
namespace {

using Parts = std::span<const std::string_view>;

// The values of `name` in the query, decoded; '+' is a space there.
std::vector<std::string> values_of(std::string_view query, std::string_view name) {
  std::vector<std::string> out;
  for (const std::string_view pair : base::split(query, '&')) {
    const std::size_t equals = pair.find('=');
    const auto decode = [](std::string_view text) {
      std::string spaced(text);
      for (char& c : spaced)
        if (c == '+') c = ' ';
      return base::percent_decode(spaced);
    };
    const auto key = decode(pair.substr(0, equals));
    if (!key || *key != name) continue;
    const auto value = decode(equals == pair.npos ? std::string_view() : pair.substr(equals + 1));
    if (value) out.push_back(*value);
  }
  return out;
}

// As apimachinery decodes a boolean: present and neither "false" nor "0".
bool is_on(std::string_view query, std::string_view name) {
  const auto values = values_of(query, name);
  return !values.empty() && !base::iequals(values[0], "false") && values[0] != "0";
}

// The name that a field selector requires exactly, or "".
std::string selected_name(std::string_view query) {
  const auto selectors = values_of(query, "fieldSelector");
  if (selectors.empty()) return {};
  for (std::string_view term : base::split(selectors[0], ',')) {
    constexpr std::string_view kName = "metadata.name=";
    if (!term.starts_with(kName)) continue;
    term.remove_prefix(kName.size());
    if (term.starts_with('=')) term.remove_prefix(1);
    const bool valid = term != "." && term != ".." && term.find_first_of("/%") == term.npos;
    return valid ? std::string(term) : std::string();
  }
  return {};
}

std::string_view verb_of(std::string_view method) {
  if (method == "POST") return "create";
  if (method == "GET" || method == "HEAD") return "get";
  if (method == "PUT") return "update";
  if (method == "PATCH") return "patch";
  return method == "DELETE" ? "delete" : "";
}

bool all_dry(std::string_view query) {
  const auto values = values_of(query, "dryRun");
  return !values.empty() && values[0] == "All";
}

// What DeleteOptions in the body say; nullopt: there are none.
std::optional<bool> dry_in(std::string_view body) {
  if (base::trim(body).empty()) return std::nullopt;
  base::json::Document doc;
  const auto options = doc.parse(body);
  return options && (*options)["dryRun"].at(0).str() == "All";
}

bool is_odd(const std::vector<std::string_view>& parts) {
  for (const std::string_view part : parts)
    if (part.empty() || part == "." || part == "..") return true;
  return false;
}

void read_resource(Parts parts, RequestInfo& out) {
  if (parts[0] == "namespaces") {
    if (parts.size() > 1) out.ns = parts[1];
    // Subresources of a namespace itself; anything else is a resource in it.
    if (parts.size() > 2 && parts[2] != "status" && parts[2] != "finalize")
      parts = parts.subspan(2);
  }
  out.resource = parts[0];
  if (parts.size() > 1) out.name = parts[1];
  if (parts.size() > 2 && out.verb != "proxy") out.subresource = parts[2];
}

}  // namespace

bool RequestInfo::reads() const {
  if (!is_resource) return verb == "get" || verb == "head";
  return verb == "get" || verb == "list" || verb == "watch";
}

std::string RequestInfo::resource_text() const {
  std::string out = resource;
  if (!group.empty()) out.append(".").append(group);
  if (!subresource.empty()) out.append("/").append(subresource);
  return out;
}

RequestInfo request_info(std::string_view method, std::string_view path, std::string_view query,
                         std::string_view body) {
  RequestInfo out;
  out.verb = base::to_lower(method);
  std::string all_query(query);
  if (const std::size_t mark = path.find('?'); mark != path.npos) {
    all_query.insert(0, std::string(path.substr(mark + 1)) + (query.empty() ? "" : "&"));
    path = path.substr(0, mark);
  }
  const auto decoded = base::percent_decode(path);
  if (!decoded) {
    out.odd_path = true;
    return out;
  }
  std::string_view trimmed = *decoded;
  out.odd_path = !trimmed.starts_with('/') || trimmed.starts_with("//") || trimmed.ends_with("//");
  while (trimmed.starts_with('/'))
    trimmed.remove_prefix(1);
  while (trimmed.ends_with('/'))
    trimmed.remove_suffix(1);
  const std::vector<std::string_view> parts = base::split(trimmed, '/');
  if (!trimmed.empty() && is_odd(parts)) out.odd_path = true;
  if (parts.size() < 3 || (parts[0] != "api" && parts[0] != "apis")) return out;
  Parts left = Parts(parts).subspan(1);
  if (parts[0] == "apis") {
    if (left.size() < 3) return out;
    out.group = left[0];
    left = left.subspan(1);
  }
  out.is_resource = true;
  out.version = left[0];
  left = left.subspan(1);
  const bool prefix = left[0] == "watch" || left[0] == "proxy";
  out.verb = prefix ? left[0] : verb_of(method);
  if (prefix) {
    left = left.subspan(1);
    if (left.empty()) {  // the API server refuses it
      out.odd_path = true;
      return out;
    }
  }
  read_resource(left, out);
  if (out.name.empty() && out.verb == "get") {
    out.verb = is_on(all_query, "watch") ? "watch" : "list";
    out.name = selected_name(all_query);
  }
  if (out.name.empty() && out.verb == "delete") out.verb = "deletecollection";
  out.dry_run = all_dry(all_query);
  if (const auto managers = values_of(all_query, "fieldManager"); !managers.empty())
    out.field_manager = managers[0];
  if (method == "DELETE") out.dry_run = dry_in(body).value_or(out.dry_run);
  return out;
}

}  // namespace kube
