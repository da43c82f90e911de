#include "catalog/catalog.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/check.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"

namespace catalog {

using base::Errc;
using base::Error;
using base::WallTime;

namespace {

bool same_file(const struct stat& a, const struct stat& b) {
  return a.st_ino == b.st_ino && a.st_dev == b.st_dev && a.st_size == b.st_size &&
         a.st_mtim.tv_sec == b.st_mtim.tv_sec && a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

std::string second(WallTime t) {
  return base::format_rfc3339(t, 0);
}

}  // namespace

void Query::start(bool refresh) {
  CHECK(!active());
  catalog_.ask(*this, refresh);
}

Catalog::Catalog(loop::Loop& loop, net::Resolver& resolver, Settings settings)
    : loop_(loop),
      settings_(std::move(settings)),
      cache_(settings_.cache_dir),
      fetch_(loop, resolver, Fetch::Fn::bind<&Catalog::on_fetched>(this)),
      answer_(loop, "catalog answer", loop::Deferred::Fn::bind<&Catalog::on_known>(this)) {
  auto source = parse_source(settings_.url);
  CHECK(source);
  source_ = *std::move(source);
}

void Catalog::ask(Query& query, bool refresh) {
  if (source_.is_file()) {
    read_file();
  } else {
    load_cache();
    if ((refresh || !fresh()) && (fetch_.active() || pause() == base::Duration::zero())) {
      waiting_.add(query);
      if (!fetch_.active()) begin_fetch();
      return;
    }
  }
  known_.add(query);
  answer_.schedule();
}

bool Catalog::fresh() {
  if (!index_) return false;
  const std::int64_t age = loop_.wall_now().ns - checked_.ns;
  return age >= 0 && age < settings_.ttl.count();
}

base::Duration Catalog::pause() const {
  if (!attempted_) return {};
  return std::max(kFetchPause - (loop_.now() - *attempted_), base::Duration::zero());
}

void Catalog::answer(base::List<Query>& queries) {
  base::List<Query> now;
  now.take(queries);
  while (Query* query = now.pop()) {
    const Query::Fn told = query->fn_;
    told({index_ ? &*index_ : nullptr, problem_, checked_, pause()});
  }
}

// ---- what is kept ------------------------------------------------------------------------------

void Catalog::load_cache() {
  if (std::exchange(loaded_, true)) return;
  auto kept = cache_.load();
  if (kept && (!*kept || (*kept)->url != source_.url)) return;
  auto index = kept ? read_index((*kept)->body) : base::Result<Index>(kept.error());
  if (!index) {
    LOG_WARN("the kept catalog is not used", {"error", index.error()});
    return;
  }
  index_ = *std::move(index);
  etag_ = (*kept)->etag;
  checked_ = (*kept)->checked;
}

void Catalog::read_file() {
  struct stat now {};
  if (::stat(source_.path.c_str(), &now) != 0) {
    problem_ = base::errno_error("read " + source_.path, errno).what();
    file_ = {};
    return;
  }
  if (same_file(now, file_)) return;
  file_ = now;
  const auto text = base::read_regular_file(source_.path, kIndexBytes);
  auto index = text ? read_index(*text) : base::Result<Index>(text.error());
  problem_ = index ? std::string() : index.error().what();
  if (!index) return;
  index_ = *std::move(index);
  checked_ = loop_.wall_now();
}

// ---- the fetch ---------------------------------------------------------------------------------

void Catalog::begin_fetch() {
  FetchOptions options;
  options.user_agent = settings_.user_agent;
  options.timeout = settings_.timeout;
  options.getenv = settings_.getenv;
  if (!settings_.ca_file.empty()) {
    auto pem = base::read_regular_file(settings_.ca_file, kCaBytes);
    if (!pem) {
      note_attempt(std::move(pem).error().within("the catalog's authorities"));
      while (Query* query = waiting_.pop())
        known_.add(*query);
      return answer_.schedule();
    }
    options.ca_pem = *std::move(pem);
  }
  fetch_.start(source_, index_ ? etag_ : std::string(), std::move(options));
}

void Catalog::on_fetched(base::Result<Fetched> result) {
  note_attempt(result ? adopt(*std::move(result)) : base::Result<void>(std::move(result).error()));
  answer(waiting_);
}

void Catalog::note_attempt(const base::Result<void>& result) {
  attempted_ = loop_.now();
  problem_ = result ? std::string() : base::printable(result.error().what(), kProblemBytes);
  if (result) {
    LOG_INFO("catalog", {"source", source_.name}, {"version", index_->version},
             {"addons", index_->addons.size()}, {"skipped", index_->skipped});
  } else {
    LOG_WARN("the catalog could not be read", {"source", source_.name}, {"error", problem_});
  }
}

base::Result<void> Catalog::adopt(Fetched fetched) {
  base::Result<void> kept;
  if (fetched.unchanged) {
    checked_ = loop_.wall_now();
    kept = cache_.confirm(checked_);
  } else {
    auto index = read_index(fetched.body);
    if (!index) return std::move(index).error().within("the index");
    if (auto ok = check_age(*index); !ok) return ok;
    index_ = *std::move(index);
    etag_ = std::move(fetched.etag);
    checked_ = loop_.wall_now();
    kept = cache_.save({source_.url, etag_, std::move(fetched.body), checked_});
  }
  if (!kept) LOG_WARN("the catalog is kept in memory only", {"error", kept.error()});
  return {};
}

base::Result<void> Catalog::check_age(const Index& fresh) {
  if (!index_ || !index_->generated) return {};
  const WallTime known = *index_->generated;
  if (known.ns > loop_.wall_now().ns + kClockSkew.count()) return {};
  if (fresh.generated && *fresh.generated >= known) return {};
  return Error(Errc::conflict,
               "the server has an older index (" +
                   (fresh.generated ? second(*fresh.generated) : std::string("without a time")) +
                   ") than the one that is kept (" + second(known) + ")");
}

}  // namespace catalog
