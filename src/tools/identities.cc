#include "tools/identities.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "answer/list_source.h"
#include "base/text.h"
#include "cluster/label_selector.h"
#include "kinds/credential_provider.h"
#include "kinds/table.h"

namespace tools {

using answer::ListArguments;
using answer::ListRow;
using answer::MemberType;
using answer::RowColumn;
using answer::RowMember;
using base::WallTime;
using base::json::Value;
using base::json::Writer;

namespace {

// Identities that are grouped at a time: far more than a management cluster has, and given within a
// turn of the loop.
constexpr std::size_t kIdentities = 2000;
// Credentials named of one of them: the others are counted.
constexpr std::size_t kNamed = 100;

struct Identity {
  std::string provider;
  std::vector<std::string> credentials;  // namespace/name
  std::size_t more = 0;
};
using Key = std::tuple<std::string, std::string, std::string>;  // namespace, name, kind

// As an object, so that it is a row like others.
std::string object_of(const Key& key, const Identity& identity) {
  std::string out;
  Writer w(out);
  w.begin_object().key("metadata").begin_object();
  w.field("name", std::get<1>(key)).field_if("namespace", std::get<0>(key)).end_object();
  w.field_if("kind", std::get<2>(key)).field_if("provider", identity.provider);
  w.key("credentials").begin_array();
  for (const std::string& each : identity.credentials)
    w.string(each);
  if (identity.more > 0) w.string("(" + std::to_string(identity.more) + " more)");
  w.end_array().end_object();
  return out;
}

// 1 list the Credentials, grouping them as they come   2 give each identity
class Identities final : public answer::ListSource, private cluster::ListHandler {
 public:
  Identities(cluster::Cluster& cluster, cluster::ListHandler& handler)
      : handler_(handler), list_(cluster, *this) {}

  base::Result<void> start(const mcp::Caller& caller, const ListArguments& arguments) override {
    cluster::ListQuery query{kinds::get("Credential"), arguments.ns};
    query.field_selector = arguments.field_selector;
    if (!arguments.label_selector.empty()) {
      auto selector = cluster::canonical_label_selector(arguments.label_selector);
      if (!selector) return std::move(selector).error();
      query.label_selector = *std::move(selector);
    }
    return list_.start(caller, std::move(query));
  }
  std::size_t hidden() const override { return list_.hidden(); }

 private:
  void on_object(Value object) override {
    const Value metadata = object["metadata"], identity = object["spec"]["identityRef"];
    const std::string own(metadata["namespace"].str());
    if (identity["name"].str().empty()) return;
    Key key{kinds::identity_namespace(object), identity["name"].str(), identity["kind"].str()};
    if (groups_.size() >= kIdentities && !groups_.contains(key)) return (void)(too_many_ = true);
    Identity& group = groups_[std::move(key)];
    if (group.provider.empty()) group.provider = kinds::credential_provider(object);
    if (group.credentials.size() < kNamed) {
      group.credentials.push_back(own + "/" + std::string(metadata["name"].str()));
    } else {
      ++group.more;
    }
  }
  void on_restart() override {
    groups_.clear();
    too_many_ = false;
    handler_.on_restart();
  }
  void on_page(std::string_view, std::optional<std::int64_t>) override {}
  void on_unreadable(const std::string& which) override { handler_.on_unreadable(which); }
  void on_done(const kube::Failure* failure) override {
    if (failure) return handler_.on_done(failure);
    if (too_many_) {
      kube::Failure why;
      why.code = base::Errc::too_large;
      why.message = "there are more than " + std::to_string(kIdentities) +
                    "; give a namespace or a labelSelector";
      return handler_.on_done(&why);
    }
    base::json::Document doc;
    for (const auto& [key, identity] : groups_) {
      if (const auto object = doc.parse(object_of(key, identity))) handler_.on_object(*object);
    }
    handler_.on_done(nullptr);
  }

  cluster::ListHandler& handler_;
  std::map<Key, Identity> groups_;
  bool too_many_ = false;
  cluster::List list_;
};

std::string credentials_cell(Value object, WallTime) {
  std::vector<std::string> all;
  for (const Value each : object["credentials"].array())
    all.emplace_back(each.str());
  return base::join(all, ",");
}

constexpr RowMember kMembers[] = {
    {.name = "kind", .path = ".kind"},
    {.name = "provider", .path = ".provider"},
    {.name = "credentials", .type = MemberType::list, .path = ".credentials"},
};
constexpr RowColumn kColumns[] = {
    {.header = "KIND", .path = ".kind"},
    {.header = "PROVIDER", .path = ".provider"},
    {.header = "CREDENTIALS", .cell = credentials_cell},
};

const ListRow kRow = {
    .name = "k0rdent.mgmt.providers.listIdentities",
    .title = "List identities",
    .description =
        "Lists the cloud identities that Credentials name, each with the Credentials "
        "(namespace/name) that use it. The arguments select Credentials. Nothing "
        "secret is read.",
    .category = "providers",
    .action = "listIdentities",
    .what = "identities",
    .key = "identities",
    .kind = kinds::get("Credential"),
    .members = kMembers,
    .columns = kColumns,
    .has_age = false,
    .elsewhere = true,
    .sort_by = "NAMESPACE",
    .also_key = ".kind",
    .source = [](cluster::Cluster& cluster,
                 cluster::ListHandler& handler) -> std::unique_ptr<answer::ListSource> {
      return std::make_unique<Identities>(cluster, handler);
    }};

}  // namespace

const ListRow& identities_row() {
  return kRow;
}

}  // namespace tools
