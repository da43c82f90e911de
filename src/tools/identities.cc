#include "tools/providers.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "answer/list_arguments.h"
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
// Credentials named of one of them: the others are counted.
constexpr std::size_t kNamed = 100;
// What the notes and the members beside the identities may take of maxBytes.
constexpr std::size_t kWordsBytes = 1024;

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
  std::int64_t max_bytes = answer::default_answer_bytes();
  static mcp::Fields fields() {
    using A = IdentityArguments;
    return {mcp::field<&A::ns>({.name = "namespace",
                                .description = "only Credentials of this namespace; absent: all",
                                .form = Field::Form::dns_label_or_empty}),
            mcp::field<&A::max_bytes>({.name = "maxBytes",
                                       .minimum = answer::kLeastAnswerBytes,
                                       .maximum = answer::kMostAnswerBytes,
                                       .show_limits = false})};
  }
};
using Call = mcp::TypedCall<Identities>;

// An answer has its JSON twice, the second time in a string.
std::size_t sent_bytes(const std::string& json) {
  const auto quotes =
      std::count_if(json.begin(), json.end(), [](char c) { return c == '"' || c == '\\'; });
  return 2 * (json.size() + 1) + static_cast<std::size_t>(quotes);
}

// 1 list the Credentials, grouping them as they come   2 answer, by namespace, name and kind
class IdentitiesRun final : public mcp::ToolRun, private cluster::ListHandler {
 public:
  IdentitiesRun(cluster::Cluster& cluster, Call call) : call_(call), list_(cluster, *this) {}

  bool start(IdentityArguments arguments) {
    room_ = static_cast<std::size_t>(arguments.max_bytes) - kWordsBytes;
    cluster::ListQuery query{kinds::get("Credential"), std::move(arguments.ns)};
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
    std::size_t left = 0;
    for (auto& [key, identity] : groups_) {
      if (identity.credentials.size() > kNamed) {
        const std::size_t more = identity.credentials.size() - kNamed;
        identity.credentials.resize(kNamed);
        identity.credentials.push_back("(" + std::to_string(more) + " more)");
        truncated_ = true;
      }
      const std::size_t bytes = sent_bytes(mcp::to_json(identity));
      if (left > 0 || bytes > room_) {
        ++left;
        continue;
      }
      room_ -= bytes;
      out.identities.push_back(std::move(identity));
    }
    out.truncated = truncated_ || left > 0;
    if (left > 0) {
      out.notes.push_back(std::to_string(left) + " of " + std::to_string(groups_.size()) +
                          " identities were left out; give a larger maxBytes, or a namespace");
    }
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
  std::size_t room_ = 0, unreadable_ = 0;
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
    if (!run->start(std::move(arguments))) return nullptr;
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
