#include "tools/providers.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "cluster/list.h"
#include "kinds/credential_provider.h"
#include "kinds/need.h"
#include "kinds/table.h"

namespace tools {

using base::json::Value;
using mcp::Field;

namespace {

// Identities in one answer: far more than a management cluster has.
constexpr std::size_t kIdentities = 1000;

struct Identity {
  std::string name, ns, kind, provider;
  std::vector<std::string> credentials;
  static mcp::Fields fields() {
    return {mcp::field<&Identity::name>({.name = "name", .required = true}),
            mcp::field<&Identity::ns>({.name = "namespace", .required = true}),
            mcp::field<&Identity::kind>({.name = "kind"}),
            mcp::field<&Identity::provider>({.name = "provider"}),
            mcp::field<&Identity::credentials>(
                {.name = "credentials", .description = "namespace/name of each"})};
  }
};
struct Identities {
  std::vector<Identity> identities;
  bool truncated = false;
  std::vector<std::string> notes;
  static mcp::Fields fields() {
    return {mcp::field<&Identities::identities>({.name = "identities", .required = true}),
            mcp::field<&Identities::truncated>({.name = "truncated"}),
            mcp::field<&Identities::notes>({.name = "notes"})};
  }
};
struct IdentityArguments {
  std::string ns;
  static mcp::Fields fields() {
    return {mcp::field<&IdentityArguments::ns>(
        {.name = "namespace",
         .description = "only Credentials of this namespace; absent: all",
         .form = Field::Form::dns_label_or_empty})};
  }
};
using Call = mcp::TypedCall<Identities>;

// 1 list the Credentials, grouping them as they come   2 answer, by namespace, name and kind
class IdentitiesRun final : public mcp::ToolRun, private cluster::ListHandler {
 public:
  IdentitiesRun(cluster::Cluster& cluster, Call call) : call_(call), list_(cluster, *this) {}

  bool start(std::string ns) {
    cluster::ListQuery query{kinds::get("Credential"), std::move(ns)};
    if (auto ok = list_.start(call_->caller(), std::move(query)); !ok) {
      call_.fail(mcp::ToolError{ok.error().what()});
      return false;
    }
    return true;
  }

 private:
  using Key = std::tuple<std::string, std::string, std::string>;  // namespace, name, kind

  void on_object(Value object) override {
    const Value metadata = object["metadata"], identity = object["spec"]["identityRef"];
    const std::string own(metadata["namespace"].str());
    if (identity["name"].str().empty()) return;
    const std::string ns(identity["namespace"].str().empty() ? std::string_view(own)
                                                             : identity["namespace"].str());
    Key key{ns, std::string(identity["name"].str()), std::string(identity["kind"].str())};
    if (groups_.size() >= kIdentities && !groups_.contains(key)) {
      truncated_ = true;
      return;
    }
    Identity& group = groups_[std::move(key)];
    group.ns = ns;
    group.name = identity["name"].str();
    group.kind = identity["kind"].str();
    if (group.provider.empty()) group.provider = kinds::credential_provider(object);
    group.credentials.push_back(own + "/" + std::string(metadata["name"].str()));
  }
  void on_restart() override {
    groups_.clear();
    truncated_ = false;
    unreadable_ = 0;
  }
  void on_page(std::string_view, std::optional<std::int64_t>) override {}
  void on_unreadable() override { ++unreadable_; }
  void on_done(const kube::Failure* failure) override {
    if (failure) return call_.fail(mcp::ToolError{"list credentials: " + failure->message});
    Identities out;
    for (auto& [key, identity] : groups_)
      out.identities.push_back(std::move(identity));
    out.truncated = truncated_;
    if (list_.hidden() > 0) {
      out.notes.emplace_back(
          "credentials left out because the server's namespace filter hides their namespace");
    }
    if (unreadable_ > 0) {
      out.notes.push_back(std::to_string(unreadable_) +
                          " credentials left out that could not be read");
    }
    call_.succeed(out);
  }

  Call call_;
  std::map<Key, Identity> groups_;
  bool truncated_ = false;
  std::size_t unreadable_ = 0;
  cluster::List list_;
};

class IdentitiesTool final : public mcp::TypedTool<IdentityArguments, Identities> {
 public:
  explicit IdentitiesTool(cluster::Cluster& cluster)
      : TypedTool(
            {.name = "k0rdent.mgmt.providers.listIdentities",
             .title = "List identities",
             .description = "Lists the cloud identities that Credentials name, each with the "
                            "Credentials that use it. Nothing secret is read.",
             .meta_json = R"({"plane":"mgmt","category":"providers","action":"listIdentities"})",
             .open_world = false,
             .needs = kinds::need("list", {"Credential"})}),
        cluster_(cluster) {}

  std::unique_ptr<mcp::ToolRun> start(IdentityArguments arguments, Call call) override {
    auto run = std::make_unique<IdentitiesRun>(cluster_, call);
    if (!run->start(std::move(arguments.ns))) return nullptr;
    return run;
  }

 private:
  cluster::Cluster& cluster_;
};

}  // namespace

std::unique_ptr<mcp::Tool> make_identities_tool(cluster::Cluster& cluster) {
  return std::make_unique<IdentitiesTool>(cluster);
}

}  // namespace tools
