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

Session* SessionTable::create(Caller caller, Version version) {
  if (sessions_.size() >= core_.options.max_sessions && !evict_one()) return nullptr;
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
  dead->end(reason, last_words);
  core_.loop.retire(std::move(dead));
}

bool SessionTable::evict_one() {
  for (base::Link* list : {&fresh_, &used_}) {
    for (base::Link* at = list->next; at != list; at = at->next) {
      auto* session = static_cast<Session*>(at);
      if (session->in_use()) continue;
      end(*session, "evicted: too many sessions");
      return true;
    }
  }
  LOG_WARN("no session can be evicted", {"sessions", sessions_.size()});
  return false;
}

// ---- expiry

bool SessionTable::has_expired(const Session& session) const {
  return core_.loop.now() - session.last_used >= core_.options.session_idle;
}

// For the one used least recently; a timer that is too early arms itself again, so that no request
// touches it.
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
