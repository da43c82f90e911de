#include "sim/request.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"

namespace sim {

ApiRequest::ApiRequest(const http::Request& request)
    : method(request.method_name),
      path(request.path),
      peer(request.peer),
      body(request.body),
      content_type(request.headers.find("Content-Type").value_or("")),
      accept(request.headers.find("Accept").value_or("")),
      user_agent(request.headers.find("User-Agent").value_or("")),
      audit_id(request.headers.find("Audit-ID").value_or("")),
      query(request.query) {
  const std::string_view authorization = request.headers.find("Authorization").value_or("");
  if (authorization.starts_with("Bearer ")) token = base::trim(authorization.substr(7));
  parse_path();
  if (!resource.empty()) parse_verb();
}

void ApiRequest::parse_path() {
  std::vector<std::string> parts;
  const std::string_view behind_slash = std::string_view(path).substr(path.empty() ? 0 : 1);
  for (const std::string_view part : base::split(behind_slash, '/')) {
    parts.push_back(base::percent_decode(part).value_or(std::string(part)));
  }
  std::size_t at = 0;
  const auto next = [&] { return at < parts.size() ? parts[at++] : std::string(); };
  const std::string root = next();
  if (root == "apis") {
    group = next();
  } else if (root != "api") {
    return;
  }
  version = next();
  resource = next();
  // /namespaces/NS is an object, /namespaces/NS/pods a collection in it.
  if (resource == "namespaces" && parts.size() > at + 1 && parts[at + 1] != "status" &&
      parts[at + 1] != "finalize") {
    ns = next();
    resource = next();
  }
  name = next();
  sub = next();
}

void ApiRequest::parse_verb() {
  if (method == "GET" || method == "HEAD") {
    verb = query.flag("watch") && name.empty() ? "watch" : name.empty() ? "list" : "get";
  } else if (method == "POST") {
    verb = "create";
  } else if (method == "PUT") {
    verb = "update";
  } else {
    verb = base::to_lower(method);
    if (verb == "delete" && name.empty()) verb = "deletecollection";
  }
}

bool denied(const User& user, std::string_view verb, std::string_view group,
            std::string_view resource, std::string_view ns) {
  const auto fits = [](std::string_view rule, std::string_view is) {
    return rule.empty() || rule == is;
  };
  return std::any_of(user.denied.begin(), user.denied.end(), [&](const User::Rule& rule) {
    return fits(rule.verb, verb) && fits(rule.resource, resource) && fits(rule.ns, ns) &&
           (rule.any_group || rule.group == group);
  });
}

bool denied(const ApiRequest& request) {
  return denied(request.user, request.verb, request.group,
                request.sub.empty() ? request.resource : request.resource + "/" + request.sub,
                request.ns);
}

}  // namespace sim
