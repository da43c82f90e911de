#include "tools/namespaces_tool.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "kube/list_call.h"

namespace tools {

using base::json::Value;

namespace {

struct NamespaceView {
  std::string name;
  std::map<std::string, std::string> labels;
  std::string status;
  static mcp::Fields fields() {
    return {
        mcp::field<&NamespaceView::name>({.name = "name", .required = true}),
        mcp::field<&NamespaceView::labels>({.name = "labels"}),
        mcp::field<&NamespaceView::status>(
            {.name = "status", .description = "phase: Active or Terminating", .required = true})};
  }
};

struct Namespaces {
  std::vector<NamespaceView> namespaces;
  static mcp::Fields fields() {
    return {mcp::field<&Namespaces::namespaces>({.name = "namespaces", .required = true})};
  }
};
using Call = mcp::TypedCall<Namespaces>;

// 1 list, collecting as pages come  2 sort  3 answer
class NamespacesRun final : public mcp::ToolRun, private kube::ListHandler {
 public:
  NamespacesRun(cluster::Context& context, Call call)
      : context_(context), call_(call), list_(context.client, *this) {}

  void start() {
    kube::ListSpec spec;
    spec.resource = kube::kNamespaces;
    spec.credentials = cluster::credentials_of(call_->caller());
    list_.start(spec);
  }

 private:
  void on_item(Value object) override {
    const Value metadata = object["metadata"];
    if (!context_.filter.allows(metadata["name"].str())) return;
    NamespaceView& view = found_.namespaces.emplace_back();
    view.name = metadata["name"].str();
    view.status = object["status"]["phase"].str();
    for (const base::json::Member& label : metadata["labels"].object())
      view.labels.emplace(label.key, label.value.str());
  }

  void on_restart() override { found_ = {}; }

  void on_done(const kube::Failure* failure, std::string_view) override {
    if (failure) return call_.fail(mcp::ToolError{"list namespaces: " + failure->message});
    std::sort(found_.namespaces.begin(), found_.namespaces.end(),
              [](const NamespaceView& a, const NamespaceView& b) { return a.name < b.name; });
    call_.succeed(found_);
  }

  cluster::Context& context_;
  Call call_;
  Namespaces found_;
  kube::ListCall list_;
};

class NamespacesTool final : public mcp::TypedTool<mcp::NoArguments, Namespaces> {
 public:
  explicit NamespacesTool(cluster::Context& context)
      : TypedTool({.name = "k0rdent.mgmt.namespaces.list",
                   .title = "List namespaces",
                   .description = "Lists the namespaces of the k0rdent management cluster with "
                                  "their labels and phase.",
                   .meta_json = R"({"plane":"mgmt","category":"namespaces","action":"list"})"}),
        context_(context) {}

  std::unique_ptr<mcp::ToolRun> start(mcp::NoArguments, Call call) override {
    auto run = std::make_unique<NamespacesRun>(context_, call);
    run->start();
    return run;
  }

 private:
  cluster::Context& context_;
};

}  // namespace

std::unique_ptr<mcp::Tool> make_namespaces_tool(cluster::Context& context) {
  return std::make_unique<NamespacesTool>(context);
}

}  // namespace tools
