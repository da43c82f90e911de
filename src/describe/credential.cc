// What a Credential says: ready or why not, whose identity and what that needs, and which clusters
// use it. k0rdent calls one ready whose identity is there; the Secret behind it is the provider's
// business, and one that is missing stands in no status.
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "answer/conditions.h"
#include "answer/members.h"
#include "answer/path.h"
#include "base/counted.h"
#include "base/text.h"
#include "cluster/chosen.h"
#include "describe/description.h"
#include "graph/model/identity.h"
#include "kinds/credential_provider.h"
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

// An object that the identity needs: a Secret, or another identity.
struct Needed {
  std::string kind, ns, name;
  cluster::Part* part = nullptr;      // its metadata, or all of it: of another identity
  cluster::Part* contents = nullptr;  // of a Secret, where the operator's policy lets it be read
  std::span<const std::string_view> keys = {};

  std::string text() const { return kind + " " + (ns.empty() ? "" : ns + "/") + name; }
  std::vector<std::string_view> missing_keys() const {
    std::vector<std::string_view> out;
    if (!contents || contents->failure()) return out;
    for (const std::string_view key : keys) {
      if (!contents->object()["data"][key].present()) out.push_back(key);
    }
    return out;
  }
};

// An identity that needs an identity that needs one: more are none that a provider follows.
constexpr std::size_t kMostHops = 3;

bool is_secret(Value reference) {
  return reference["kind"].str() == "Secret" && reference["apiVersion"].str() == "v1";
}

std::string_view existence(const cluster::Part* part) {
  return !part             ? ""
         : part->absent()  ? "does not exist"
         : part->failure() ? "could not be read"
                           : "exists";
}

class Credential final : public Description {
 public:
  cluster::Part* begin(cluster::Gather& gather, const Named& named) override {
    system_ = gather.cluster().system_namespace;
    credential_ = &gather.get("credential", {kinds::get("Credential"), named.ns, named.name});
    users_.emplace(gather.cluster(), named.name);
    users_part_ = &gather.list("cluster deployments", {kinds::get("ClusterDeployment"), named.ns},
                               cluster::Part::Need::noted, &*users_);
    return credential_;
  }

  // 1 the identity and what says where it names others; 2 what it names; 3 what these name
  bool more(cluster::Gather& gather) override {
    if (!identity_) return begin_identity(gather);
    if (hops_ == 0) {
      paths_.emplace();
      for (const Value each : interfaces_ ? interfaces_->objects().array() : Value().array())
        paths_->set(std::string(each["metadata"]["name"].str()), each["spec"]);
    }
    if (hops_++ == kMostHops) return false;
    const std::size_t known = needed_.size();
    if (known == 0) follow(gather, identity_->object());
    for (std::size_t i = followed_; i < known; ++i)
      follow(gather, needed_[i].part->object());
    followed_ = known;
    return needed_.size() > known;
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
    const std::string problem = problem_text();
    report.line("Ready", ready && !problem.empty() ? "yes: k0rdent looks at the identity alone"
                         : ready                   ? "yes"
                         : !status                 ? "not processed by k0rdent yet"
                         : message.empty()         ? "no"
                                                   : "no: " + message);
    report.text("problem", "Problem", problem);
    report.text("description", "Description", object["spec"]["description"].str());
    report.text("region", "Region", region());
    write_identity(report);
    write_needed(report);
    write_users(report);
    report.begin("conditions", {});
    for (const answer::Weighed& each : answer::by_weight(status["conditions"], now)) {
      if (!report.skips()) report.row(answer::condition_json(each.condition));
    }
    report.end("conditions");
  }

 private:
  Value identity() const { return credential_->object()["spec"]["identityRef"]; }
  // The Region whose cluster has the identity; "": this one.
  std::string_view region() const { return credential_->object()["spec"]["region"].str(); }

  // Cluster API's contract for plurals ("CRD naming"), which Secret follows, too.
  static std::string plural_of(std::string_view kind) {
    std::string out = base::to_lower(kind);
    if (out.ends_with('y')) return out.replace(out.size() - 1, 1, "ies");
    return out + "s";
  }

  // A Secret's contents are not read: it is the identity.
  bool begin_identity(cluster::Gather& gather) {
    const Value ref = identity();
    const std::string_view kind = ref["kind"].str(), api = ref["apiVersion"].str();
    if (!region().empty() || ref["name"].str().empty() || kind.empty() || api.empty()) return false;
    const std::size_t slash = api.find('/');
    const std::string_view group = slash == api.npos ? "" : api.substr(0, slash);
    const std::string_view version = slash == api.npos ? api : api.substr(slash + 1);
    // Cluster-scoped identities name no namespace.
    const std::string_view ns = ref["namespace"].str();
    kube::Resource resource{std::string(group), std::string(version), plural_of(kind), !ns.empty()};
    identity_ = &gather.get("identity " + std::string(kind),
                            {resource, std::string(ns), std::string(ref["name"].str()),
                             is_secret(ref) ? cluster::Form::metadata : cluster::Form::whole},
                            cluster::Part::Need::optional);
    if (!is_secret(ref)) {
      interfaces_ = &gather.list("ProviderInterfaces", {kinds::get("ProviderInterface"), ""},
                                 cluster::Part::Need::silent);
    }
    return true;
  }

  // Asks for what an identity, a whole object, names.
  void follow(cluster::Gather& gather, Value object) {
    const std::string_view api = object["apiVersion"].str(), kind = object["kind"].str();
    const std::size_t slash = api.find('/');
    if (slash == api.npos) return;
    for (const auto& reference : paths_->of(api.substr(0, slash), kind)) {
      const Value name = answer::value_at(object, "." + reference.name_path);
      if (name.str().empty()) continue;
      Needed needed{reference.kind, system_, std::string(name.str())};
      if (!reference.namespace_path.empty()) {
        const Value ns = answer::value_at(object, "." + reference.namespace_path);
        if (!ns.str().empty()) needed.ns = ns.str();
      }
      if (reference.kind == "Secret" && reference.group.empty()) {
        ask_secret(gather, needed, object);
      } else {
        ask_identity(gather, needed, reference, object);
      }
      needed_.push_back(std::move(needed));
    }
  }

  static void ask_secret(cluster::Gather& gather, Needed& needed, Value identity) {
    const kube::Resource secrets{"", "v1", "secrets", true};
    needed.part =
        &gather.get(needed.text(), {secrets, needed.ns, needed.name, cluster::Form::metadata},
                    cluster::Part::Need::optional);
    needed.keys = kinds::identity_secret_keys(identity);
    if (needed.keys.empty()) return;
    needed.contents =
        &gather.get(needed.text(), {secrets, needed.ns, needed.name}, cluster::Part::Need::silent);
  }

  // In no namespace, as AWS's are, and of the kind that stands beside the name, if one does: an
  // identity may name one of several kinds.
  static void ask_identity(cluster::Gather& gather, Needed& needed,
                           const graph::model::IdentityPaths::Reference& reference,
                           Value identity) {
    if (const std::size_t dot = reference.name_path.rfind('.'); dot != std::string::npos) {
      const Value beside =
          answer::value_at(identity, "." + reference.name_path.substr(0, dot) + ".kind");
      if (!beside.str().empty()) needed.kind = beside.str();
    }
    const bool namespaced = !reference.namespace_path.empty();
    if (!namespaced) needed.ns.clear();
    const std::string_view api = identity["apiVersion"].str();
    needed.part =
        &gather.get(needed.text(),
                    {kube::Resource{reference.group, std::string(api.substr(api.find('/') + 1)),
                                    plural_of(needed.kind), namespaced},
                     needed.ns, needed.name},
                    cluster::Part::Need::optional);
  }

  // What keeps the provider from using the identity; "": nothing is known.
  std::string problem_text() const {
    std::string out;
    for (const Needed& each : needed_) {
      std::string what;
      if (each.part->absent()) what = "does not exist";
      for (const std::string_view key : each.missing_keys())
        what.append(what.empty() ? "lacks the key " : ", ").append(key);
      if (what.empty()) continue;
      out.append(out.empty() ? "" : "; ")
          .append(each.text())
          .append(", which the identity needs, ");
      out += what;
    }
    return out.empty() ? out : out + ": the provider cannot log in";
  }

  void write_identity(answer::Report& report) const {
    const Value ref = identity();
    if (ref["name"].str().empty()) return;
    std::string exists(existence(identity_));
    if (!region().empty()) exists = "in Region " + std::string(region()) + ", which is not read";
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

  // Names of keys only.
  void write_needed(answer::Report& report) const {
    report.begin("needs", needed_.empty() ? "" : "Needs");
    for (const Needed& each : needed_) {
      if (report.skips()) continue;
      const std::string_view exists = existence(each.part);
      std::string json, line = "  " + each.text() + " (" + std::string(exists) + ")";
      Writer w(json);
      w.begin_object().field("kind", each.kind).field_if("namespace", each.ns);
      w.field("name", each.name);
      if (exists == "exists" || exists == "does not exist") w.field("exists", exists == "exists");
      if (const auto missing = each.missing_keys(); !missing.empty()) {
        w.key("missingKeys").begin_array();
        for (const std::string_view key : missing) {
          w.string(key);
          line.append(key == missing.front() ? ", lacks the key " : ", ").append(key);
        }
        w.end_array();
      }
      w.end_object();
      report.row(json, line);
    }
    report.end("needs");
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
  cluster::Part* interfaces_ = nullptr;
  std::optional<graph::model::IdentityPaths> paths_;
  std::vector<Needed> needed_;
  std::size_t hops_ = 0, followed_ = 0;  // followed_: of needed_
  std::string system_;
};

}  // namespace

std::unique_ptr<Description> describe_credential() {
  return std::make_unique<Credential>();
}

}  // namespace describe
