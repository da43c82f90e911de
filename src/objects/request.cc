#include "objects/request.h"

#include <algorithm>
#include <utility>

#include "answer/path.h"
#include "base/text.h"
#include "cluster/label_selector.h"
#include "cluster/uri.h"
#include "mcp/schema.h"

namespace objects {

using base::Errc;
using base::Error;
using base::Result;

namespace {

constexpr std::size_t kNameBytes = 253;

Error bad(std::string text) {
  return Error(Errc::invalid_argument, std::move(text));
}

// A name of any kind: RBAC's have colons. What the field selector metadata.name=NAME would need
// escapes for is in none.
Result<void> check_name(const std::string& name) {
  const bool fits = name.size() <= kNameBytes && name != "." && name != ".." &&
                    std::all_of(name.begin(), name.end(), [](char c) {
                      return c > ' ' && c < '\x7f' &&
                             std::string_view("/%,=\\\"").find(c) == std::string_view::npos;
                    });
  if (fits) return {};
  return bad("'" + base::printable(name, 64) + "' can be no object's name");
}

Result<void> check_kind(const Request& request) {
  using Form = mcp::Field::Form;
  if (!request.group.empty()) {
    if (auto ok = mcp::check_form("group", request.group, Form::dns_subdomain); !ok) return ok;
  }
  if (auto ok = mcp::check_form("version", request.version, Form::dns_label); !ok) return ok;
  return mcp::check_form("resource", request.resource, Form::dns_subdomain);
}

Result<std::vector<std::string>> fields_of(std::string_view list) {
  std::vector<std::string> out;
  for (std::string_view each : base::split(list, ',')) {
    each = base::trim(each);
    if (each.empty()) continue;
    out.push_back((each.starts_with('.') ? "" : ".") + std::string(each));
  }
  if (out.size() > kMostFields)
    return bad("'fields' has more than " + std::to_string(kMostFields) + " paths");
  if (auto ok = answer::check_paths(out); !ok) return std::move(ok).error();
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

Result<void> take_parameter(Request& out, const std::string& name, const std::string& value) {
  if (name == "fields") {
    auto fields = fields_of(value);
    if (!fields) return std::move(fields).error();
    out.fields = *std::move(fields);
    return {};
  }
  const bool label = name == "labelSelector";
  if (!label && name != "fieldSelector") {
    return bad("unknown parameter '" + base::printable(name, 64) +
               "' (parameters: fields, and of a list labelSelector, fieldSelector)");
  }
  if (!out.name.empty()) return bad("'" + name + "' selects from a list: the URI names one object");
  if (!label) {
    out.field_selector = base::trim(value);
    return {};
  }
  auto selector = cluster::canonical_label_selector(value);
  if (!selector) return std::move(selector).error();
  out.label_selector = *std::move(selector);
  return {};
}

}  // namespace

Result<Request> Request::from_uri(std::string_view uri) {
  auto parsed = cluster::parse_resource_uri(uri);
  if (!parsed) return std::move(parsed).error();
  const std::vector<std::string>& segments = parsed->segments;
  if (segments.size() < 3 || segments.size() > 5) {
    return bad(
        "the URI must be k0rdent://objects/{group}/{version}/{resource}/{namespace}/{name}, or "
        "without {name} for a list; group: core for the one without a name; namespace: - for "
        "none");
  }
  Request out;
  if (segments[0] != kCoreGroup) out.group = segments[0];
  out.version = segments[1];
  out.resource = segments[2];
  if (auto ok = check_kind(out); !ok) return std::move(ok).error();
  if (segments.size() > 3 && segments[3] != kNoNamespace) {
    out.ns = segments[3];
    if (auto ok = mcp::check_form("namespace", out.ns, mcp::Field::Form::dns_label); !ok)
      return std::move(ok).error();
  }
  if (segments.size() == 5) {
    out.name = segments[4];
    if (auto ok = check_name(out.name); !ok) return std::move(ok).error();
  }
  for (const auto& [name, value] : parsed->parameters) {
    if (auto ok = take_parameter(out, name, value); !ok) return std::move(ok).error();
  }
  return out;
}

bool Request::is_object(std::string_view uri) {
  const auto parsed = cluster::parse_resource_uri(uri);
  return parsed && parsed->segments.size() >= 5;
}

std::string_view Request::filtered_ns() const {
  return group.empty() && resource == "namespaces" ? name : ns;
}

std::string Request::key() const {
  std::string out = group + "/" + version + "/" + resource + " " + ns + "/" + name;
  if (!label_selector.empty()) out += " labels " + label_selector;
  if (!field_selector.empty()) out += " fields " + field_selector;
  if (!fields.empty()) out += " shows " + base::join(fields, ",");
  return out;
}

std::string Request::kind_text() const {
  return group.empty() ? resource : resource + "." + group;
}

std::string Request::text() const {
  std::string out = kind_text();
  if (!name.empty()) return out + " " + (ns.empty() ? name : ns + "/" + name);
  if (!ns.empty()) out += " of namespace " + ns;
  return out;
}

}  // namespace objects
