#include "cluster/policy_gate.h"

#include "audit/log.h"
#include "base/json.h"
#include "base/log.h"
#include "kube/api_call.h"
#include "kube/request_info.h"
#include "mcp/tool.h"
#include "policy/pod_fields.h"

namespace cluster {
namespace {

// What a decision is about, read from a request; owns the texts of `attributes`.
struct Question {
  kube::RequestInfo info;
  std::string node_field;
  policy::Attributes attributes;
  bool write = false;

  Question(const kube::ApiRequest& request, std::string_view cluster);
  Question(const Question&) = delete;
  Question& operator=(const Question&) = delete;
  policy::Decision ask(const policy::Policy& policy) const;
  std::string object() const;
};

// The object that a create makes has its name in the body, or what the server's choice begins with.
std::string name_in(std::string_view body) {
  base::json::Document doc;
  const auto root = doc.parse(body);
  if (!root) return {};
  const base::json::Value metadata = (*root)["metadata"];
  const std::string_view name = metadata["name"].str();
  return std::string(name.empty() ? metadata["generateName"].str() : name);
}

// Only metadata, and no other form beside it that the API server could choose.
bool asks_for_metadata(std::string_view accept) {
  return accept.starts_with("application/json;as=PartialObjectMetadata") &&
         accept.find(',') == accept.npos;
}

Question::Question(const kube::ApiRequest& request, std::string_view cluster)
    : info(kube::request_info(request.method, request.path, request.query, request.body)) {
  const bool has_object = info.verb == "create" || info.verb == "update" || info.verb == "patch";
  if (info.is_resource && has_object) {
    if (info.verb == "create" && info.name.empty()) info.name = name_in(request.body);
    // A namespace is in itself, as the API server has it once it exists.
    if (info.resource == "namespaces" && info.ns.empty()) info.ns = info.name;
    node_field = policy::node_field(request.body);
  }
  const kube::config::Origin& origin = request.credentials.origin();
  attributes = {info.verb, info.group,  info.resource,   info.subresource, info.ns,
                info.name, origin.tool, origin.identity, cluster,          node_field};
  attributes.metadata_only = asks_for_metadata(request.accept);
  attributes.writing = origin.writing;
  write = info.is_resource ? policy::Policy::is_write(attributes) : !info.reads();
}

policy::Decision Question::ask(const policy::Policy& policy) const {
  if (info.odd_path) {
    return {false, "built-in", "its path is not one that every proxy reads in the same way"};
  }
  return info.is_resource ? policy.decide(attributes) : policy::Policy::decide_other(info.reads());
}

// "secrets prod/tls"
std::string Question::object() const {
  std::string out = info.is_resource ? info.resource_text() : std::string("a path of no resource");
  if (info.ns.empty() && info.name.empty()) return out;
  out.append(" ");
  if (!info.ns.empty() && info.resource != "namespaces") out.append(info.ns).append("/");
  return out.append(info.name.empty() ? "*" : info.name);
}

audit::Entry refused_entry(const Question& question, const kube::config::Origin& origin) {
  audit::Entry e;
  e.stage = audit::Entry::Stage::refused;
  e.caller = origin.identity;
  e.client = origin.client;
  e.client_id = origin.client_id;
  e.token_id = origin.token_id;
  e.tool = origin.tool;
  e.verb = question.info.verb;
  e.group = question.info.group;
  e.version = question.info.version;
  e.resource = question.info.resource;
  e.subresource = question.info.subresource;
  e.ns = question.info.ns;
  e.name = question.info.name;
  e.cluster = question.attributes.cluster;
  e.allowed = false;
  e.dry_run = question.info.dry_run;
  e.field_manager = question.info.field_manager;
  return e;
}

}  // namespace

policy::Decision PolicyGate::decide(const kube::ApiRequest& request) const {
  return Question(request, cluster_).ask(policy_);
}

std::optional<kube::Failure> PolicyGate::objection(const kube::ApiRequest& request) {
  const Question question(request, cluster_);
  const policy::Decision decision = question.ask(policy_);
  if (decision.allowed) {
    if (question.write) ++stats_.allowed_writes;
    return std::nullopt;
  }
  ++(question.write ? stats_.refused_writes : stats_.refused_reads);
  const std::string message = "policy refuses " + question.info.verb + " of " + question.object() +
                              ": " + decision.why + " [" + decision.rule + "]";
  if (audit_ && question.write) {
    audit::Entry entry = refused_entry(question, request.credentials.origin());
    entry.rule = decision.rule;
    entry.message = decision.why;
    if (auto ok = audit_->write(entry); !ok)
      LOG_ERROR("a refused write is not in the audit log", {"error", ok.error()},
                {"refused", message});
  }
  return kube::policy_denied(message);
}

std::optional<std::string> PolicyGate::refuses(const mcp::Tool& tool,
                                               const mcp::Caller& caller) const {
  const mcp::ToolInfo& info = tool.info();
  const policy::ToolTraits traits{!info.read_only, !info.read_only && info.destructive};
  return policy_.refuses_tool(info.name, traits, caller.identity, cluster_);
}

void PolicyGate::on_refused_call(const mcp::Tool& tool, const mcp::Caller& caller,
                                 const std::string& why) {
  if (!audit_ || tool.info().read_only) return;
  audit::Entry entry;
  entry.stage = audit::Entry::Stage::refused;
  entry.caller = caller.identity;
  entry.client = caller.client;
  entry.tool = tool.info().name;
  entry.verb = "call";
  entry.cluster = cluster_;
  entry.allowed = false;
  entry.message = why;
  if (auto ok = audit_->write(entry); !ok)
    LOG_ERROR("a refused call is not in the audit log", {"error", ok.error()}, {"tool", entry.tool},
              {"refused", why});
}

}  // namespace cluster
