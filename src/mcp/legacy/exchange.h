// Exchange: one legacy POST that holds requests, until each of them has its answer. Then all
// answers are sent at once, and the session, which owns the Exchange, lets the loop free it.
//
//   one request     its answer as application/json, or as one event
//   a batch         an array, or one event per answer; its requests run one by one (batch.h)
//   tell()          the answer becomes an event stream, if the client accepts one (call_stream.h):
//                   from now on answers and notifications are sent as they come
//   no answer       (all requests were cancelled) 202, empty. Clients of every SDK understand that
//                   nothing will come; a stream that ends early makes some of them reconnect and
//                   others fail.
//
// A batch's answers that wait for the others count in the budget of answers, for their caller; an
// answer for which there is no room is replaced by an error.
// If the client goes away, the requests run to their end all the same. The answer is dropped, or,
// on an event stream, kept for the resume window.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/budget.h"
#include "base/link.h"
#include "http/server.h"
#include "mcp/legacy/batch.h"
#include "mcp/outgoing.h"
#include "mcp/shared/content_negotiation.h"

namespace mcp::legacy {

class CallStream;
class Channel;
class Session;

struct ExchangeForm {
  shared::AnswerForm form = shared::AnswerForm::json;
  bool events = false;  // the client accepts an event stream
  bool batch = false;
};

class Exchange : public base::Link {
 public:
  // Begins with one answer outstanding. `session` must outlive the Exchange.
  static Exchange& begin(Session& session, http::Reply reply, ExchangeForm form);

  Session& session() { return session_; }
  // One more answer will come. Requires: one is outstanding.
  void expect() { ++open_; }
  // Makes this the exchange of a batch, whose requests begin in later turns. The batch takes over
  // the outstanding answer, and skips it when all its messages are answered.
  Batch& begin_batch(Batch::Run run);
  // Batch::cancel() and abandon(), if this is a batch: for requests that have not begun.
  void cancel_waiting(std::string_view id_json);
  void abandon_waiting(std::string_view reason);
  // `message`: a JSON-RPC response. The last outstanding one sends all and retires this object.
  void answer(Outgoing message);
  // The same for a request that gets no answer.
  void skip();

  // Sends a notification or request that belongs to these requests. False: the client accepts no
  // event stream here, or is gone. Requires: one answer is outstanding.
  bool tell(const Outgoing& message);
  // The reason, when it was that there is no room for one more event stream.
  shared::Full no_room() const { return no_room_; }
  // See CallContext::close_stream().
  void let_go(base::Duration retry);

  // The session's notifications must follow the answer to the request that asked for them:
  // `channel` holds them until this exchange is sent. `channel` must outlive this.
  // Requires: the same channel each time.
  void hold(Channel& channel);

 private:
  Exchange(Session& session, http::Reply reply, ExchangeForm form);
  bool open_stream();
  void close_one();
  void keep(Outgoing message);
  void send();

  Session& session_;
  http::Reply reply_;
  CallStream* stream_ = nullptr;  // owned by the session
  const std::string owner_;       // whose share its answers use
  std::vector<Outgoing> answers_;
  base::Charge held_answers_;
  std::unique_ptr<Batch> batch_;
  Channel* held_ = nullptr;
  int open_ = 1;
  shared::Full no_room_ = shared::Full::no;
  bool answered_ = false;
  ExchangeForm form_;
};

}  // namespace mcp::legacy
