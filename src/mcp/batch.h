// Batch: the requests of one JSON-RPC batch (revision 2025-03-26) that have not begun. They run one
// after another, each in a turn of the loop of its own, when the one before has its answer: what
// one small body asks for is never made, or held, all at once.
//
//   add → waits → step(): run → its answer: done() → the next one → none left: the exchange ends
//   cancel() (notifications/cancelled): it never begins   abandon(): each is answered by an error
#pragma once

#include <deque>
#include <string>
#include <string_view>

#include "base/budget.h"
#include "base/delegate.h"
#include "loop/loop.h"
#include "mcp/core.h"
#include "mcp/jsonrpc.h"

namespace mcp {

class Exchange;

class Batch {
 public:
  // Begins the answer to one message, a request or invalid. It may be answered inside.
  using Run = base::Delegate<void(const Message&, Exchange&)>;
  // All outlive it. `exchange` has one answer outstanding for the batch itself.
  Batch(Core& core, std::string owner, Exchange& exchange, Run run);

  // False: there is no room for its text.
  bool add(const Message& message, base::json::Value text);
  // Of the one that runs; "" when it has none that could be read.
  const std::string& id_json() const { return id_json_; }
  // The one that runs has its answer, or all were added.
  void done();
  // The request `id_json` never begins: it gets no answer.
  void cancel(std::string_view id_json);
  void abandon(std::string_view reason);

 private:
  struct Waiting {
    std::string id_json, text;
  };
  void step();
  Core& core_;
  const std::string owner_;
  Exchange& exchange_;
  Run run_;
  std::deque<Waiting> waiting_;
  base::Charge held_;
  std::string id_json_;
  bool abandoned_ = false;
  loop::Deferred next_;
};

}  // namespace mcp
