#include "mcp/session_table.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/check.h"
#include "base/log.h"
#include "base/random.h"
#include "base/text.h"

namespace mcp {

SessionTable::SessionTable(Core& core)
    : core_(core),
      expiry_(core.loop, "mcp session expiry",
              loop::Timer::Fn::bind<&SessionTable::on_expiry>(this)),
      resume_window_(core.loop, core.options.resume_window) {}

SessionTable::~SessionTable() {
  CHECK(sessions_.empty());
}

void SessionTable::end_all(std::string_view reason) {
  while (!sessions_.empty())
    end(*sessions_.begin()->second, reason);
}

Session* SessionTable::create(Caller caller, Version version, Full& full) {
  full = make_room(caller);
  if (full != Full::no) return nullptr;
  ++owned_[caller.identity];
  Session::Id id{};
  const std::string text = base::hex(base::secure_bytes(kSessionIdBytes / 2));
  std::copy(text.begin(), text.end(), id.begin());
  auto session = std::make_unique<Session>(core_, *this, id, std::move(caller), version);
  Session& out = *session;
  out.last_used = core_.loop.now();
  fresh_.push_back(out);
  sessions_.emplace(out.id(), std::move(session));
  arm_expiry();
  return &out;
}

Session* SessionTable::peek(std::string_view id) const {
  const auto at = sessions_.find(id);
  return at == sessions_.end() ? nullptr : at->second.get();
}

Session* SessionTable::find(std::string_view id, std::string_view identity) {
  Session* session = peek(id);
  if (!session || session->caller().identity != identity) return nullptr;
  use(*session);
  return session;
}

void SessionTable::use(Session& session) {
  session.last_used = core_.loop.now();
  session.fresh = false;
  session.unlink();
  used_.push_back(session);
}

void SessionTable::end(Session& session, std::string_view reason, bool last_words) {
  LOG_INFO("session ended", {"session", session.short_id()}, {"reason", reason});
  const auto at = sessions_.find(session.id());
  std::unique_ptr<Session> dead = std::move(at->second);
  sessions_.erase(at);
  dead->unlink();
  if (const auto owner = owned_.find(dead->caller().identity); --owner->second == 0)
    owned_.erase(owner);
  dead->end(reason, last_words);
  core_.loop.retire(std::move(dead));
}

// ---- room

std::size_t SessionTable::owned_by(const std::string& identity) const {
  const auto at = owned_.find(identity);
  return at == owned_.end() ? 0 : at->second;
}

template <class Fits>
Session* SessionTable::first_idle(Fits fits) const {
  for (const base::Link* list : {&fresh_, &used_}) {
    for (base::Link* at = list->next; at != list; at = at->next) {
      auto* session = static_cast<Session*>(at);
      if (!session->in_use() && fits(*session)) return session;
    }
  }
  return nullptr;
}

bool SessionTable::evict(Session* session) {
  if (session == nullptr) return false;
  end(*session, "evicted: too many sessions");
  return true;
}

SessionTable::Full SessionTable::make_room(const Caller& caller) {
  const std::size_t own = owned_by(caller.identity);
  const auto is_own = [&](const Session& session) {
    return session.caller().identity == caller.identity;
  };
  // Without tokens all clients are one caller, which may have as many as the table holds.
  if (!caller.bearer.empty() && own >= core_.options.max_sessions_per_caller) {
    return evict(first_idle(is_own)) ? Full::no : Full::caller;
  }
  if (sessions_.size() < core_.options.max_sessions || evict(first_idle(is_own))) return Full::no;
  std::size_t most = own + 1;
  Session* victim = nullptr;
  first_idle([&](Session& session) {
    const std::size_t owned = owned_by(session.caller().identity);
    if (owned > most) {
      most = owned;
      victim = &session;
    }
    return false;  // visit all
  });
  if (evict(victim)) return Full::no;
  LOG_WARN("no session can be evicted", {"sessions", sessions_.size()});
  return Full::table;
}

// ---- expiry

bool SessionTable::has_expired(const Session& session) const {
  return core_.loop.now() - session.last_used >= core_.options.session_idle;
}

// Arms the timer for the least recently used session. If that is used meanwhile, the timer fires
// too early and arms itself again: requests need not touch it.
void SessionTable::arm_expiry() {
  if (expiry_.armed()) return;
  loop::TimePoint first{loop::kForever};
  for (const base::Link* list : {&fresh_, &used_}) {
    if (!list->linked()) continue;
    first = std::min(first, static_cast<const Session*>(list->next)->last_used);
  }
  if (first.since != loop::kForever) expiry_.arm_at(first + core_.options.session_idle);
}

void SessionTable::on_expiry() {
  for (base::Link* list : {&fresh_, &used_}) {
    while (list->linked()) {
      auto& session = static_cast<Session&>(*list->next);
      if (!has_expired(session)) break;
      if (session.in_use()) {
        use(session);
      } else {
        end(session, "expired");
      }
    }
  }
  arm_expiry();
}

}  // namespace mcp
