#include "graph/kind_watch.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/text.h"

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
      credentials_(std::move(credentials)) {
  make();
}

void KindWatch::make() {
  projected_.clear();
  cluster::WatchSpec spec;
  const model::Kind& kind = shared_.kinds[kind_];
  spec.resource = kind.resource;
  spec.kind = kind.type.substr(0, kind.type.find('.'));
  spec.credentials = credentials_;
  auto made = cluster::watch(shared_.cluster, {shared_.scope, *retry_, *this}, std::move(spec));
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
  make();
  reflector_->start();
}

void KindWatch::set_credentials(const kube::config::Credentials& credentials) {
  credentials_ = credentials;
  reflector_->set_credentials(credentials);
}

base::Payload KindWatch::project(Value object) {
  if (interfaces_ &&
      shared_.identities.set(std::string(object["metadata"]["name"].str()), object["spec"]))
    shared_.handler.on_identities();
  if (projected_.size() >= forget_from_) forget_untold();
  base::Payload doc("-");
  projected_[doc.view().data()] = {doc, shared_.reader.read(kind_, object)};
  return doc;
}

// Only we still hold the document of an object that the reflector dropped without a report (a
// streamed list that broke off).
void KindWatch::forget_untold() {
  std::erase_if(projected_, [](const auto& one) { return one.second.doc.holders() == 1; });
  forget_from_ = std::max(kForgetFrom, 2 * projected_.size());
}

std::size_t KindWatch::kept_beside(const base::Payload& doc) const {
  const auto at = projected_.find(doc.view().data());
  if (at == projected_.end()) return 0;
  const model::Object& object = at->second.object;
  return object.members.size() + kNodeBytes + object.claims.size() * kClaimBytes;
}

void KindWatch::on_change(kube::watch::Change change, const std::string& key,
                          const base::Payload& doc) {
  auto read = projected_.extract(doc.view().data());
  if (change != kube::watch::Change::deleted) {
    CHECK(read);
    shared_.store.put(std::move(read.mapped().object));
  } else {
    const std::size_t slash = key.find('/');
    const std::string ns = slash == key.npos ? "" : key.substr(0, slash);
    const std::string name = slash == key.npos ? key : key.substr(slash + 1);
    if (interfaces_ && shared_.identities.set(name, {})) shared_.handler.on_identities();
    shared_.store.remove(kind_, ns, name);
  }
  shared_.handler.on_kind(*this);
}

void KindWatch::on_unreadable(std::size_t objects, const std::string& first) {
  unreadable_ = objects == 0 ? std::string()
                             : std::to_string(objects) + " cannot be read (" +
                                   base::printable(first, kProblemBytes) + ")";
  shared_.handler.on_kind(*this);
}

void KindWatch::on_synced() {
  // Removes what an earlier reflector found and this one did not.
  const std::vector<model::NodeIndex> all = shared_.store.of_kind(kind_);
  for (const model::NodeIndex index : all) {
    const model::Node& node = shared_.store.node(index);
    std::string key(node.ns());
    key.append(key.empty() ? "" : "/").append(node.name());
    if (node.exists && !reflector_->store().count(key))
      shared_.store.remove(kind_, std::string(node.ns()), std::string(node.name()));
  }
  shared_.kinds[kind_].state = model::KindState::known;
  shared_.store.judge_kind(kind_);
  shared_.handler.on_kind(*this);
}

void KindWatch::on_denied(const kube::Failure& failure) {
  down_ = false;  // the API server answered
  if (failure.says(401)) return shared_.handler.on_kind_denied(*this, failure);
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
  shared_.handler.on_kind_denied(*this, failure);
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
  shared_.handler.on_kind_down(*this, failure, retry_in);
}

void KindWatch::on_up() {
  down_ = false;
  denials_ = 0;
  confirmed_ = true;
  listed_only_ = false;
  problem_.clear();
  shared_.handler.on_kind_up(*this);
}

}  // namespace graph
