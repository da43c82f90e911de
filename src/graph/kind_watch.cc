#include "graph/kind_watch.h"

#include <utility>

#include "base/text.h"
#include "graph/source.h"

namespace graph {

using base::json::Value;

// What the store keeps of an object besides its members, and of each edge that the object states.
constexpr std::size_t kNodeBytes = 300, kClaimBytes = 150;
constexpr std::size_t kProblemBytes = 200;  // in a note: enough for a sentence of the API server

KindWatch::KindWatch(const Shared& shared, model::KindId kind, kube::watch::RetryTable::Use retry,
                     kube::config::Credentials credentials)
    : shared_(shared),
      kind_(kind),
      interfaces_(shared.kinds[kind].type == "ProviderInterface"),
      retry_(std::move(retry)),
      credentials_(std::move(credentials)),
      collection_(static_cast<kube::watch::Store&>(*this)) {
  make();
}

void KindWatch::make() {
  cluster::WatchSpec spec;
  const model::Kind& kind = shared_.kinds[kind_];
  spec.resource = kind.resource;
  spec.kind = kind.type.substr(0, kind.type.find('.'));
  spec.credentials = credentials_;
  auto made = cluster::watch(shared_.cluster, {shared_.scope, *retry_, collection_, *this},
                             std::move(spec));
  CHECK(made);  // it names no namespace
  reflector_ = *std::move(made);
}

void KindWatch::start(kube::watch::Attempt begun) {
  reflector_->start(std::move(begun));
}

void KindWatch::relist() {
  reflector_->stop();
  shared_.cluster.loop.retire(std::move(reflector_));
  confirmed_ = false;
  collection_.forget_versions();
  make();
  reflector_->start();
}

void KindWatch::set_credentials(const kube::config::Credentials& credentials) {
  credentials_ = credentials;
  reflector_->set_credentials(credentials);
}

// ---- the store

using Decoded = kube::watch::ItemOf<model::Object>;

std::unique_ptr<kube::watch::Item> KindWatch::read(Value object) {
  if (interfaces_ &&
      shared_.identities.set(std::string(object["metadata"]["name"].str()), object["spec"]))
    shared_.source.on_identities();
  return std::make_unique<Decoded>(shared_.reader.read(kind_, object));
}

std::size_t KindWatch::bytes(const kube::watch::Item& item) const {
  const model::Object& object = Decoded::in(item);
  return object.members.size() + kNodeBytes + object.claims.size() * kClaimBytes;
}

void KindWatch::put(kube::watch::Change, const std::string&,
                    std::unique_ptr<kube::watch::Item>& item) {
  const std::unique_ptr<kube::watch::Item> taken = std::move(item);
  shared_.store.put(std::move(Decoded::in(*taken)));
  shared_.source.on_kind();
}

void KindWatch::remove(const std::string& key, std::unique_ptr<kube::watch::Item>) {
  const std::size_t slash = key.find('/');
  const std::string ns = slash == key.npos ? "" : key.substr(0, slash);
  const std::string name = slash == key.npos ? key : key.substr(slash + 1);
  if (interfaces_ && shared_.identities.set(name, {})) shared_.source.on_identities();
  shared_.store.remove(kind_, ns, name);
  shared_.source.on_kind();
}

void KindWatch::on_unreadable(std::size_t objects, const std::string& first) {
  unreadable_ = objects == 0 ? std::string()
                             : std::to_string(objects) + " cannot be read (" +
                                   base::printable(first, kProblemBytes) + ")";
  shared_.source.on_kind();
}

// ---- the health

void KindWatch::on_ready() {
  shared_.kinds[kind_].state = model::KindState::known;
  shared_.store.judge_kind(kind_);
  shared_.source.on_kind();
}

void KindWatch::on_denied(const kube::Failure& failure) {
  down_ = false;  // the API server answered
  if (failure.says(401)) return shared_.source.on_kind_denied(*this, failure);
  ++denials_;
  model::KindState& state = shared_.kinds[kind_].state;
  if (state != model::KindState::known) {
    state = failure.says(403) ? model::KindState::forbidden : model::KindState::not_served;
  } else if (reflector_->synced() && !confirmed_ && failure.says(403)) {
    // The kind may be listed but not watched. It is listed again at the slow cadence of the
    // attempts.
    listed_only_ = true;
    if (denials_ > 1) {
      denials_ = 0;
      relist();
    }
  } else {
    note_problem(failure);
  }
  shared_.source.on_kind_denied(*this, failure);
}

void KindWatch::note_problem(const kube::Failure& failure) {
  problem_ = base::printable(failure.message, kProblemBytes);
  listed_only_ = false;
}

void KindWatch::on_down(const kube::Failure& failure, base::Duration retry_in) {
  down_ = true;
  // An answer, but not the API server's. That nothing answers is reported for the whole graph.
  if (failure.status >= 400 && failure.status < 500) note_problem(failure);
  if (failure.code == base::Errc::too_large) {
    note_problem(failure);
    // None of it was sent, unless the graph was shown before it was whole.
    if (shared_.kinds[kind_].state != model::KindState::known) shared_.store.clear(kind_);
  }
  shared_.source.on_kind_down(*this, failure, retry_in);
}

void KindWatch::on_up() {
  down_ = false;
  denials_ = 0;
  confirmed_ = true;
  listed_only_ = false;
  problem_.clear();
  shared_.source.on_kind_up();
}

}  // namespace graph
