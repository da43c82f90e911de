// Listen: one subscriptions/listen of the modern era (MCP 2026-07-28, Subscriptions): an event
// stream that first acknowledges what it will report, then reports it, each message with the
// request's id as its subscription id, and ends with the request's result.
//
//   phase      means                                       left by
//   starting   the families are subscribed; frames wait    start() returns → open
//   open       acknowledged; frames are sent               end_feeds → ending; nothing left → over
//   ending     the feeds publish their last deltas         finish → over, when all have done so
//   over       the result is sent, or waits for room       the loop frees it
//   (any)      the client went away                        freed, nothing more is sent
//
// No state remains: a client that comes back listens anew.
//
// The acknowledgement omits lists whose changes server/discover does not declare, and URIs that
// were refused at once. A URI that is refused later is reported as updated, with the error in
// _meta; reading it gives the same error.
//
// A task's state is sent when the stream begins and after each change of its status (only the last
// one, if the client reads slowly), until the task is over.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/link.h"
#include "http/server.h"
#include "mcp/caller.h"
#include "mcp/shared/core.h"
#include "mcp/shared/subscription.h"

namespace mcp::modern {

class ListenTable;
class Task;

// The lists whose changes can be reported.
enum class ListChange : unsigned char { tools, prompts, resources };
constexpr std::size_t kListChanges = 3;

constexpr std::string_view kSubscriptionId = "io.modelcontextprotocol/subscriptionId";

// The notifications that a client asks for (params.notifications).
struct ListenFilter {
  std::array<bool, kListChanges> lists = {};  // list_changed
  std::vector<std::string> uris;              // resources/updated; no two the same
  std::vector<std::string> task_ids;          // notifications/tasks
};

class Listen final : public base::Link {
 public:
  // `core` and `table` must outlive this. It frees itself through the table.
  Listen(shared::State& core, ListenTable& table, http::Reply reply, Caller caller,
         std::string id_json);
  ~Listen();

  // Subscribes, acknowledges and begins to report. It may be over when this returns.
  void start(const ListenFilter& filter);
  const Caller& caller() const { return caller_; }
  std::size_t queued() const { return reply_.queued_messages(); }

  void list_changed(ListChange which);
  void task_changed(const Task& task);

  // Every feed publishes a last delta that contains `reason`.
  void end_feeds(std::string_view reason);
  // Sends the result and ends the stream, once the last deltas are published.
  void finish();
  // Ends it at once and sends nothing: the endpoint is being destroyed.
  void abandon();

 private:
  class Topic;  // one URI
  enum class Phase : unsigned char { starting, open, ending, over };

  struct Followed {
    std::string id;
    bool untold = true;  // its current state has not been sent
  };
  // Keeps the ids of tasks that exist and are the caller's own.
  void follow(const std::vector<std::string>& task_ids);
  // Sends the state of tasks that are untold, as far as there is room.
  void tell_tasks();
  bool tell(const Task& task);
  void acknowledge();
  // `frame`: made by update_frame(); it is sent with this stream's subscription id.
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
  void on_token_over(const shared::TokenEnd& end);
  void keep_alive() { core_.keep_alive.send(reply_, kept_alive_); }

  shared::State& core_;
  ListenTable& table_;
  http::Reply reply_;
  Caller caller_;
  shared::TokenUse token_;
  base::Charge place_;  // among the streams
  std::string id_json_;
  std::vector<std::unique_ptr<Topic>> topics_;
  std::vector<Followed> tasks_;  // those not yet over, or untold
  shared::KeepAlive::Stream kept_alive_;
  std::array<bool, kListChanges> lists_ = {};
  std::array<bool, kListChanges> changed_ = {};  // to be reported when there is room
  Phase phase_ = Phase::starting;
  bool finishing_ = false;
};

}  // namespace mcp::modern
