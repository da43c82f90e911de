// ApiRequest: what a request to the API server means: verb, resource, namespace, name, and who
// asks.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"
#include "sim/query.h"

namespace sim {

struct User {
  std::string name;
  std::string uid;
  std::vector<std::string> groups = {"system:authenticated"};
  // What is refused with 403; "" stands for any.
  struct Rule {
    std::string verb, resource, ns, group;  // resource: "pods", "pods/log"
    bool any_group = true;
  };
  std::vector<Rule> denied = {};
  std::map<std::string, std::vector<std::string>> extra = {};
};

struct ApiRequest {
  explicit ApiRequest(const http::Request& request);

  std::string method, path, peer, body, content_type, accept, user_agent;
  std::string audit_id;  // the Audit-ID header; the ApiServer gives one to a request without
  Query query;
  // "list", "get", "watch", "create", "update", "patch", "delete"; of pods/log "get". "" for what
  // is no resource.
  std::string verb;
  std::string group, version, resource, ns, name, sub;
  std::string token;  // of the Authorization header
  User user;

  // "/api/v1" or "/apis/G/V" with nothing behind.
  bool discovery() const { return !version.empty() && resource.empty(); }
  bool follows() const { return sub == "log" && query.flag("follow"); }

 private:
  void parse_path();
  void parse_verb();
};

// Does a rule of the user's refuse it?
bool denied(const ApiRequest& request);
// The same of what is only asked about; `resource`: "pods", "pods/log".
bool denied(const User& user, std::string_view verb, std::string_view group,
            std::string_view resource, std::string_view ns);

}  // namespace sim
