// Which subscribers may join a shared watch, and stay.
#include <utility>

#include "base/log.h"
#include "tools/shared_watch.h"
#include "tools/watch_manager.h"

namespace tools {

void SharedWatch::admit(WatchFeed& feed) {
  const kube::config::Credentials credentials = feed.credentials();
  if (gate_.open(credentials)) return let_in(feed);
  gate_.ask(credentials);
}

void SharedWatch::let_in(WatchFeed& feed) {
  // No accepted subscriber may have the token that is in use.
  if (accepted() == 0) use_now(feed.credentials());
  feed.accept();
  on_joined(feed);
  await_access_check();
}

void SharedWatch::renewed(WatchFeed& feed) {
  if (!gone_ && !feed.accepted() && ready()) admit(feed);
}

std::vector<WatchFeed*> SharedWatch::waiting_with(const kube::config::Credentials& credentials) {
  std::vector<WatchFeed*> out;
  for_each_feed([&](WatchFeed& feed) {
    if (!feed.accepted() && feed.credentials() == credentials) out.push_back(&feed);
  });
  return out;
}

std::size_t SharedWatch::accepted() const {
  std::size_t n = 0;
  for (const base::Link* at = feeds_.next; at != &feeds_; at = at->next)
    n += static_cast<const WatchFeed::Node*>(at)->feed->accepted() ? 1 : 0;
  return n;
}

void SharedWatch::on_access(const kube::config::Credentials& credentials,
                            const AccessCheck::Outcome& outcome) {
  if (gone_) return;
  if (outcome.said == AccessCheck::Said::yes) {
    if (!ready()) return;  // accept_all() follows
    for (WatchFeed* feed : waiting_with(credentials))
      let_in(*feed);
    return await_access_check();
  }
  const bool no = outcome.said == AccessCheck::Said::no;
  LOG_INFO("access to a watch", {"watch", spec_.key}, {"allowed", no ? "no" : "unknown"},
           {"reason", outcome.why});
  if (no && (credentials == credentials_ || accepted() == 0)) return end_access(outcome.why);
  const bool ours = credentials == credentials_;
  const auto waiting = waiting_with(credentials);
  refuse_access(waiting, {mcp::RpcCode::internal_error,
                          no ? outcome.why : "access could not be checked: " + outcome.why,
                          {}});
  if (gone_) return;
  if (no) return gate_.ask(credentials_);  // the same identity: may the present subscribers stay?
  if (!ours) return;
  const base::Duration since = context().kube.loop.now() - gate_.last_yes();
  if (accepted() > 0 && since >= kAccessUnknown) {
    return end_access("access could not be checked for " + base::format_duration(kAccessUnknown) +
                      ": " + outcome.why);
  }
  access_timer_.arm(kAccessRetry);
}

void SharedWatch::refuse_access(const std::vector<WatchFeed*>& feeds, const mcp::RpcError& error) {
  for (WatchFeed* feed : feeds) {
    feed->detach();
    left(*feed);
    feed->refuse(error);
  }
}

// Shows what it holds to no subscriber any more; one that may still see it starts a new watch.
void SharedWatch::end_access(const std::string& why) {
  LOG_INFO("watch ends", {"watch", spec_.key}, {"subscribers", subscribers_}, {"reason", why});
  for (WatchFeed* feed : let_go()) {
    if (feed->accepted()) {
      feed->end(feed->last_words(why));
    } else {
      feed->refuse({mcp::RpcCode::internal_error, why, {}});
    }
  }
}

void SharedWatch::await_access_check() {
  if (gone_ || access_timer_.armed()) return;
  if (credentials_.kind() != kube::config::Credentials::Kind::bearer || needs().empty()) return;
  const auto spread = static_cast<std::int64_t>(static_cast<double>(kAccessAgain.count()) * 0.2 *
                                                retry().random().unit());
  access_timer_.arm(kAccessAgain + base::Duration(spread));
}

void SharedWatch::on_access_time() {
  if (accepted() == 0) return;  // until a subscriber joins
  // While a watch is down the API server will check access at the next attempt.
  if (down_ || !ready()) return await_access_check();
  gate_.ask(credentials_);
}

}  // namespace tools
