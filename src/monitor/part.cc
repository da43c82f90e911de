#include "monitor/part.h"

#include <map>
#include <utility>

#include "monitor/kept.h"

namespace monitor {

Part::Part(cluster::Cluster& cluster, loop::Scope& scope, const std::string& key, Spec spec,
           Fn changed)
    : cluster_(cluster),
      scope_(scope),
      spec_(std::move(spec)),
      changed_(changed),
      retry_(cluster.retries.use(key + " " + std::string(spec_.kind.kind))),
      version_(cluster, cluster::VersionChoice::Fn::bind<&Part::on_version>(this)),
      collection_(static_cast<kube::watch::Store&>(*this)),
      probe_timer_(cluster.loop, "monitor probe", loop::Timer::Fn::bind<&Part::probe>(this)) {}

Part::~Part() {
  stop();
}

void Part::start(const kube::config::Credentials& credentials) {
  credentials_ = credentials;
  probe();
}

void Part::probe() {
  if (!version_.active()) version_.start(cluster::Collection(spec_.kind), credentials_);
}

void Part::stop() {
  version_.cancel();
  probe_timer_.cancel();
  if (reflector_) reflector_->stop();
}

void Part::set_credentials(const kube::config::Credentials& credentials) {
  credentials_ = credentials;
  if (reflector_) reflector_->set_credentials(credentials);
}

void Part::on_version(const kube::Failure* failure, kube::Resource resource) {
  if (failure) {
    // Errc::not_found: the kind is not served, so there is none.
    const bool missing = failure->code == base::Errc::not_found;
    const bool suspect = missing && reflector_ && !suspect_;
    suspect_ = missing;
    probe_timer_.arm(suspect ? kGoneAfter : kProbeEvery);
    if (!missing) return refused(*failure);
    if (suspect) return set(known_, true);
    retire_reflector();
    collection_.clear();
    return set(true, false);
  }
  suspect_ = false;
  // Served as before: the watch goes on by itself.
  if (reflector_ && reflector_->spec().resource.text() == resource.text()) return;
  // In another version, what is known stays until that was read.
  retire_reflector();
  collection_.forget_versions();
  cluster::WatchSpec spec;
  spec.resource = std::move(resource);
  spec.ns = spec_.ns;
  spec.kind = spec_.kind.kind;
  spec.field_selector = spec_.field_selector;
  spec.label_selector = spec_.label_selector;
  spec.credentials = credentials_;
  auto made = cluster::watch(cluster_, {scope_, *retry_, collection_, *this}, std::move(spec));
  if (!made) return set(false, false);
  reflector_ = *std::move(made);
  reflector_->start();
}

std::unique_ptr<kube::watch::Item> Part::read(base::json::Value object) {
  if (!spec_.of_cluster.empty() && object["spec"]["cluster"].str() != spec_.of_cluster)
    return nullptr;
  std::string json = kept_json(object);
  cluster::clean(cluster_, json);
  return std::make_unique<Kept>(std::move(json));
}

void Part::put(kube::watch::Change, const std::string&, std::unique_ptr<kube::watch::Item>&) {
  pick();
}

void Part::remove(const std::string&, std::unique_ptr<kube::watch::Item>) {
  pick();
}

void Part::retire_reflector() {
  if (!reflector_) return;
  reflector_->stop();
  cluster_.loop.retire(std::move(reflector_));
}

void Part::refused(const kube::Failure& failure) {
  if (failure.code == base::Errc::forbidden) return set(false, false);
  set(known_, true);
}

void Part::on_denied(const kube::Failure& failure) {
  doubt_served(failure);
  refused(failure);
}

// What cannot be seen for a while is as it was last seen.
void Part::on_down(const kube::Failure& failure, base::Duration) {
  doubt_served(failure);
  set(known_, true);
}

// The API server answers the path of a kind that it does not serve (any more) with a bare page, as
// many a proxy does: only discovery tells.
void Part::doubt_served(const kube::Failure& failure) {
  if (failure.status != 404) return;
  const kube::Resource& resource = reflector_->spec().resource;
  cluster::forget_served(cluster_, resource.group, resource.version);
  if (!probe_timer_.armed()) probe_timer_.arm(kGoneAfter);
}

std::vector<auth::Access> Part::needs() const {
  if (!reflector_ || json_.empty()) return {};
  const kube::Resource& resource = reflector_->spec().resource;
  return {{"list", resource, spec_.ns}, {"watch", resource, spec_.ns}};
}

void Part::set(bool known, bool doubtful) {
  settled_ = true;
  known_ = known;
  doubtful_ = doubtful;
  pick();
}

// Items of a list that is not whole yet count, too: the object is there.
std::vector<const std::string*> Part::sorted() const {
  std::map<std::string_view, const std::string*> by_key;
  if (known_) {
    for (const auto& [key, entry] : collection_.entries()) {
      if (entry.item) by_key.emplace(key, &Kept::in(*entry.item));
    }
  }
  std::vector<const std::string*> out;
  for (const auto& [key, json] : by_key)
    out.push_back(json);
  return out;
}

std::string Part::list() const {
  std::string out = "[";
  for (const std::string* each : sorted())
    out.append(out.size() == 1 ? "" : ",").append(*each);
  return out + "]";
}

void Part::pick() {
  const std::vector<const std::string*> all = sorted();
  json_ = all.empty() ? std::string() : *all.front();
  changed_();
}

}  // namespace monitor
