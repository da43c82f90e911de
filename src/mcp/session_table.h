// SessionTable: the sessions, found by id, in the order of their last use. Owns them, expires them
// and keeps their number below the cap.
//
//   expiry      session_idle after the last request or stream; never with a stream or call under
//   way at the cap  a new session takes the place of the one used least recently that has neither
//   stream
//               nor call, those not used since initialize first: who initializes in a loop evicts
//               only his own. If there is none, there is no new session.
#pragma once

#include <memory>
#include <string_view>
#include <unordered_map>

#include "mcp/session.h"

namespace mcp {

class SessionTable final {
 public:
  explicit SessionTable(Core& core);  // `core` outlives it
  ~SessionTable();                    // Requires: end_all() was called if there was a session

  // nullptr: the table is full of sessions in use.
  Session* create(Caller caller, Version version);
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
  bool evict_one();
  void arm_expiry();
  void on_expiry();
  bool has_expired(const Session& session) const;

  Core& core_;
  std::unordered_map<std::string_view, std::unique_ptr<Session>> sessions_;  // key: in the session
  base::Link fresh_, used_;  // least recently used first
  loop::Timer expiry_;
  ResumeWindow resume_window_;
};

}  // namespace mcp
