// Listen: one subscriptions/listen of the modern era (MCP 2026-07-28, Subscriptions): an event
// stream that says first what it will tell, then tells it, each message with the request's id as
// its subscription id, and says last that it is over.
//
//   phase      means                                       left by
//   starting   families are asked; frames wait             start() returns → open
//   open       acknowledged; frames go out                 end_feeds → ending; nothing left → over
//   ending     last words are being said                   finish → over, when all said them
//   over       the result is sent, or waits for room       the loop frees it
//   (any)      the client went away                        freed, nothing more is sent
// No state remains: who comes back listens anew.
//
// Left out of the acknowledgement: a list whose changes server/discover does not declare, and a URI
// that is refused at once. One that turns out to be refused later is told as updated, with the
// error in _meta: reading it says the same.
//
// A task is told as it is when the stream begins, after each change of its status (the last one, if
// the client reads slowly), and no more when it is over.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/link.h"
#include "http/server.h"
#include "mcp/caller.h"
#include "mcp/core.h"
#include "mcp/subscription.h"

namespace mcp {

class ListenTable;
class Task;

// The lists whose changes can be told.
enum class ListChange : unsigned char { tools, prompts, resources };
constexpr std::size_t kListChanges = 3;

constexpr std::string_view kSubscriptionId = "io.modelcontextprotocol/subscriptionId";

// What a client wants to hear of (params.notifications), as far as it is offered here.
struct ListenFilter {
  std::array<bool, kListChanges> lists = {};  // list_changed
  std::vector<std::string> uris;              // resources/updated; no two the same
  std::vector<std::string> task_ids;          // notifications/tasks
};

class Listen final : public base::Link {
 public:
  // `core` and `table` outlive it. Frees itself through the table.
  Listen(Core& core, ListenTable& table, http::Reply reply, Caller caller, std::string id_json);
  ~Listen();

  // Subscribes, acknowledges, begins to tell. It may be over when this returns.
  void start(const ListenFilter& filter);
  const Caller& caller() const { return caller_; }
  std::size_t queued() const { return reply_.queued_messages(); }

  void list_changed(ListChange which);
  void task_changed(const Task& task);

  // Every feed says its last words.
  void end_feeds(std::string_view reason);
  // The result, and the stream ends, when the last words are said.
  void finish();
  // At once, without a word: the server itself is gone.
  void abandon();

 private:
  class Topic;  // one URI
  enum class Phase : unsigned char { starting, open, ending, over };

  struct Followed {
    std::string id;
    bool untold = true;  // as it is now
  };
  void follow(const std::vector<std::string>& task_ids);
  // Those that are untold, as far as there is room.
  void tell_tasks();
  bool tell(const Task& task);
  void acknowledge();
  // `frame`: made by update_frame(); it leaves with this stream's tag.
  bool deliver(const base::Payload& frame);
  void refused(const Topic& topic, const RpcError& error);
  void release(Topic& topic);
  void give_room();
  void check_over();
  void send_result();
  void drop_topics();
  void leave();
  void on_gone();
  void on_drained();
  bool lives() const { return true; }
  void on_token_over(std::string_view reason);
  void keep_alive(const base::Payload& comment) { reply_.write(comment); }

  Core& core_;
  ListenTable& table_;
  http::Reply reply_;
  Caller caller_;
  TokenUse token_;
  std::string id_json_;
  std::vector<std::unique_ptr<Topic>> topics_;
  std::vector<Followed> tasks_;  // not yet over, or untold
  KeepAlive::Stream kept_alive_;
  std::array<bool, kListChanges> lists_ = {};
  std::array<bool, kListChanges> changed_ = {};  // to be told when there is room
  Phase phase_ = Phase::starting;
  bool finishing_ = false;
};

}  // namespace mcp
