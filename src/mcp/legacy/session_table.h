// SessionTable: owns the sessions, finds them by id, expires them and limits their number.
//
//   when                              what happens
//   session_idle after the last       the session expires, unless it is in use (an open stream, a
//   request or stream                 call in progress)
//   the caller (with a token) has     a new session evicts one of the same caller that is not in
//   max_sessions_per_caller, or as    use: sessions not used since initialize first, then the least
//   many as are left for others;      recently used; if there is none, it is refused
//   or the table is full
//
// No caller's session is ever evicted for another caller's. It need not be: a share shrinks as the
// table fills (Budget::share_what_is_left), so that callers that take all they get leave room.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/list.h"
#include "loop/timer_list.h"
#include "mcp/legacy/session.h"

namespace mcp::legacy {

class SessionTable final {
 public:
  explicit SessionTable(shared::State& core);  // `core` must outlive this
  ~SessionTable();  // Requires: end_all() was called if there was a session

  // nullptr: refused; `full` is the reason.
  Session* create(Caller caller, Version version, shared::Full& full);
  // The session `id` if it belongs to `identity`, else nullptr. Counts as use.
  Session* find(std::string_view id, const Caller& caller);
  // The session `id` of any identity, or nullptr. Does not count as use.
  Session* peek(std::string_view id) const;
  // Ends and frees it. `last_words`: see Session::end().
  void end(Session& session, std::string_view reason, bool last_words = false);

  void end_all(std::string_view reason);

  std::size_t size() const { return sessions_.size(); }
  // Calls fn(Session&) for each; fn must end none.
  template <class Fn>
  void for_each(Fn fn) {
    for (const auto& [id, session] : sessions_)
      fn(*session);
  }

  // Marks it as used now; also called when its stream ends.
  void use(Session& session);
  // For what a client left behind and may come back for.
  loop::TimerList& resume_window() { return resume_window_; }

 private:
  shared::Full make_room(const Caller& caller);
  // That caller's first session not in use, in the order of eviction; nullptr: there is none.
  Session* first_idle(const std::string& identity);
  void arm_expiry();
  void on_expiry();
  bool has_expired(const Session& session) const;

  shared::State& core_;
  std::unordered_map<std::string_view, std::unique_ptr<Session>> sessions_;  // key: in the session
  base::List<Session> fresh_, used_;  // least recently used first
  loop::Timer expiry_;
  loop::TimerList resume_window_;
};

}  // namespace mcp::legacy
