// What a Credential says: ready or why not, whose identity, and which clusters use it.
#include <optional>
#include <string>
#include <utility>

#include "answer/conditions.h"
#include "answer/members.h"
#include "answer/path.h"
#include "base/counted.h"
#include "base/text.h"
#include "cluster/chosen.h"
#include "describe/description.h"
#include "kinds/table.h"

namespace describe {

using base::json::Value;
using base::json::Writer;

namespace {

// The names of the ClusterDeployments that use a Credential.
class Users final : public cluster::Chosen {
 public:
  Users(const cluster::Cluster& cluster, std::string credential)
      : Chosen(cluster), credential_(std::move(credential)) {}

 private:
  void take(Value object, std::string& out) const override {
    if (object["spec"]["credential"].str() == credential_)
      base::json::append_string(out, object["metadata"]["name"].str());
  }
  const std::string credential_;
};

class Credential final : public Description {
 public:
  cluster::Part* begin(cluster::Gather& gather, const Named& named) override {
    credential_ = &gather.get("credential", {kinds::get("Credential"), named.ns, named.name});
    users_.emplace(gather.cluster(), named.name);
    users_part_ = &gather.list("cluster deployments", {kinds::get("ClusterDeployment"), named.ns},
                               cluster::Part::Need::noted, &*users_);
    return credential_;
  }

  // Only the metadata: an identity may be a Secret.
  bool more(cluster::Gather& gather) override {
    const Value ref = identity();
    const std::string_view kind = ref["kind"].str(), api = ref["apiVersion"].str();
    if (ref["name"].str().empty() || kind.empty() || api.empty()) return false;
    const std::size_t slash = api.find('/');
    const std::string_view group = slash == api.npos ? "" : api.substr(0, slash);
    const std::string_view version = slash == api.npos ? api : api.substr(slash + 1);
    // Cluster-scoped identities name no namespace.
    const std::string_view ns = ref["namespace"].str();
    kube::Resource resource{std::string(group), std::string(version), plural_of(kind), !ns.empty()};
    identity_ = &gather.get(
        "identity " + std::string(kind),
        {resource, std::string(ns), std::string(ref["name"].str()), cluster::Form::metadata},
        cluster::Part::Need::optional);
    return true;
  }

  void write(answer::Report& report, base::WallTime now) override {
    const Value object = credential_->object(), metadata = object["metadata"];
    const Value status = object["status"];
    report.text("name", "Name", metadata["name"].str());
    report.text("namespace", "Namespace", metadata["namespace"].str());
    const bool ready = status["ready"].bool_or(false);
    report.flag("ready", ready);
    const std::string message = answer::cut_text(
        answer::condition_of(object, "CredentialReady")["message"].str(), answer::kMessageBytes);
    report.text("message", {}, ready ? std::string() : message);
    report.line("Ready", ready             ? "yes"
                         : !status         ? "not processed by k0rdent yet"
                         : message.empty() ? "no"
                                           : "no: " + message);
    report.text("description", "Description", object["spec"]["description"].str());
    report.text("region", "Region", object["spec"]["region"].str());
    write_identity(report);
    write_users(report);
    report.begin("conditions", {});
    for (const answer::Weighed& each : answer::by_weight(status["conditions"], now)) {
      if (!report.skips()) report.row(answer::condition_json(each.condition));
    }
    report.end("conditions");
  }

 private:
  Value identity() const { return credential_->object()["spec"]["identityRef"]; }

  // Cluster API's contract for plurals ("CRD naming"), which Secret follows, too.
  static std::string plural_of(std::string_view kind) {
    std::string out = base::to_lower(kind);
    if (out.ends_with('y')) return out.replace(out.size() - 1, 1, "ies");
    return out + "s";
  }

  void write_identity(answer::Report& report) const {
    const Value ref = identity();
    if (ref["name"].str().empty()) return;
    const std::string_view exists = !identity_             ? ""
                                    : identity_->absent()  ? "does not exist"
                                    : identity_->failure() ? "could not be read"
                                                           : "exists";
    std::string json;
    Writer w(json);
    w.begin_object().field_if("kind", ref["kind"].str()).field("name", ref["name"].str());
    w.field_if("namespace", ref["namespace"].str());
    if (exists == "exists" || exists == "does not exist") w.field("exists", exists == "exists");
    w.end_object();
    report.required("identity", json);
    std::string line(ref["kind"].str());
    line.append(" ");
    if (!ref["namespace"].str().empty()) line.append(ref["namespace"].str()).append("/");
    line.append(ref["name"].str());
    if (!exists.empty()) line.append(" (").append(exists).append(")");
    report.line("Identity", line);
  }

  // A note says why the list is not known.
  void write_users(answer::Report& report) {
    const bool known = users_part_->known();
    const std::size_t count = users_->count();
    if (!known && count == 0) return report.line("Used by", "not known");
    report.begin("usedBy", "Used by",
                 (known ? "" : "at least ") + base::counted(count, "cluster deployment"));
    for (const Value each : users_->objects().array())
      report.row(each.to_json(), "  " + std::string(each.str()));
    report.end("cluster deployments");
    if (users_->full())
      report.note(base::counted(count - users_->objects().size(), "more cluster deployment") +
                  " left out");
  }

  cluster::Part* credential_ = nullptr;
  std::optional<Users> users_;
  cluster::Part* users_part_ = nullptr;
  cluster::Part* identity_ = nullptr;
};

}  // namespace

std::unique_ptr<Description> describe_credential() {
  return std::make_unique<Credential>();
}

}  // namespace describe
