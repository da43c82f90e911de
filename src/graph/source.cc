#include "graph/source.h"

#include <algorithm>
#include <utility>

#include "base/json.h"
#include "base/log.h"
#include "kinds/need.h"
#include "loop/reaper.h"

namespace graph {

Source::Source(cluster::Cluster& cluster, loop::Scope& scope, std::string key,
               kube::watch::Health& health, ChangeFn on_graph)
    : cluster_(cluster),
      scope_(scope),
      key_(std::move(key)),
      health_(health),
      on_graph_(on_graph),
      reader_(kinds_, identities_, cluster.system_namespace),
      store_(kinds_, cluster.filter),
      lookups_(cluster, key_, kinds_, reader_, store_, Lookups::Fn::bind<&Source::on_lookup>(this)),
      work_(cluster.loop, "graph work", loop::Deferred::Fn::bind<&Source::work>(this)),
      settle_timer_(cluster.loop, "graph settle", loop::Timer::Fn::bind<&Source::settle>(this)),
      probe_timer_(cluster.loop, "graph probe",
                   loop::Timer::Fn::bind<&Source::on_probe_time>(this)) {}

namespace {

class DeadStore final : public loop::Remains {
 public:
  explicit DeadStore(model::Store& store) : parts_(store.take_apart()) {}
  std::size_t left() const override { return std::max(parts_.nodes.size(), parts_.ids.size()); }
  void free_one() override {
    if (!parts_.nodes.empty()) parts_.nodes.pop_back();
    if (!parts_.ids.empty()) parts_.ids.erase(parts_.ids.begin());
  }

 private:
  model::Store::Parts parts_;
};

}  // namespace

Source::~Source() {
  stop();
  loop::Reaper::take(std::make_unique<DeadStore>(store_));
}

std::string Source::probe_key(const std::string& key, const std::string& group) {
  return key + " discovery of " + (group.empty() ? "core" : group);
}

std::string Source::first_probe_key(const std::string& key) {
  return probe_key(key, model::Kinds()[0].group);
}

// The delay until the next look for what is not served, random so that servers that started
// together get out of step.
base::Duration Source::probe_delay() {
  const base::Duration every = kGraphProbeEvery;
  return every +
         base::Duration(static_cast<std::int64_t>(cluster_.retries.use(key_)->random().below(
             static_cast<std::uint64_t>(every.count() / 5))));
}

void Source::start(const kube::config::Credentials& credentials, kube::watch::Attempt attempt) {
  running_ = true;
  attempt_ = std::move(attempt);
  credentials_ = credentials;
  lookups_.set_credentials(credentials);
  settle_timer_.arm(kGraphSettleTime);
  probe_timer_.arm(probe_delay());
  probe_all(false);
}

void Source::stop() {
  running_ = false;
  attempt_.drop();
  for (const auto& watch : watches_)
    watch->stop();
  for (const auto& probe : probes_)
    probe->cancel();
  lookups_.stop();
  work_.cancel();
  settle_timer_.cancel();
  probe_timer_.cancel();
}

void Source::set_credentials(const kube::config::Credentials& credentials) {
  credentials_ = credentials;
  lookups_.set_credentials(credentials);
  for (const auto& watch : watches_)
    watch->set_credentials(credentials);
  for (const auto& probe : probes_)
    probe->set_credentials(credentials);
}

// ---- what is served

bool Source::wants(model::KindId id) const {
  const model::Kind& kind = kinds_[id];
  const bool named = id < named_.size() && named_[id];
  if (suspects_.count(id)) return true;
  return kind.resource.plural.empty() &&
         (kind.policy == model::KindPolicy::always || named || demanded_.count(id) > 0);
}

void Source::on_probe_time() {
  probe_timer_.arm(probe_delay());
  probe_all(true);
}

// Probes each group for the kinds that were not found yet; `afresh`: also for those that were asked
// for before. A kind that comes up while its group is being probed is probed after that
// (on_probed).
void Source::probe_all(bool afresh) {
  if (afresh) asked_.clear();
  std::unordered_map<std::string, std::vector<model::KindId>> groups;
  for (model::KindId id = 0, end = static_cast<model::KindId>(kinds_.size()); id < end; ++id) {
    if (wants(id) && !asked_.count(id)) groups[kinds_[id].group].push_back(id);
  }
  for (auto& entry : groups) {
    const std::string& group = entry.first;
    auto& wanted = entry.second;
    if (!reached_ && group != kinds_[0].group) continue;
    auto at = std::find_if(probes_.begin(), probes_.end(),
                           [&](const auto& probe) { return probe->group() == group; });
    if (at == probes_.end()) {
      probes_.push_back(std::make_unique<Probe>(
          cluster_, cluster_.retries.use(probe_key(key_, group)), kinds_, group,
          Probe::Told{Probe::FoundFn::bind<&Source::on_found>(this),
                      Probe::FoundFn::bind<&Source::on_missing>(this),
                      Probe::DoneFn::bind<&Source::on_probed>(this)}));
      at = probes_.end() - 1;
    }
    if ((*at)->active()) continue;
    asked_.insert(wanted.begin(), wanted.end());
    (*at)->start(std::move(wanted), credentials_, afresh);
  }
}

void Source::on_found(model::KindId id) {
  model::Kind& kind = kinds_[id];
  reached_ = reached_ || kind.group == kinds_[0].group;
  if (suspects_.erase(id)) {  // it is still served, perhaps in another version
    for (const auto& watch : watches_) {
      if (watch->kind() == id && watch->reflector().spec().resource.text() != kind.resource.text())
        watch->relist();
    }
    return;
  }
  if (kind.policy == model::KindPolicy::asked && !demanded_.count(id)) {
    kind.resource = {};  // dropped meanwhile
    return;
  }
  if (kind.policy == model::KindPolicy::lookup) {
    kind.state = model::KindState::single;
    lookups_.ask_kind(id);
    return work_.schedule();
  }
  kind.state = model::KindState::unknown;
  // The first kind's failures count for the whole graph: its Retry is asked before a subscription.
  const std::string key = id == 0 ? key_ : key_ + " " + kind.resource.text();
  watches_.push_back(std::make_unique<KindWatch>(
      KindWatch::Shared{cluster_, scope_, kinds_, identities_, reader_, store_, *this}, id,
      cluster_.retries.use(key), credentials_));
  watches_.back()->start(id == 0 ? std::move(attempt_) : kube::watch::Attempt());
}

void Source::on_missing(model::KindId id) {
  model::Kind& kind = kinds_[id];
  if (kind.state == model::KindState::known) {
    auto& since = suspects_[id];
    const base::TimePoint now = cluster_.loop.now();
    if (!since) since = now;
    if (now - *since < kGoneAfter) return probe_timer_.arm(kGoneAfter);
  }
  kind.state = model::KindState::not_served;
  work_.schedule();
}

// Without the first group there is no graph; for the others the notes say what is missing.
void Source::on_probed(Probe& probe, const kube::Failure* failure, base::Duration retry_in) {
  const bool first = probe.group() == kinds_[0].group;
  if (failure && first && !reached_) {
    attempt_.refused(*failure);
    unreached_ = true;
    return health_.on_down(*failure, retry_in);
  }
  if (failure) {
    LOG_DEBUG("graph probe failed", {"delay_ms", base::to_ms(retry_in)},
              {"watch", probe_key(key_, probe.group())}, {"error", failure->message});
  } else if (first) {
    reached_ = true;
    attempt_.succeeded();  // unless the first kind's watch took it
    if (std::exchange(unreached_, false) && settled_ && !any_down()) health_.on_up();
  }
  probe_all(false);
  work_.schedule();
}

// A kind whose API was removed: its watch ends, and it is looked for like any that is not served.
void Source::drop_unserved() {
  const auto gone = [&](const std::unique_ptr<KindWatch>& watch) {
    return kinds_[watch->kind()].state == model::KindState::not_served;
  };
  std::vector<model::KindId> kinds;
  for (const auto& watch : watches_) {
    if (gone(watch)) kinds.push_back(watch->kind());
  }
  const bool down = any_down();
  for (const model::KindId kind : kinds)
    drop_watch(kind);
  if (down && !any_down() && settled_) health_.on_up();
}

void Source::drop_watch(model::KindId kind) {
  kinds_[kind].resource = {};
  suspects_.erase(kind);
  store_.clear(kind);
  for (auto& watch : watches_) {
    if (watch->kind() != kind) continue;
    watch->stop();
    cluster_.loop.retire(std::move(watch));
  }
  std::erase_if(watches_, [](const auto& watch) { return !watch; });
}

// ---- kinds that must be requested

void Source::demand(const std::vector<model::KindId>& kinds) {
  bool more = false;
  for (const model::KindId kind : kinds)
    more = demanded_.insert(kind).second || more;
  if (!more || !running_) return;
  waiting_ = true;
  settle_timer_.arm(kGraphSettleTime);
  probe_all(false);
  work_.schedule();
}

void Source::drop_demand(model::KindId kind) {
  if (demanded_.erase(kind) == 0) return;
  const bool down = any_down();
  asked_.erase(kind);
  kinds_[kind].state = model::KindState::unknown;
  drop_watch(kind);
  work_.schedule();
  if (down && !any_down() && settled_) health_.on_up();
}

// ---- reports of the watches

void Source::on_kind_denied(KindWatch& watch, const kube::Failure& failure) {
  work_.schedule();
  if (failure.says(401)) return health_.on_denied(failure);
  suspect(watch, failure);
  bool all = !settled_;
  for (model::KindId id = 0; id < kCoreKinds; ++id)
    all = all && kinds_[id].state == model::KindState::forbidden;
  if (all) health_.on_denied(failure);
}

void Source::on_kind_down(KindWatch& watch, const kube::Failure& failure, base::Duration retry_in) {
  suspect(watch, failure);
  work_.schedule();
  if (settled_ || (is_core(watch.kind()) && !watch.answered())) health_.on_down(failure, retry_in);
}

// A 404 from any sender, in any form: the next probe asks discovery.
void Source::suspect(const KindWatch& watch, const kube::Failure& failure) {
  if (failure.status == 404 && kinds_[watch.kind()].state == model::KindState::known)
    suspects_.try_emplace(watch.kind());
}

void Source::on_kind_up() {
  work_.schedule();
  if (!any_down() && settled_) health_.on_up();
}

bool Source::any_down() const {
  return std::any_of(watches_.begin(), watches_.end(),
                     [](const auto& watch) { return watch->down(); });
}

void Source::on_identities() {
  identities_changed_ = true;
  work_.schedule();
}

// ---- once a turn

void Source::work() {
  if (std::exchange(identities_changed_, false)) {
    for (const auto& watch : watches_) {
      if (reader_.is_identity(watch->kind())) watch->relist();
    }
  }
  drop_unserved();
  bool more = false;
  for (const model::KindId id : store_.take_named()) {
    if (named_.size() <= id) named_.resize(id + 1u);
    more = more || !named_[id];
    named_[id] = true;
  }
  if (more) probe_all(false);
  lookups_.ask(store_.take_lookups());
  write_notes();
  if (!complete() && !pending()) return settle();
  on_graph_();
}

// Whether an answer is still awaited.
bool Source::pending() const {
  return !lookups_.idle() || std::any_of(probes_.begin(), probes_.end(), [](const auto& p) {
    return p->asking();
  }) || std::any_of(watches_.begin(), watches_.end(), [](const auto& w) { return !w->answered(); });
}

void Source::settle() {
  if (complete()) return;
  settled_ = true;
  waiting_ = false;
  settle_timer_.cancel();
  write_notes();
  on_graph_();
  health_.on_ready();
}

void Source::write_notes() {
  std::string out;
  base::json::Writer w(out);
  w.begin_array();
  for (model::KindId id = 0, end = static_cast<model::KindId>(kinds_.size()); id < end; ++id) {
    const model::Kind& kind = kinds_[id];
    const bool watched = !kind.resource.plural.empty() && kind.policy != model::KindPolicy::lookup;
    if (kind.state == model::KindState::forbidden) {
      w.string(kind.type + ": may not be listed or watched (forbidden); left out");
    } else if (kind.state == model::KindState::not_served &&
               (is_core(id) || store_.is_named(id) || demanded_.count(id))) {
      w.string(kind.type + ": not served by this API server; left out");
    } else if (kind.state == model::KindState::unknown && (watched || demanded_.count(id)) &&
               settled_) {
      w.string(kind.type + ": not loaded yet");
    }
    if (lookups_.forbidden(id))
      w.string(kind.type +
               ": some may not be read (forbidden); references to them are left out or shown as "
               "last seen");
  }
  for (const auto& watch : watches_) {
    const std::string& type = kinds_[watch->kind()].type;
    if (watch->listed_only())
      w.string(type + ": may be listed but not watched; shown as of the last list");
    if (!watch->unreadable().empty())
      w.string(type + ": " + watch->unreadable() + "; left out or shown as last seen");
    if (!watch->problem().empty())
      w.string(type + ": cannot be seen now (" + watch->problem() +
               "); its objects are shown as last seen");
  }
  for (const model::KindId id : store_.blind_selections())
    w.string(kinds_[id].type + ": never listed; relations by label selectors to them are left out");
  if (store_.hides())
    w.string("references into namespaces that the server's namespace filter hides are left out");
  if (lookups_.overfull()) w.string("too many referenced objects: some were not looked up");
  w.end_array();
  notes_ = std::move(out);
}

std::vector<auth::Access> Source::needs() const {
  std::vector<auth::Access> out;
  for (const auto& watch : watches_) {
    const model::Kind& kind = kinds_[watch->kind()];
    if (kind.state == model::KindState::known) out.push_back({"list", kind.resource});
  }
  return out;
}

void Source::describe(std::vector<fanout::WatchInfo>& out) const {
  for (const auto& watch : watches_) {
    fanout::WatchInfo info;
    info.manager = "graph";
    info.key = watch->retry().key();
    info.status = watch->reflector().status();
    info.breaker = watch->retry().state();
    info.breaker_retry = watch->retry().retry_after();
    info.failures = static_cast<std::uint64_t>(watch->retry().backoff().failures());
    out.push_back(std::move(info));
  }
}

mcp::Needs graph_needs() {
  mcp::Needs out = kinds::need_any("get,list,watch");
  for (const std::string_view type : model::graph_types())
    out = std::move(out) + kinds::need("get,list,watch", {type});
  return out;
}

}  // namespace graph
