// SessionTable: the sessions, found by id, in the order of their last use. Owns them, expires them
// and keeps their number below the cap.
//
//   expiry      session_idle after the last request or stream; never with a stream or call under
//               way
//   full        a caller with a token has at most max_sessions_per_caller; at that, and when the
//               table is full, a new session takes the place of its own caller's that was used least
//               recently and has neither stream nor call, those not used since initialize first.
//               When a full table holds none of his, one of that caller goes who has the most, if he
//               keeps at least as many as the newcomer gets. If there is none, there is no new
//               session: whoever initializes in a loop ends no session of others.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "mcp/session.h"

namespace mcp {

class SessionTable final {
 public:
  explicit SessionTable(Core& core);  // `core` outlives it
  ~SessionTable();                    // Requires: end_all() was called if there was a session

  // Of a new session that is refused: the caller has too many in use, or the table is full.
  enum class Full : unsigned char { no, caller, table };
  // nullptr: `full` says why.
  Session* create(Caller caller, Version version, Full& full);
  // The living session `id` that belongs to `identity`, else nullptr. Counts as use.
  Session* find(std::string_view id, std::string_view identity);
  // The living session `id`, whosever it is; no use.
  Session* peek(std::string_view id) const;
  // Ends and frees it. `last_words`: its feeds say `reason` first.
  void end(Session& session, std::string_view reason, bool last_words = false);

  void end_all(std::string_view reason);

  std::size_t size() const { return sessions_.size(); }
  // `fn(Session&)` for each; it may end none.
  template <class Fn>
  void for_each(Fn fn) {
    for (const auto& [id, session] : sessions_)
      fn(*session);
  }

  // Counts as use; also when its stream ends.
  void use(Session& session);
  ResumeWindow& resume_window() { return resume_window_; }

 private:
  Full make_room(const Caller& caller);
  // The first idle one that fits(session), in the order of eviction.
  template <class Fits>
  Session* first_idle(Fits fits) const;
  bool evict(Session* session);  // false: there is none
  std::size_t owned_by(const std::string& identity) const;
  void arm_expiry();
  void on_expiry();
  bool has_expired(const Session& session) const;

  Core& core_;
  std::unordered_map<std::string_view, std::unique_ptr<Session>> sessions_;  // key: in the session
  std::unordered_map<std::string, std::size_t> owned_;  // by identity, none with 0
  base::Link fresh_, used_;  // least recently used first
  loop::Timer expiry_;
  ResumeWindow resume_window_;
};

}  // namespace mcp
