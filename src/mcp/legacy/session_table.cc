#include "mcp/legacy/session_table.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/check.h"
#include "base/encoding.h"
#include "base/log.h"
#include "base/random.h"

namespace mcp::legacy {

SessionTable::SessionTable(shared::State& core)
    : core_(core),
      expiry_(core.loop, "mcp session expiry",
              loop::Timer::Fn::bind<&SessionTable::on_expiry>(this)),
      resume_window_(core.loop, "mcp resume window", core.options.resume_window) {}

SessionTable::~SessionTable() {
  CHECK(sessions_.empty());
}

void SessionTable::end_all(std::string_view reason) {
  while (!sessions_.empty())
    end(*sessions_.begin()->second, reason);
}

Session* SessionTable::create(Caller caller, Version version, shared::Full& full) {
  full = make_room(caller);
  if (full != shared::Full::no) return nullptr;
  Session::Id id{};
  const std::string text = base::hex(base::secure_bytes(kSessionIdBytes / 2));
  std::copy(text.begin(), text.end(), id.begin());
  auto session = std::make_unique<Session>(core_, *this, id, std::move(caller), version);
  Session& out = *session;
  out.place.force(1, shared::counted_owner(out.caller()));
  out.last_used = core_.loop.now();
  fresh_.add(out);
  sessions_.emplace(out.id(), std::move(session));
  arm_expiry();
  return &out;
}

Session* SessionTable::peek(std::string_view id) const {
  const auto at = sessions_.find(id);
  return at == sessions_.end() ? nullptr : at->second.get();
}

Session* SessionTable::find(std::string_view id, const Caller& caller) {
  Session* session = peek(id);
  if (!session || session->caller().identity != caller.identity) return nullptr;
  if (caller.scope < session->caller().scope) return nullptr;
  use(*session);
  return session;
}

void SessionTable::use(Session& session) {
  session.last_used = core_.loop.now();
  session.fresh = false;
  used_.move_here(session);
}

void SessionTable::end(Session& session, std::string_view reason, bool last_words) {
  LOG_INFO("session ended", {"session", session.short_id()}, {"reason", reason});
  const auto at = sessions_.find(session.id());
  std::unique_ptr<Session> dead = std::move(at->second);
  sessions_.erase(at);
  dead->unlink();
  dead->place.release();
  dead->end(reason, last_words);
  core_.loop.retire(std::move(dead));
}

// ---- room

Session* SessionTable::first_idle(const std::string& identity) {
  for (base::List<Session>* list : {&fresh_, &used_}) {
    for (Session& session : *list) {
      if (!session.in_use() && session.caller().identity == identity) return &session;
    }
  }
  return nullptr;
}

shared::Full SessionTable::make_room(const Caller& caller) {
  base::Budget& sessions = core_.budgets().sessions;
  if (sessions.allows(shared::counted_owner(caller), 1) && sessions.has_room(1))
    return shared::Full::no;
  if (Session* own = first_idle(caller.identity)) {
    end(*own, "evicted: too many sessions");
    return shared::Full::no;
  }
  const shared::Full full = shared::State::room_in(sessions, caller);
  LOG_INFO("session refused", {"identity", caller.identity}, {"sessions", sessions_.size()});
  return full;
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
  for (const base::List<Session>* list : {&fresh_, &used_}) {
    if (const Session* oldest = list->first()) first = std::min(first, oldest->last_used);
  }
  if (first.since != loop::kForever) expiry_.arm_at(first + core_.options.session_idle);
}

void SessionTable::on_expiry() {
  for (base::List<Session>* list : {&fresh_, &used_}) {
    for (Session* oldest = list->first(); oldest && has_expired(*oldest); oldest = list->first())
      oldest->in_use() ? use(*oldest) : end(*oldest, "expired");
  }
  arm_expiry();
}

}  // namespace mcp::legacy
