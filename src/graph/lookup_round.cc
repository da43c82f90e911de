#include "graph/lookup_round.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "graph/lookup.h"

namespace graph {

struct KindLookups::Get {
  Get(KindLookups& round_in, std::string id_in)
      : round(round_in),
        id(std::move(id_in)),
        get(round.owner_.cluster_, cluster::Get::Fn::bind<&Get::on_answer>(this), kLookupBytes) {}
  void on_answer(const kube::Failure* failure, base::json::Value object) {
    round.on_get(*this, failure, object);
  }
  KindLookups& round;
  std::string id;
  cluster::Get get;
};

KindLookups::KindLookups(Lookups& owner, model::KindId kind, kube::watch::RetryTable::Use retry)
    : owner_(owner),
      kind_(kind),
      retry_(std::move(retry)),
      list_(owner.cluster_, *this),
      wait_timer_(owner.cluster_.loop, "graph look-up wait",
                  loop::Timer::Fn::bind<&KindLookups::on_wait_over>(this)) {}

KindLookups::~KindLookups() {
  stop();
}

void KindLookups::stop() {
  list_.cancel();
  gets_.clear();
  wanted_.clear();
  listed_.clear();
  wait_timer_.cancel();
  attempt_.drop();
  in_round_ = proven_ = false;
}

void KindLookups::add(std::string_view ns, const std::string& id) {
  const bool asked = listed_.count(id) || std::any_of(gets_.begin(), gets_.end(),
                                                      [&](const auto& g) { return g->id == id; });
  if (!asked) wanted_[std::string(ns)].insert(id);
}

void KindLookups::on_credentials() {
  lists_refused_ = false;
  if (!std::exchange(denied_, false)) return;
  wait_timer_.cancel();
  go();
}

void KindLookups::on_wait_over() {
  denied_ = false;
  go();
}

bool KindLookups::begin_round() {
  kube::watch::Permit permit = retry_->ask(kube::watch::Retry::Floor::none);
  if (!permit.attempt) {
    wait_timer_.arm(permit.wait);
    return false;
  }
  attempt_ = std::move(permit.attempt);
  in_round_ = true;
  proven_ = false;
  return true;
}

void KindLookups::go() {
  if (wait_timer_.armed() || list_.active()) return;
  while (!wanted_.empty() && owner_.has_room()) {
    if (in_round_ && !proven_ && in_flight() > 0) return;  // one request first
    if (!in_round_ && !begin_round()) return;
    const auto first = wanted_.begin();
    const std::string ns = first->first;
    const bool list = first->second.size() >= kLookupListFrom && !ns.empty() && !lists_refused_ &&
                      !long_lists_.count(ns);
    if (list) return ask_list(ns);
    const std::string id = *first->second.begin();
    first->second.erase(first->second.begin());
    if (first->second.empty()) wanted_.erase(first);
    ask_one(id);
  }
  if (wanted_.empty() && gets_.empty()) {
    attempt_.drop();
    in_round_ = false;
  }
}

void KindLookups::ask_one(const std::string& id) {
  auto query = owner_.query_of(id);
  if (!query) return;
  auto get = std::make_unique<Get>(*this, id);
  // An error: no object can have that name.
  if (!get->get.start(owner_.credentials_, *std::move(query))) return owner_.on_absent(id);
  gets_.push_back(std::move(get));
}

void KindLookups::ask_list(const std::string& ns) {
  list_ns_ = ns;
  listed_ = std::move(wanted_[ns]);
  wanted_.erase(ns);
  list_items_ = 0;
  list_cap_ = listed_.size() * kLookupListItems;
  cluster::ListQuery query{owner_.kinds_[kind_].resource, ns};
  query.form = cluster::ListForm::metadata;
  CHECK(list_.start(owner_.credentials_, std::move(query)));  // the store names nothing hidden
}

// What the list did not answer is still wanted.
void KindLookups::want_list() {
  if (!listed_.empty()) wanted_[list_ns_].merge(listed_);
  listed_.clear();
}

void KindLookups::on_object(base::json::Value object) {
  const std::string id = owner_.kinds_[kind_].type + ":" + list_ns_ + "/" +
                         std::string(object["metadata"]["name"].str());
  if (listed_.erase(id)) owner_.on_found(id, object);
  if (++list_items_ <= list_cap_) return;
  list_.cancel();
  long_lists_.insert(list_ns_);
  want_list();
  answered();
  wait_timer_.arm(base::Duration::zero());  // go() must not run inside the list's call
}

void KindLookups::on_done(const kube::Failure* failure) {
  if (!failure) {
    for (const std::string& id : std::exchange(listed_, {}))
      owner_.on_absent(id);
  } else {
    want_list();
    if (!failure->says(403)) return fail(*failure);
    lists_refused_ = true;
  }
  answered();
  owner_.on_progress();
}

void KindLookups::on_get(Get& get, const kube::Failure* failure, base::json::Value object) {
  const auto at =
      std::find_if(gets_.begin(), gets_.end(), [&](const auto& one) { return one.get() == &get; });
  const std::string id = get.id;
  owner_.cluster_.loop.retire(std::move(*at));
  gets_.erase(at);
  if (!failure) {
    owner_.on_found(id, object);
  } else if (failure->says(404)) {
    owner_.on_absent(id);
  } else if (failure->says(403)) {
    owner_.on_unseen(id);
  } else {
    owner_.want_again(id);
    return fail(*failure);
  }
  answered();
  owner_.on_progress();
}

void KindLookups::answered() {
  proven_ = true;
  attempt_.succeeded();
}

void KindLookups::fail(const kube::Failure& failure) {
  for (auto& get : std::exchange(gets_, {})) {
    get->get.cancel();
    owner_.want_again(get->id);
    owner_.cluster_.loop.retire(std::move(get));
  }
  in_round_ = proven_ = false;
  base::Duration delay = attempt_.refused(failure);
  denied_ = delay == base::Duration::zero();
  if (denied_) delay = owner_.spread(kLookupRetry);
  wait_timer_.arm(delay);
  owner_.on_progress();
}

}  // namespace graph
