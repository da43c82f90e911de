// Exchange: one POST that holds requests, until each of them has its answer. Then it is sent,
// whole, and the session, which owns it, lets the loop free it.
//
//   one request   → its answer as application/json, or as one event
//   a batch       → an array, or one event per answer; its requests run one by one (batch.h)
//   tell()        → what was to be one answer becomes an event stream, if the client accepts one
//                   (call_stream.h): answers and what is told go out as they come
//   no answer at all (cancelled): 202, empty. Clients of every SDK take that for "nothing comes",
//   where a stream that ends early makes some of them reconnect and others fail.
// Answers of a batch that wait for the others count in the budget of answers, for their caller: one
// that finds no room there is replaced by an error.
// The client going away changes nothing: the requests run to their end. The answer is dropped, or,
// on an event stream, kept for a while for a client that comes back.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/budget.h"
#include "base/link.h"
#include "http/server.h"
#include "mcp/batch.h"
#include "mcp/jsonrpc.h"
#include "mcp/media.h"

namespace mcp {

class CallStream;
class Channel;
class Session;

struct ExchangeForm {
  AnswerForm form = AnswerForm::json;
  bool events = false;  // the client accepts an event stream
  bool batch = false;
};

class Exchange : public base::Link {
 public:
  // Begins with one answer outstanding. `session` outlives it.
  static Exchange& begin(Session& session, http::Reply reply, ExchangeForm form);

  Session& session() { return session_; }
  // One more answer will come. Requires: one is outstanding.
  void expect() { ++open_; }
  // The requests of a batch, which begin after this turn's reading; the answer that is outstanding
  // is theirs: it is skipped when all of them are answered.
  Batch& begin_batch(Batch::Run run);
  // Of the batch's that have not begun.
  void cancel_waiting(std::string_view id_json);
  void abandon_waiting(std::string_view reason);
  // `message`: a JSON-RPC response, one line. The last one sends all and ends this object's life.
  void answer(std::string message);
  // The same for a request that gets no answer.
  void skip();

  // A notification or request that belongs to these requests, one line. False: it cannot be told
  // here. Requires: one answer is outstanding.
  bool tell(const std::string& message);
  // The client may come back for the rest: mcp::CallContext::close_stream.
  void let_go(base::Duration retry);

  // Notifications of a session must follow the answer that let them begin: as long as this is not
  // sent, `channel` holds them. Requires: `channel` outlives it; the same one each time.
  void hold(Channel& channel);

 private:
  Exchange(Session& session, http::Reply reply, ExchangeForm form);
  bool open_stream();
  void close_one();
  void keep(std::string message);
  void send();

  Session& session_;
  http::Reply reply_;
  CallStream* stream_ = nullptr;  // the session's
  std::vector<std::string> answers_;
  base::Charge held_answers_;
  std::unique_ptr<Batch> batch_;
  Channel* held_ = nullptr;
  int open_ = 1;
  bool answered_ = false;
  ExchangeForm form_;
};

// One complete answer with status 200. `extra`: header lines, each ending in CRLF.
void send_answer(http::Reply& reply, AnswerForm form, std::string_view message,
                 std::string_view extra = {});
// A JSON-RPC error with a status other than 200; always application/json. `id_json` may be empty.
void send_error(http::Reply& reply, int status, std::string_view id_json, const RpcError& error,
                std::string_view extra = {});

}  // namespace mcp
