#include "monitor/watch.h"

#include <utility>

#include "base/check.h"
#include "cluster/rpc_error.h"
#include "deployments/phase.h"
#include "deployments/update.h"
#include "fanout/manager.h"
#include "kinds/need.h"
#include "kinds/table.h"
#include "monitor/kept.h"

namespace monitor {

using base::json::Document;
using base::json::Value;
using base::json::Writer;
using kube::watch::Change;

namespace {

// All updates of a monitor are of one thing: a later one supersedes an earlier one.
constexpr std::string_view kKey = "update";

std::string named(const std::string& name) {
  return "metadata.name=" + name;
}

Value named_in(Value list, std::string_view name) {
  for (const Value each : list.array()) {
    if (each["metadata"]["name"].str() == name) return each;
  }
  return {};
}

Value parsed(Document& doc, const std::string& json) {
  if (json.empty()) return {};
  const auto out = doc.parse(json);
  return out ? *out : Value();
}

}  // namespace

Watch::Watch(fanout::Manager& manager, Spec spec, Request request)
    : fanout::SharedWatch(manager, std::move(spec)),
      request_(std::move(request)),
      cluster_(context().kube, scope(), key(),
               {.kind = kinds::get("Cluster"),
                .ns = request_.ns,
                .label_selector = "helm.toolkit.fluxcd.io/name=" + request_.name},
               Part::Fn::bind<&Watch::on_part>(this)),
      release_(context().kube, scope(), key(),
               {.kind = kinds::get("HelmRelease"),
                .ns = request_.ns,
                .field_selector = named(request_.name)},
               Part::Fn::bind<&Watch::on_part>(this)),
      sveltos_(context().kube, scope(), key(),
               {.kind = kinds::get("SveltosCluster"),
                .ns = request_.ns,
                .field_selector = named(request_.name)},
               Part::Fn::bind<&Watch::on_part>(this)),
      service_sets_(
          context().kube, scope(), key(),
          {.kind = kinds::get("ServiceSet"), .ns = request_.ns, .of_cluster = request_.name},
          Part::Fn::bind<&Watch::on_part>(this)),
      provider_(context().kube, scope(), key(), {.kind = kinds::get("StateManagementProvider")},
                Part::Fn::bind<&Watch::on_part>(this)),
      version_(context().kube, cluster::VersionChoice::Fn::bind<&Watch::on_version>(this)),
      collection_(static_cast<kube::watch::Store&>(*this)),
      nearest_(context().kube, cluster::NearestNames::Fn::bind<&Watch::on_nearest>(this)),
      look_(context().kube.loop, "monitor", loop::Deferred::Fn::bind<&Watch::look>(this)),
      late_timer_(context().kube.loop, "monitor parts",
                  loop::Timer::Fn::bind<&Watch::on_late>(this)),
      again_timer_(context().kube.loop, "monitor again",
                   loop::Timer::Fn::bind<&Watch::look>(this)) {}

void Watch::begin(kube::watch::Attempt attempt) {
  attempt_ = std::move(attempt);
  late_timer_.arm(kPartsPatience);
  for (Part* part : parts())
    part->start(credentials());
  version_.start(cluster::Collection(kinds::get("ClusterDeployment")), credentials());
}

void Watch::close() {
  version_.cancel();
  attempt_.drop();
  nearest_.cancel();
  look_.cancel();
  late_timer_.cancel();
  again_timer_.cancel();
  for (Part* part : parts())
    part->stop();
  if (reflector_) reflector_->stop();
}

void Watch::use(const kube::config::Credentials& credentials) {
  for (Part* part : parts())
    part->set_credentials(credentials);
  if (reflector_) reflector_->set_credentials(credentials);
}

kube::watch::WatchStatus Watch::status() const {
  if (reflector_) return reflector_->status();
  kube::watch::WatchStatus status;
  status.state = "discovering";
  return status;
}

std::vector<auth::Access> Watch::needs() const {
  if (!reflector_) return {};
  const kube::Resource& resource = reflector_->spec().resource;
  std::vector<auth::Access> out = {{"list", resource, request_.ns, request_.name},
                                   {"watch", resource, request_.ns, request_.name}};
  for (const Part* part : parts()) {
    for (auth::Access& each : part->needs())
      out.push_back(std::move(each));
  }
  return out;
}

void Watch::on_version(const kube::Failure* failure, kube::Resource resource) {
  if (failure) {
    // The first request of the attempt: its failure counts as a failure of the list.
    attempt_.refused(*failure);
    return refuse_all(cluster::to_rpc(*failure, task()));
  }
  cluster::WatchSpec spec;
  spec.resource = std::move(resource);
  spec.ns = request_.ns;
  spec.kind = "ClusterDeployment";
  spec.field_selector = named(request_.name);
  spec.credentials = credentials();
  auto made =
      cluster::watch(context().kube, {scope(), retry(), collection_, *this}, std::move(spec));
  CHECK(made);  // a subscription to a hidden namespace was refused
  reflector_ = *std::move(made);
  reflector_->start(std::move(attempt_));
}

// ---- what is known changes

std::unique_ptr<kube::watch::Item> Watch::read(Value object) {
  std::string json = kept_json(object);
  cluster::clean(context().kube, json);
  return std::make_unique<Kept>(std::move(json));
}

void Watch::put(Change, const std::string&, std::unique_ptr<kube::watch::Item>& item) {
  deployment_ = Kept::in(*item);
  look_.schedule();
}

void Watch::remove(const std::string&, std::unique_ptr<kube::watch::Item>) {
  deployment_.clear();
  look_.schedule();
}

void Watch::on_ready() {
  listed_ = true;
  look_.schedule();
}

void Watch::on_part() {
  look_.schedule();
}

void Watch::on_late() {
  late_ = true;
  look();
}

// ---- what follows from it

void Watch::look() {
  if (over_) return finish();
  if (!listed_) return;
  if (deployment_.empty()) {
    if (!accepting_) {
      if (std::exchange(searching_, true)) return;
      return nearest_.start(first_caller(), cluster::Collection(kinds::get("ClusterDeployment")),
                            request_.ns, request_.name);
    }
    over_ = true;
    update_ = system_update(phase_, "Deleted", what() + " was deleted", true);
    return finish();
  }
  bool settled = true;
  for (const Part* part : parts())
    settled = settled && part->settled();
  if (!accepting_ && !settled && !late_) return;
  assess();
}

void Watch::on_nearest(const std::vector<std::string>& names) {
  searching_ = false;
  if (!deployment_.empty()) return look();
  refuse_all(cluster::to_rpc(base::Errc::not_found,
                             "there is no " + what() + cluster::nearest_text(names)));
}

void Watch::assess() {
  again_timer_.arm(kLookAgain);
  std::string unread;
  bool stale = false;
  for (const Part* part : parts()) {
    if (!part->doubtful()) continue;
    stale = stale || part->known();
    if (!part->known()) unread.append(unread.empty() ? "" : ", ").append(part->kind());
  }
  Document docs[6];
  const std::string sets = service_sets_.list(), providers = provider_.list();
  const Value deployment = parsed(docs[0], deployment_);
  const deployments::Assessment is =
      deployments::assess({.deployment = deployment,
                           .release = parsed(docs[1], release_.json()),
                           .cluster = parsed(docs[2], cluster_.json()),
                           .sveltos = parsed(docs[3], sveltos_.json()),
                           .service_sets = parsed(docs[4], sets),
                           .provider = named_in(parsed(docs[5], providers),
                                                deployments::provider_of_services(deployment)),
                           .cluster_known = cluster_.known(),
                           .sveltos_known = sveltos_.known(),
                           .unread = std::move(unread),
                           .stale = stale},
                          context().kube.loop.wall_now());
  const base::WallTime now = context().kube.loop.wall_now();
  const deployments::UpdateLists lists = deployments::update_lists(deployment, now);
  const deployments::Update update{&is, deployment, &lists, "condition", nullptr};
  std::string plain = deployments::update_json(update, now, false);
  if (plain == plain_) return;
  plain_ = std::move(plain);
  phase_ = deployments::to_string(is.phase);
  update_ = deployments::update_json(update, now);
  over_ = is.terminal;
  if (!std::exchange(accepting_, true)) {
    late_timer_.cancel();
    fanout::SharedWatch::on_ready();
  } else if (!over_) {
    tell({Change::modified, base::Payload(kKey), base::Payload(update_), {}}, update_);
  }
  if (over_) finish();
}

void Watch::on_joined(fanout::Feed&) {
  if (over_) look_.schedule();
}

// Last words are for those that were accepted: the others are waited for.
void Watch::finish() {
  std::size_t accepted = 0;
  for_each_feed([&](fanout::Feed&) { ++accepted; });
  if (accepted < subscribers()) return late_timer_.arm(kLastWordPause);
  end_all(update_);
}

std::string Watch::system_update(std::string_view phase, std::string_view reason,
                                 const std::string& message, bool terminal) const {
  std::string out;
  Writer w(out);
  w.begin_object().field("timestamp", base::format_rfc3339(context().kube.loop.wall_now(), 0));
  w.field("phase", phase.empty() ? "Unknown" : phase).field("message", message);
  w.field("reason", reason).field("source", "system").field("severity", "warning");
  if (terminal) w.field("terminal", true);
  w.key("metadata").begin_object().field("name", request_.name).field("namespace", request_.ns);
  w.end_object().end_object();
  return out;
}

std::string Watch::timeout_words(base::Duration timeout) const {
  return system_update(phase_, "Timeout",
                       "subscription ends: its timeout of " + base::format_duration(timeout) +
                           " is over; the cluster may still change: subscribe again",
                       true);
}

std::string Watch::last_words(std::string_view reason) const {
  return system_update(phase_, "SubscriptionEnds",
                       std::string("subscription ends: ").append(reason), false);
}

mcp::Needs watch_needs() {
  return kinds::need("list,watch", {"ClusterDeployment", "Cluster", "HelmRelease", "SveltosCluster",
                                    "ServiceSet", "StateManagementProvider"});
}

}  // namespace monitor
