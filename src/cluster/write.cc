#include "cluster/write.h"

#include <utility>

#include "base/log.h"
#include "cluster/policy_gate.h"
#include "cluster/upstream.h"
#include "kube/gate.h"
#include "kube/write_request.h"

namespace cluster {

using base::json::Member;
using base::json::Value;
using base::json::Writer;
using Verb = kube::WriteSpec::Verb;

Write::Write(Cluster& cluster, Fn fn)
    : cluster_(cluster),
      fn_(fn),
      version_(cluster, VersionChoice::Fn::bind<&Write::on_version>(this)),
      call_(cluster.loop, Upstream::client(cluster),
            kube::WriteCall::Fn::bind<&Write::on_outcome>(this)),
      again_(cluster.loop, "write", loop::Deferred::Fn::bind<&Write::go_on>(this)),
      refuse_(cluster.loop, "write refused", loop::Deferred::Fn::bind<&Write::on_refused>(this)) {}

base::Result<void> Write::start(const mcp::Caller& caller, WriteQuery query) {
  const kube::Resource& resource = query.what.resource();
  if (resource.namespaced == query.ns.empty()) {
    return base::Error(base::Errc::invalid_argument,
                       query.what.text() + (query.ns.empty() ? " are in a namespace: give it"
                                                             : " are not in a namespace"));
  }
  if (auto ok = cluster_.check(resource, query.ns, query.name); !ok) return ok;
  // Any version has the same path but for itself.
  if (auto path = query.what.in("v1").path(query.ns, query.name); !path)
    return std::move(path).error();
  query_ = std::move(query);
  caller_ = caller;
  if (!version_.start(query_.what, credentials_of(caller_)))
    prepare(query_.what.in(query_.what.versions()[0]));
  return {};
}

Write::~Write() {
  tell_cancelled();
}

// The line of the request has none of its result: it may still be executed.
void Write::tell_cancelled() {
  if (!call_.active() || request_id_.empty() || !cluster_.audit) return;
  audit::Entry line = entry(audit::Entry::Stage::result);
  line.result = "unknown";
  line.message = "the call was cancelled while the write was under way";
  line.duration = cluster_.loop.now() - sent_;
  if (auto ok = cluster_.audit->write(line); !ok)
    LOG_ERROR("the result of a write is missing in the audit log", {"request", request_id_},
              {"error", ok.error().what()});
}

void Write::cancel() {
  tell_cancelled();
  version_.cancel();
  again_.cancel();
  next_ = Next::nothing;
  (void)std::exchange(spec_, {});
  call_.cancel();
  refuse_.cancel();
  refused_.reset();
}

void Write::on_version(const kube::Failure* failure, const kube::Resource& resource) {
  if (!failure) return prepare(resource);
  kube::WriteOutcome outcome;
  outcome.failure = *failure;
  outcome.failure->unsent = true;
  fn_(std::move(outcome));
}

std::string whole_body(const WriteQuery& query, const kube::Resource& resource) {
  base::json::Document doc;
  const auto given = doc.parse(query.body.empty() ? "{}" : query.body);
  const Value object = given ? *given : Value();
  std::string out;
  Writer w(out);
  w.begin_object();
  w.field("apiVersion",
          resource.group.empty() ? resource.version : resource.group + "/" + resource.version);
  w.field("kind", query.kind);
  w.key("metadata").begin_object().field("name", query.name).field_if("namespace", query.ns);
  for (const Member member : object["metadata"].object())
    if (member.key != "name" && member.key != "namespace" && member.key != "resourceVersion")
      w.key(member.key).raw(member.value.to_json());
  w.end_object();
  for (const Member member : object.object())
    if (member.key != "apiVersion" && member.key != "kind" && member.key != "metadata")
      w.key(member.key).raw(member.value.to_json());
  w.end_object();
  return out;
}

namespace {

std::string_view verb_of(Verb verb) {
  switch (verb) {
    case Verb::apply:
      return "apply";
    case Verb::create:
      return "create";
    case Verb::merge_patch:
      return "patch";
    case Verb::remove:
      break;
  }
  return "delete";
}

std::string_view result_of(const kube::WriteOutcome& outcome) {
  constexpr std::string_view kNames[] = {"failed",   "ambiguous", "created",     "changed",
                                         "accepted", "deleted",   "already_gone"};
  return kNames[static_cast<std::size_t>(outcome.result)];
}

}  // namespace

audit::Entry Write::entry(audit::Entry::Stage stage) const {
  audit::Entry out;
  out.stage = stage;
  out.caller = caller_.identity;
  out.client = caller_.client;
  out.client_id = caller_.client_id;
  out.token_id = caller_.token_id;
  out.tool = caller_.tool;
  out.verb = verb_of(query_.verb);
  const kube::Resource& resource = query_.what.resource();
  out.group = resource.group;
  out.version = resource.version;
  out.resource = resource.plural;
  out.ns = query_.ns;
  out.name = query_.name;
  out.cluster = cluster_.name;
  out.dry_run = query_.dry_run;
  out.diff_digest = query_.diff_digest;
  out.field_manager = query_.verb == Verb::remove ? std::string() : query_.field_manager;
  out.rule = rule_;
  out.request_id = request_id_;
  return out;
}

// Moves out of the query what no audit line tells.
kube::WriteSpec Write::take_spec() {
  kube::WriteSpec spec;
  spec.verb = query_.verb;
  spec.resource = resource_;
  spec.ns = query_.ns;
  spec.name = query_.name;
  const bool whole = query_.verb == Verb::apply || query_.verb == Verb::create;
  spec.body = whole ? whole_body(query_, resource_) : std::move(query_.body);
  std::string().swap(query_.body);
  spec.field_manager = query_.verb == Verb::remove ? std::string() : query_.field_manager;
  spec.force = query_.force;
  spec.dry_run = query_.dry_run;
  spec.propagation = query_.propagation;
  spec.credentials = credentials_of(caller_);
  kube::config::Origin origin = spec.credentials.origin();
  origin.writing = true;  // after a lost answer the object is read
  (void)std::move(spec.credentials).from(std::move(origin));  // in place
  spec.uid = query_.uid;
  spec.resource_version = query_.resource_version;
  // A dry run whose answer is lost is sent again: nothing is compared.
  if (!query_.dry_run) spec.before = std::move(query_.before);
  std::string().swap(query_.before);
  return spec;
}

// What the gate refuses has no line of a request: the gate writes the one that it has.
bool Write::decide(const kube::WriteSpec& spec) {
  rule_.clear();
  if (!cluster_.policy) return true;
  const auto request = kube::write_request(spec);
  if (!request) return true;
  policy::Decision decision = cluster_.policy->decide(*request);
  rule_ = std::move(decision.rule);
  return decision.allowed;
}

void Write::prepare(const kube::Resource& resource) {
  resource_ = resource;
  next_ = Next::make;
  again_.schedule();
}

void Write::go_on() {
  switch (std::exchange(next_, Next::nothing)) {
    case Next::make:
      spec_ = take_spec();
      next_ = Next::decide;
      return again_.schedule();
    case Next::decide:
      allowed_ = decide(spec_);
      next_ = Next::send;
      return again_.schedule();
    case Next::send:
      return send();
    case Next::nothing:
      return;
  }
}

void Write::send() {
  sent_ = cluster_.loop.now();
  request_id_.clear();
  kube::WriteSpec spec = std::exchange(spec_, {});
  if (allowed_ && cluster_.audit && !query_.dry_run) {
    request_id_ = audit::Log::new_request_id();
    if (auto ok = cluster_.audit->write(entry(audit::Entry::Stage::request)); !ok) {
      refused_.emplace();
      refused_->failure = kube::Failure::from_error(
          std::move(ok).error().within("the audit log cannot be written, so nothing was"));
      refused_->failure->unsent = true;
      return refuse_.schedule();
    }
  }
  spec.audit_id = request_id_;
  call_.start(std::move(spec));
}

void Write::on_refused() {
  kube::WriteOutcome outcome = *std::move(refused_);
  refused_.reset();
  fn_(std::move(outcome));
}

void Write::on_outcome(kube::WriteOutcome outcome) {
  const bool denied = outcome.failure && kube::is_policy_denied(*outcome.failure);
  // A refusal by our own policy has its line already, unless a line said that it would be sent.
  const bool told = denied && cluster_.policy && request_id_.empty();
  if (cluster_.audit && !told && (denied || !query_.dry_run)) {
    audit::Entry line = entry(denied ? audit::Entry::Stage::refused : audit::Entry::Stage::result);
    line.allowed = !denied;
    line.result = result_of(outcome);
    if (outcome.failure) line.message = outcome.failure->message;
    line.duration = cluster_.loop.now() - sent_;
    line.audit_id = outcome.audit_id;
    // The write stands whatever becomes of its last line: the first one says that it was made.
    if (auto ok = cluster_.audit->write(line); !ok)
      LOG_ERROR("the result of a write is missing in the audit log", {"request", request_id_},
                {"error", ok.error().what()});
  }
  fn_(std::move(outcome));
}

}  // namespace cluster
