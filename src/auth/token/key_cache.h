// KeyCache: the keys of one issuer, fetched at the start, refreshed, and fetched again for a key
// that is not known.
//
//   state   the last fetch           keys                            a token with an unknown key
//   empty   none has ended           none                            waits for it
//   fresh   succeeded                its keys                        a fetch, kUnknownKeyInterval
//                                                                    after the last one at the
//                                                                    earliest; until then early
//   stale   failed, and the last     of the last good one            unavailable, until the next
//           good one is younger                                      attempt
//           than kKeysKept
//   failed  failed                   none                            unavailable, until the next
//                                                                    attempt
//
//   in any state, while a fetch is under way: a token with an unknown key waits for it
//
// A fetch is the issuer's metadata (metadata.h) and then its key set; for an unknown key the set
// alone, unless the metadata is due: fetches for made-up kids put the refresh off, and must not keep
// us at an address that the issuer has left. After a success the next one follows in what the set's
// Cache-Control says, kLeastRefresh to kMostRefresh, less up to a tenth at random, and the metadata
// is due then, too; after a failure, in 1, 2, 4 … 60 s, or later when the answer was 429 or 503 with
// Retry-After (answer_times.h). The new keys replace the old ones as a whole: a key that is gone is
// revoked. A set that is none (key_set.h) counts as a failure.
//
// A kid that was not in a fetched set is remembered, and causes no other fetch for kMissingKept; but not
// one that was in a set within kFormerKept: an issuer's replicas and its CDN serve the old set and the
// new one in turn, and the next fetch may have it again.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "auth/token/document_fetch.h"
#include "auth/token/issuer_settings.h"
#include "auth/token/key_set.h"
#include "base/random.h"
#include "base/time.h"
#include "loop/loop.h"
#include "net/resolve.h"
#include "watchutil/backoff.h"

namespace auth::token {

// Fetches for unknown keys: an issuer that rotates its keys publishes the new one long before.
// Made-up kids cost one request in this time, however many they are.
constexpr base::Duration kUnknownKeyInterval = base::seconds(10);
constexpr base::Duration kLeastRefresh = base::minutes(5), kMostRefresh = base::hours(1);
// An issuer may be away for a day; after that, keys that it may have withdrawn are no longer used.
constexpr base::Duration kKeysKept = base::hours(24);
constexpr base::Duration kMissingKept = base::minutes(1);
constexpr std::size_t kMissing = 64;  // kids; the oldest is forgotten
// As long as caches may serve an old set. A key that was withdrawn costs a fetch in kUnknownKeyInterval
// while its tokens come, as made-up kids do.
constexpr base::Duration kFormerKept = kMostRefresh;

// One issuer's keys, for /readyz, /metrics and the log.
struct IssuerStatus {
  enum class State : unsigned char { empty, fresh, stale, failed };
  std::string issuer;
  State state = State::empty;
  bool fetching = false;
  std::size_t keys = 0;                     // usable ones
  std::optional<base::Duration> age = {};   // of the keys; nullopt: none were ever fetched
  std::uint64_t fetches = 0, failures = 0;  // since the start
  std::string problem = {};                 // of the last fetch, for the log; "": it succeeded
};
std::string_view to_string(IssuerStatus::State state);

struct KeyCacheOptions {
  std::string user_agent;
  UrlRules rules = {};
  const char* (*getenv)(const char*) = nullptr;
};

class KeyCache {
 public:
  // Called when a fetch has ended, well or not, as the last statement.
  using Fn = base::Delegate<void()>;
  // `loop`, `resolver` and `settings` must outlive it.
  KeyCache(loop::Loop& loop, net::Resolver& resolver, const IssuerSettings& settings,
           KeyCacheOptions options, Fn fn);

  void start();  // begins the first fetch
  void close();  // idempotent; no fetch is made or told of any more

  const KeySet* keys() const { return keys_ ? &*keys_ : nullptr; }
  IssuerStatus status() const;
  std::uint64_t generation() const { return generation_; }  // grows when the keys change

  // What a token with an unknown key must do.
  enum class Unknown : unsigned char {
    wait,         // want() and wait for the fetch to end
    refuse,       // there is no such key
    early,        // there was none a moment ago; the next fetch may begin at retry_after()
    unavailable,  // whether there is one cannot be found out before retry_after()
  };
  Unknown unknown(const std::optional<std::string>& kid) const;
  // Begins a fetch unless one is under way. Requires: unknown() said wait.
  void want();
  // The fetch that was waited for has succeeded without this kid.
  void note_missing(const std::optional<std::string>& kid);
  base::Duration retry_after() const;  // at least a second

 private:
  enum class Step : unsigned char { idle, metadata, keys };
  struct Noted {
    std::string kid;
    base::TimePoint until{};
  };
  // The last kMissing kids.
  struct Notes {
    std::array<Noted, kMissing> all;
    std::size_t next = 0;
    bool has(std::string_view kid, base::TimePoint now) const;
    void add(std::string_view kid, base::TimePoint until);
  };
  void begin(bool with_metadata);
  void ask(Step step, std::string url);
  void on_document(base::Result<FetchedDocument> result);
  base::Result<void> on_metadata(base::Result<FetchedDocument> result);
  void take(KeySet keys, std::optional<base::Duration> max_age);
  void fail(const base::Error& error);
  void on_refresh() { begin(true); }
  void on_expiry();

  loop::Loop& loop_;
  const IssuerSettings& settings_;
  const KeyCacheOptions options_;
  Fn fn_;
  IssuerStatus::State state_ = IssuerStatus::State::empty;
  Step step_ = Step::idle;
  bool closed_ = false;
  std::optional<KeySet> keys_;
  std::string endpoint_;  // of the key set; "": not known yet
  bool public_only_ = false;
  std::size_t form_ = 0;                            // of the metadata's URL, that is asked
  std::optional<base::TimePoint> begun_, fetched_;  // the last fetch; the last good one's end
  bool metadata_read_ = false;                      // in the fetch that is under way
  base::TimePoint metadata_due_{};                  // from then on each fetch begins with it
  std::uint64_t generation_ = 0, fetches_ = 0, failures_ = 0;
  std::string problem_;
  Notes missing_, former_;  // former_: were in a set that was replaced
  watchutil::Backoff backoff_;
  base::Random random_ = base::Random::from_system();
  DocumentFetch fetch_;
  loop::Timer refresh_, expiry_;
};

}  // namespace auth::token
