// Request: one request of MCP 2026-07-28 to a server, over HTTP. That revision is the one that a command
// line needs: a request holds all that the server must know, so that there is no session to begin, to keep
// over a restart of the server, and to end; questions come as an answer, and the same request is sent
// again with the user's replies; and a subscription is one request whose answer is a stream.
//
//   start() → on_notification()* → on_end(), once
//
// Bounded: an answer, and each message of a stream, has at most kAnswerBytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "http/client_call.h"
#include "http/client_pool.h"
#include "http/sse.h"

namespace client {

constexpr std::string_view kRevision = "2026-07-28";
// The server's largest answer (maxBytes) is a megabyte; resources are not cut.
constexpr std::size_t kAnswerBytes = std::size_t{64} << 20;

// The same for all requests to one server.
struct Peer {
  std::string path = "/mcp";
  std::string token;       // a bearer's; "": none
  std::string user_agent;  // "NAME/VERSION"
  bool asks_user = false;  // can the user be asked (elicitation)?
};

struct Ask {
  std::string method;        // "tools/call"
  std::string name = {};     // what Mcp-Name repeats: the tool's name, the resource's URI; "": none
  std::string members = {};  // of params, without braces and _meta: "\"name\":\"x\""
  std::vector<std::pair<std::string, std::string>> headers = {};  // Mcp-Param-*
  base::Duration limit = base::kForever;                          // for the whole answer
};

struct RpcFailure {
  std::int64_t code = 0;
  std::string message;
};

struct Outcome {
  // No answer of the protocol: the server is not reached, refuses the caller, or is none of MCP.
  std::optional<base::Error> failure;
  std::optional<RpcFailure> rpc;  // the server's answer is an error
  std::string result;             // else: the result, as JSON
};

class Observer {
 public:
  virtual ~Observer() = default;
  // May not end the request.
  virtual void on_notification(std::string_view method, base::json::Value params) = 0;
  // The last statement; may start the request again.
  virtual void on_end(Outcome outcome) = 0;
};

class Request final : private http::CallHandler {
 public:
  // All must outlive this.
  Request(http::ClientPool& pool, const Peer& peer, Observer& observer);
  // Requires: it was not started, or on_end() was called.
  void start(const Ask& ask);
  void cancel() { call_.cancel(); }

 private:
  void on_head(const http::ResponseHead& head) override;
  void on_body(std::string_view bytes) override;
  void on_end(const http::CallEnd& end) override;
  void take_events(std::string_view bytes);
  void take_message(std::string_view json);
  Outcome outcome_of(const http::CallEnd& end);
  Outcome refused();

  const Peer& peer_;
  Observer& observer_;
  http::ClientCall call_;
  int status_ = 0;
  bool stream_ = false, too_large_ = false;
  std::string body_;
  std::size_t pending_ = 0;  // bytes of the stream's current message
  http::sse::Reader reader_;
  base::json::Document document_;
  std::optional<Outcome> answer_;
};

// The value of an Mcp-Name or Mcp-Param header: as it is, or as "=?base64?…?=".
std::string mirrored(std::string_view text);

}  // namespace client
