// Stdio: one client on standard input and output (MCP, Transports, "stdio"): each line is a
// message, in both directions. The Endpoint that serves HTTP serves it, too: every message becomes
// a request with headers made from the message, and the answer becomes lines (stdio_message.h).
//
//   line → Document → era.h: modern, or the session that initialize began → Endpoint → lines
//
//   message                   effect
//   initialize                begins the session, to which all messages belong that are not modern;
//                             a second one ends the first session
//   first message after it    opens the session's own stream, for its unsolicited messages
//   notifications/cancelled   for a modern request: it ends, and nothing more is written for it
//                             (there is no stream to close); else passed on to the session
//   a line that is no JSON,   a JSON-RPC error without id
//   or longer than max_message
//
// Bounded: no message is taken while more than kStreamQueueBytes wait to be written, and at most
// kStdioPerTurn in one turn of the loop; requests beyond kStdioMessages in progress are refused. What
// waits to be written counts in a budget.
//
//   open --end of input, output broken--> on_end (once)
//   stop() --all answered and written--> on_done
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/budget.h"
#include "base/buffer.h"
#include "base/delegate.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/own_list.h"
#include "loop/loop.h"
#include "mcp/endpoint/endpoint.h"
#include "mcp/jsonrpc.h"
#include "net/stream.h"

namespace mcp::endpoint {

// Messages in progress at once; a session alone may have 256 calls (kCallsPerSession).
constexpr std::size_t kStdioMessages = 1024;

// Messages taken in one turn: some 0.2 ms each for the longest lists.
constexpr int kStdioPerTurn = 16;

class StdioMessage;

class Stdio {
 public:
  // `loop`, `endpoint` and `answers`, which nullptr spares, must outlive this. `max_message`: bytes of
  // one line.
  Stdio(loop::Loop& loop, Endpoint& endpoint, std::unique_ptr<net::Stream> stream,
        std::size_t max_message = base::limits::kBodyBytes, base::Budget* answers = nullptr);
  ~Stdio();  // abandons messages in progress without reporting it
  Stdio(const Stdio&) = delete;
  Stdio& operator=(const Stdio&) = delete;

  void start();
  // `fn` is called when the client closed its side or no longer reads; never inside a method of
  // this.
  void when_ended(base::Delegate<void()> fn) { end_fn_ = fn; }
  // Takes no further message. Those in progress get their answers.
  void stop();
  // `fn` is called after stop(), each time open() has become 0; never inside a method of this.
  void when_done(base::Delegate<void()> fn) { done_fn_ = fn; }
  // Messages in progress, and one more while bytes wait to be written.
  std::size_t open() const { return list_.size() + (out_.empty() ? 0 : 1); }
  // Ends everything now: messages in progress end as if their client had gone away, and bytes not
  // yet written are lost.
  void close();

 private:
  friend class StdioMessage;
  void on_ready(bool readable, bool writable);
  void on_task();
  void read_some();
  void take(std::string_view bytes);
  void take_line(std::string_view line);
  void take_message(std::string_view line);
  void take_legacy(const Message& message, std::string_view line);
  void take_modern(const Message& message, std::string_view line);
  bool cancel(const Message& message);
  void open_session_stream();
  void end_session();
  void ask_for_rest();
  StdioMessage* begin(const Message& message, bool modern);
  StdioMessage* begin_own();
  void send(StdioMessage& message, const http::Request& request);
  void refuse(std::string_view id_json, RpcCode code, std::string text);
  void ended();

  // For StdioMessage.
  void put(std::string_view json);  // writes one message as one line
  bool full() const { return out_.size() > base::limits::kStreamQueueBytes; }
  bool low() const { return out_.size() <= base::limits::kStreamQueueBytes / 2; }
  void began_session(std::string_view id) { session_ = id; }
  void remove(StdioMessage& message);  // and retires it

  void flush();
  void tell_drained();
  void update_interest();
  void count_output();

  loop::Loop& loop_;
  Endpoint& endpoint_;
  std::unique_ptr<net::Stream> stream_;
  const std::size_t max_message_;
  base::OwnList<StdioMessage> list_;
  std::string session_;
  StdioMessage* session_stream_ = nullptr;
  base::json::Document document_;
  std::string unread_;   // read, but left for the next turn
  std::string partial_;  // the beginning of the current line
  base::Buffer out_;
  std::optional<base::Charge> charge_;  // for out_
  base::Delegate<void()> end_fn_, done_fn_;
  bool skipping_ = false;  // discards the rest of a line that was too long
  bool reading_ = false, ended_ = false, end_told_ = false, stopped_ = false, broken_ = false;
  bool blocked_ = false;
  loop::Deferred task_;
};

}  // namespace mcp::endpoint
