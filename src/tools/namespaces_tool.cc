#include "tools/namespaces_tool.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "kube/list_call.h"

namespace tools {

using base::json::Value;
using base::json::Writer;

namespace {

constexpr const char* kOutput =
    R"({"type":"object","properties":{"namespaces":{"type":"array","items":{"type":"object","properties":{)"
    R"("name":{"type":"string"},"labels":{"type":"object","additionalProperties":{"type":"string"}},)"
    R"("status":{"type":"string","description":"phase: Active or Terminating"}},)"
    R"("required":["name","status"],"additionalProperties":false}}},"required":["namespaces"],"additionalProperties":false})";

// 1 list, collecting as pages come  2 sort  3 answer
class NamespacesRun final : public mcp::ToolRun, private kube::ListHandler {
 public:
  NamespacesRun(KubeContext& context, mcp::ToolReply& reply)
      : context_(context), reply_(reply), list_(context.client, *this) {}

  void start(const mcp::Caller& caller) {
    kube::ListSpec spec;
    spec.resource = kube::kNamespaces;
    spec.credentials = credentials_of(caller);
    list_.start(spec);
  }

 private:
  void on_item(Value object) override {
    const Value metadata = object["metadata"];
    if (!context_.filter.allows(metadata["name"].str())) return;
    std::string json;
    Writer w(json);
    w.begin_object().field("name", metadata["name"].str());
    if (Value labels = metadata["labels"]; labels.size() > 0) w.key("labels").raw(labels.to_json());
    w.field("status", object["status"]["phase"].str()).end_object();
    found_.emplace_back(metadata["name"].str(), std::move(json));
  }

  void on_restart() override { found_.clear(); }

  void on_done(const kube::Failure* failure, std::string_view) override {
    if (failure) return reply_.fail("list namespaces: " + failure->message);
    std::sort(found_.begin(), found_.end());
    std::string out;
    Writer w(out);
    w.begin_object().key("namespaces").begin_array();
    for (const auto& [name, json] : found_)
      w.raw(json);
    w.end_array().end_object();
    reply_.succeed(std::move(out));
  }

  KubeContext& context_;
  mcp::ToolReply& reply_;
  std::vector<std::pair<std::string, std::string>> found_;  // name, JSON
  kube::ListCall list_;
};

class NamespacesTool final : public mcp::Tool {
 public:
  explicit NamespacesTool(KubeContext& context) : context_(context) {
    info_.name = "k0rdent.mgmt.namespaces.list";
    info_.title = "List namespaces";
    info_.description =
        "Lists the namespaces of the k0rdent management cluster with their labels and phase.";
    info_.output_schema_json = kOutput;
    info_.meta_json = R"({"plane":"mgmt","category":"namespaces","action":"list"})";
  }
  const mcp::ToolInfo& info() const override { return info_; }
  std::unique_ptr<mcp::ToolRun> start(const mcp::Caller& caller, Value,
                                      mcp::ToolReply& reply) override {
    auto run = std::make_unique<NamespacesRun>(context_, reply);
    run->start(caller);
    return run;
  }

 private:
  KubeContext& context_;
  mcp::ToolInfo info_;
};

}  // namespace

std::unique_ptr<mcp::Tool> make_namespaces_tool(KubeContext& context) {
  return std::make_unique<NamespacesTool>(context);
}

}  // namespace tools
