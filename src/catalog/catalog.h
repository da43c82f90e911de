// Catalog: the add-on index, read when a caller asks for it, and kept: in memory, and in the cache
// directory if there is one.
//
//   a query                     gets
//   nothing is known            what a fetch brings, or why it failed
//   the index is fresh (TTL)    the index, without a fetch
//   it is old, or `refresh`     what a fetch brings; if that fails, the index that is kept, with the
//                               reason and the time since when it is not confirmed
//   the last fetch ended less   what is there, with the last fetch's reason: no caller can make
//   than kFetchPause ago        us ask the server more often
//
// One fetch is in progress at most; all who ask meanwhile wait for it. It goes on when they leave.
//
// - An index whose `metadata.generated` is earlier than that of the kept one is a failed refresh: a
//   mirror that lags, or an attacker that plays back an index with known holes. An operator who wants the older one
//   removes the cache file or changes the URL: a file kept of another URL is another catalog. A kept
//   index from the future, by more than kClockSkew, stops nothing.
// - An index that cannot be read is a failed refresh, too.
// - A cache directory that cannot be read or written costs a line in the log and nothing else.
// - With a file in place of the URL (source.h) there is no cache and no TTL: it is read again when it
//   has changed, and when it cannot be read, what was read before stays.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <sys/stat.h>

#include "base/delegate.h"
#include "base/list.h"
#include "catalog/cache_file.h"
#include "catalog/fetch.h"
#include "catalog/index.h"
#include "catalog/source.h"
#include "loop/loop.h"
#include "net/resolve.h"

namespace catalog {

constexpr std::string_view kUsualUrl = "https://catalog.k0rdent.io/latest/index.json";
constexpr std::string_view kUsualCacheDir = "/var/lib/k0rdent-mcp/catalog";
constexpr base::Duration kUsualTimeout = base::seconds(30), kUsualTtl = base::hours(6);
// Between the end of a fetch and the next one: a model repeats a call that failed within seconds.
constexpr base::Duration kFetchPause = base::minutes(1);
// A clock may be wrong by this much without being a lie.
constexpr base::Duration kClockSkew = base::hours(24);
constexpr std::size_t kProblemBytes = 512;  // of a reason: it may repeat what a server sent
constexpr std::size_t kCaBytes = std::size_t{1024} * 1024;  // a bundle of some hundred authorities

struct Settings {
  std::string url{kUsualUrl};  // parse_source() accepts it
  std::string cache_dir = {};  // "": memory only
  std::string ca_file = {};    // "": the system's authorities
  base::Duration timeout = kUsualTimeout, ttl = kUsualTtl;
  std::string user_agent = {};
  const char* (*getenv)(const char*) = nullptr;  // nullptr: the process's environment
};

// What a query gets. Valid inside the call only.
struct Known {
  const Index* index = nullptr;  // nullptr: none
  std::string problem;           // why the last refresh failed; "": it did not
  base::WallTime checked{};      // when the index was last confirmed
  base::Duration pause{};        // until a fetch is made again; zero: at the next query
};

class Catalog;

// One question; a member of its owner. The destructor cancels.
class Query : private base::Link {
 public:
  // Called once, never inside start(), as the last statement.
  using Fn = base::Delegate<void(const Known&)>;
  // `catalog` must outlive it.
  Query(Catalog& catalog, Fn fn) : catalog_(catalog), fn_(fn) {}
  ~Query() { cancel(); }
  // Requires: not active.
  void start(bool refresh);
  void cancel() { unlink(); }
  bool active() const { return linked(); }

 private:
  friend class Catalog;
  friend class base::List<Query>;
  Catalog& catalog_;
  Fn fn_;
};

class Catalog {
 public:
  // Reads and asks nothing yet. `loop` and `resolver` must outlive it.
  Catalog(loop::Loop& loop, net::Resolver& resolver, Settings settings);

  // For texts: the URL without its query, or the path.
  const std::string& name() const { return source_.name; }
  // Ends a fetch; queries that wait for it are not answered.
  void close() { fetch_.cancel(); }

 private:
  friend class Query;
  void ask(Query& query, bool refresh);
  void load_cache();
  void read_file();
  bool fresh();
  base::Duration pause() const;
  void begin_fetch();
  void on_fetched(base::Result<Fetched> result);
  void note_attempt(const base::Result<void>& result);
  base::Result<void> adopt(Fetched fetched);
  base::Result<void> check_age(const Index& fresh);
  void answer(base::List<Query>& queries);
  void on_known() { answer(known_); }

  loop::Loop& loop_;
  const Settings settings_;
  Source source_;
  CacheFile cache_;
  Fetch fetch_;
  loop::Deferred answer_;
  base::List<Query> known_, waiting_;  // answered in this turn; when the fetch ends
  std::optional<Index> index_;
  std::string etag_, problem_;
  base::WallTime checked_{};
  std::optional<base::TimePoint> attempted_;  // when the last fetch ended
  bool loaded_ = false;                       // the cache file was looked at
  struct stat file_ {};                       // of the file that was read last
};

}  // namespace catalog
