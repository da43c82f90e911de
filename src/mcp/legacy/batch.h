// Batch: the requests of one JSON-RPC batch (revision 2025-03-26) that have not begun. They run one
// after another, each in its own turn of the loop, when the previous one has its answer: a small
// body thus never makes the server do, or hold, everything at once.
//
//   add()      the message waits
//   step()     the first message runs; its answer calls done(), which schedules the next step();
//              when none is left, the exchange ends
//   cancel()   (notifications/cancelled) a request that waits never begins
//   abandon()  each message that waits is answered with an error
#pragma once

#include <deque>
#include <string>
#include <string_view>

#include "base/budget.h"
#include "base/delegate.h"
#include "loop/loop.h"
#include "mcp/jsonrpc.h"
#include "mcp/shared/core.h"

namespace mcp::legacy {

class Exchange;

class Batch {
 public:
  // Handles one message, a request or an invalid one. It may answer before it returns.
  using Run = base::Delegate<void(const Message&, Exchange&)>;
  // `core` and `exchange` must outlive this. `exchange` has one answer outstanding for the batch
  // itself. `owner` (owner_of()) is charged for the text of the messages that wait.
  Batch(shared::State& core, std::string owner, Exchange& exchange, Run run);

  // `text`: the whole message. False: the budget of bodies has no room for it.
  bool add(const Message& message, base::json::Value text);
  // The id of the message that runs; "" when it has no readable one.
  const std::string& id_json() const { return id_json_; }
  // Call it when all messages were added, and when the one that runs has its answer.
  void done();
  // The waiting request `id_json` never begins and gets no answer.
  void cancel(std::string_view id_json);
  void abandon(std::string_view reason);

 private:
  struct Waiting {
    std::string id_json, text;
  };
  void step();
  shared::State& core_;
  const std::string owner_;
  Exchange& exchange_;
  Run run_;
  std::deque<Waiting> waiting_;
  base::Charge held_;
  std::string id_json_;
  bool abandoned_ = false;
  loop::Deferred next_;
};

}  // namespace mcp::legacy
