#include "rbac/manifest.h"

#include "base/json.h"
#include "base/text.h"

namespace rbac {

using base::json::Writer;

namespace {

constexpr std::string_view kGroup = "rbac.authorization.k8s.io";

void write_list(Writer& w, std::string_view key, const std::vector<std::string>& values) {
  w.key(key).begin_array();
  for (const std::string& each : values)
    w.string(each);
  w.end_array();
}

void write_head(Writer& w, std::string_view kind, std::string_view name) {
  w.field("apiVersion", std::string(kGroup) + "/v1").field("kind", kind);
  w.key("metadata").begin_object().field("name", name).key("labels").begin_object();
  w.field("app.kubernetes.io/name", "k0rdent-mcp").end_object().end_object();
}

void write_needs(Writer& w, std::string_view kind, std::string_view name, const mcp::Needs& needs) {
  w.begin_object().field("name", name).field("kind", kind).key("needs").begin_array();
  for (const mcp::Need& each : needs) {
    w.begin_object().key("verbs").begin_array();
    for (const std::string_view verb : base::split(each.verbs, ','))
      w.string(verb);
    w.end_array();
    write_list(w, "apiGroups", {each.group});
    write_list(w, "resources", {each.resource});
    w.end_object();
  }
  w.end_array().end_object();
}

}  // namespace

std::string role_json(std::string_view name, const std::vector<Rule>& rules) {
  std::string out;
  Writer w(out);
  w.begin_object();
  write_head(w, "ClusterRole", name);
  w.key("rules").begin_array();
  for (const Rule& rule : rules) {
    w.begin_object();
    if (rule.urls.empty()) {
      write_list(w, "apiGroups", rule.groups);
      write_list(w, "resources", rule.resources);
    } else {
      write_list(w, "nonResourceURLs", rule.urls);
    }
    write_list(w, "verbs", rule.verbs);
    w.end_object();
  }
  w.end_array().end_object();
  return out;
}

std::string binding_json(std::string_view name, const Account& account) {
  std::string out;
  Writer w(out);
  w.begin_object();
  write_head(w, "ClusterRoleBinding", name);
  w.key("roleRef").begin_object().field("apiGroup", kGroup).field("kind", "ClusterRole");
  w.field("name", name).end_object();
  w.key("subjects").begin_array().begin_object().field("kind", "ServiceAccount");
  w.field("name", account.name).field("namespace", account.ns);
  w.end_object().end_array().end_object();
  return out;
}

std::string needs_json(const mcp::Registry& registry) {
  std::string out;
  Writer w(out);
  w.begin_array();
  registry.each_tool(
      [&](const mcp::Tool& tool) { write_needs(w, "tool", tool.info().name, tool.info().needs); });
  registry.each_family([&](const mcp::ResourceFamily& family) {
    const mcp::ResourceInfo& info = family.info();
    write_needs(w, "resource", info.uri_template.empty() ? info.uri : info.uri_template,
                info.needs);
  });
  w.end_array();
  return out;
}

}  // namespace rbac
