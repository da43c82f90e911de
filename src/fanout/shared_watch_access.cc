// Which subscribers may join a shared watch, and stay.
#include <utility>

#include "base/log.h"
#include "fanout/manager.h"
#include "fanout/shared_watch.h"

namespace fanout {

void SharedWatch::admit(Guest& guest) {
  const kube::config::Credentials credentials = guest.credentials();
  if (gate_.open(credentials)) return let_in(guest);
  gate_.ask(credentials);
}

void SharedWatch::let_in(Guest& guest) {
  // No accepted guest may have the token that is in use.
  if (accepted() == 0) use_now(guest.credentials());
  guest.accepted_ = true;
  guest.on_accepted();
  await_access_check();
}

void SharedWatch::renewed(Guest& guest) {
  if (!gone_ && !guest.accepted() && ready()) admit(guest);
}

std::vector<Guest*> SharedWatch::waiting_with(const kube::config::Credentials& credentials) {
  std::vector<Guest*> out;
  for_each_guest([&](Guest& guest) {
    if (!guest.accepted() && guest.credentials() == credentials) out.push_back(&guest);
  });
  return out;
}

std::size_t SharedWatch::accepted() const {
  std::size_t n = 0;
  for (const base::Link* at = guests_.next; at != &guests_; at = at->next)
    n += static_cast<const Guest::Node*>(at)->guest->accepted() ? 1 : 0;
  return n;
}

void SharedWatch::on_access(const kube::config::Credentials& credentials,
                            const auth::Check::Outcome& outcome) {
  if (gone_) return;
  if (outcome.said == auth::Check::Said::yes) {
    if (!ready()) return;  // on_ready() follows
    for (Guest* guest : waiting_with(credentials))
      let_in(*guest);
    return await_access_check();
  }
  const bool no = outcome.said == auth::Check::Said::no;
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
  if (accepted() > 0 && since >= auth::kAccessUnknown) {
    return end_access("access could not be checked for " +
                      base::format_duration(auth::kAccessUnknown) + ": " + outcome.why);
  }
  access_timer_.arm(auth::kAccessRetry);
}

void SharedWatch::refuse_access(const std::vector<Guest*>& guests, const mcp::RpcError& error) {
  for (Guest* guest : guests) {
    guest->detach();
    left(*guest);
    guest->on_refused(error);
  }
}

// Shows what it holds to no subscriber any more; one that may still see it starts a new watch.
void SharedWatch::end_access(const std::string& why) {
  LOG_INFO("watch ends", {"watch", spec_.key}, {"subscribers", subscribers_}, {"reason", why});
  for (Guest* guest : let_go()) {
    if (guest->accepted()) {
      guest->on_ended(guest->last_words(why));
    } else {
      guest->on_refused({mcp::RpcCode::internal_error, why, {}});
    }
  }
}

void SharedWatch::await_access_check() {
  if (gone_ || access_timer_.armed()) return;
  if (!credentials_.of_caller() || needs().empty()) return;
  const auto spread = static_cast<std::int64_t>(static_cast<double>(auth::kAccessAgain.count()) *
                                                0.2 * retry().random().unit());
  access_timer_.arm(auth::kAccessAgain + base::Duration(spread));
}

void SharedWatch::on_access_time() {
  if (accepted() == 0) return;  // until a subscriber joins
  // While a watch is down the API server will check access at the next attempt.
  if (down_ || !ready()) return await_access_check();
  gate_.ask(credentials_);
}

}  // namespace fanout
