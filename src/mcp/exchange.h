// Exchange: one POST that holds requests, until each of them has its answer. Then it is sent,
// whole, and the Exchange frees itself through the loop.
//
//   one request   → its answer as application/json, or as one event
//   a batch       → an array, or one event per answer
//   no answer at all (cancelled): 202, empty. Clients of every SDK take that for "nothing comes",
//   where a stream that ends early makes some of them reconnect and others fail.
// The client going away changes nothing: the requests run to their end, the answer is dropped.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "http/server.h"
#include "mcp/jsonrpc.h"
#include "mcp/media.h"

namespace mcp {

class Channel;

class Exchange {
 public:
  // Begins with one answer outstanding. `loop` outlives it.
  static Exchange& begin(loop::Loop& loop, http::Reply reply, AnswerForm form, bool batch);

  // One more answer will come. Requires: one is outstanding.
  void expect() { ++open_; }
  // `message`: a JSON-RPC response, one line. The last one sends all and ends this object's life.
  void answer(std::string message);
  // The same for a request that gets no answer.
  void skip();

  // Notifications of a session must follow the answer that let them begin: as long as this is not
  // sent, `channel` holds them. Requires: `channel` outlives it; the same one each time.
  void hold(Channel& channel);

 private:
  Exchange(loop::Loop& loop, http::Reply reply, AnswerForm form, bool batch);
  void close_one();
  void send();

  loop::Loop& loop_;
  http::Reply reply_;
  std::string body_;
  Channel* held_ = nullptr;
  int open_ = 1;
  AnswerForm form_;
  bool batch_;
};

// One complete answer with status 200. `extra`: header lines, each ending in CRLF.
void send_answer(http::Reply& reply, AnswerForm form, std::string_view message,
                 std::string_view extra = {});
// A JSON-RPC error with a status other than 200; always application/json. `id_json` may be empty.
void send_error(http::Reply& reply, int status, std::string_view id_json, const RpcError& error,
                std::string_view extra = {});

}  // namespace mcp
