#include "fanout/status_page.h"

#include <algorithm>

namespace fanout {

using base::json::Writer;

static bool is_stale(const WatchInfo& info) {
  return info.status.down_since.has_value();
}

static void sort(std::vector<WatchInfo>& watches) {
  std::sort(watches.begin(), watches.end(),
            [](const WatchInfo& a, const WatchInfo& b) { return a.key < b.key; });
}

void StatusPage::write_all(Writer& w, std::vector<WatchInfo> watches) const {
  std::size_t omitted = 0;
  if (watches.size() > kShownWatches) {
    std::stable_partition(watches.begin(), watches.end(), is_stale);
    omitted = watches.size() - kShownWatches;
    watches.erase(watches.begin() + kShownWatches, watches.end());
  }
  sort(watches);
  w.key("watches").begin_array();
  for (const WatchInfo& info : watches)
    write_one(w, info);
  w.end_array();
  if (omitted > 0) w.field("omitted", omitted);
}

void StatusPage::write_stale(Writer& w, std::vector<WatchInfo> watches) const {
  watches.erase(std::remove_if(watches.begin(), watches.end(),
                               [](const WatchInfo& info) { return !is_stale(info); }),
                watches.end());
  if (watches.empty()) return;
  sort(watches);
  const std::size_t shown = std::min(watches.size(), kShownStale);
  w.key("stale").begin_array();
  for (std::size_t i = 0; i < shown; ++i) {
    const kube::watch::WatchStatus& status = watches[i].status;
    w.begin_object().field("watch", key(watches[i])).field("since", time(*status.down_since));
    if (status.last_error) {
      const bool whole = audience(watches[i]) != Audience::stranger;
      w.field("why", whole ? std::string_view(status.last_error->what())
                           : base::to_string(status.last_error->code()));
    }
    if (status.next_attempt) w.field("nextAttempt", time(*status.next_attempt));
    w.end_object();
  }
  w.end_array();
  if (shown < watches.size()) w.field("staleOmitted", watches.size() - shown);
}

void StatusPage::write_one(Writer& w, const WatchInfo& info) const {
  const kube::watch::WatchStatus& status = info.status;
  const bool whole = audience(info) != Audience::stranger;
  w.begin_object().field("key", key(info)).field("manager", info.manager);
  w.field("state", status.state).field("since", time(status.since));
  if (whole && status.last_event) w.field("lastEvent", time(*status.last_event));
  if (whole) w.field("resourceVersion", status.resource_version);
  w.field("restarts", status.restarts);
  w.field("lists", status.lists);
  w.key("backoff").begin_object().field("failures", info.failures);
  if (status.next_attempt) w.field("nextAttempt", time(*status.next_attempt));
  w.end_object().field("breaker", watchutil::to_string(info.breaker));
  if (info.breaker_retry > base::Duration::zero())
    w.field("breakerRetryAt", time(now + info.breaker_retry));
  w.field("subscribers", info.subscribers);
  if (status.down_since) w.field("staleSince", time(*status.down_since));
  if (status.last_error) {
    w.key("error").begin_object().field("class", base::to_string(status.last_error->code()));
    if (whole) w.field("message", status.last_error->what());
    w.end_object();
  }
  w.end_object();
}

Audience StatusPage::audience(const WatchInfo& info) const {
  if (reader.audience != Audience::caller) return reader.audience;
  return info.identity == reader.identity ? Audience::owner : Audience::stranger;
}

std::string StatusPage::key(const WatchInfo& info) const {
  const Audience who = audience(info);
  if (who == Audience::owner) return info.key;
  if (who == Audience::stranger) return std::string(info.manager);
  const std::string before = std::string(info.manager) + " " + info.identity;
  // A key of an unexpected form is not shown.
  if (!info.key.starts_with(before)) return std::string(info.manager);
  return std::string(info.manager) + info.key.substr(before.size());
}

std::string StatusPage::time(base::TimePoint at) const {
  return base::format_rfc3339({wall.ns + (at - now).count()}, 3);
}

}  // namespace fanout
