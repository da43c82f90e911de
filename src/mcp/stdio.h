// Stdio: one client on standard input and output (MCP, Transports, "stdio"): each line is a
// message, in both directions. It is served by the same Endpoint as HTTP is: every message becomes
// a request to it, with the headers that the message itself stands for, and an answer in lines
// (stdio_message.h).
//
//   line → Document → era.h: modern, or of the session that initialize began → Endpoint → lines
//
//   initialize                  its answer names the session, which all that is not modern belongs
//                               to; a second one ends the first one's
//   first message after it      the session's own stream is opened, for what no request asked for
//   notifications/cancelled     of a modern request: it ends without a word more (there is no
//                               stream to close); of the session's: the session's business
//   a line that is no JSON, or longer than a body may be: a JSON-RPC error without id
//
// Bounded: input is not read while more than kStreamQueueBytes wait to be written; further requests
// than kStdioMessages under way are refused.
//
//   open --end of input, output broken--> on_end, once --stop(), all answered and written--> done
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/buffer.h"
#include "base/delegate.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/own_list.h"
#include "loop/loop.h"
#include "mcp/endpoint.h"
#include "mcp/jsonrpc.h"
#include "net/stream.h"

namespace mcp {

// Under way at once; a session alone may have 256 calls.
constexpr std::size_t kStdioMessages = 1024;

class StdioMessage;

class Stdio {
 public:
  // `loop` and `endpoint` outlive it. `max_message`: bytes of one line.
  Stdio(loop::Loop& loop, Endpoint& endpoint, std::unique_ptr<net::Stream> stream,
        std::size_t max_message = base::limits::kBodyBytes);
  ~Stdio();  // messages under way are gone, untold
  Stdio(const Stdio&) = delete;
  Stdio& operator=(const Stdio&) = delete;

  void start();
  // The client ended its side, or reads no more; never inside a method of this.
  void on_end(base::Delegate<void()> fn) { end_fn_ = fn; }
  // No further message is taken. Those under way get their answers.
  void stop();
  // After stop(): each time there might be nothing left. Never inside a method of this.
  void on_done(base::Delegate<void()> fn) { done_fn_ = fn; }
  // Messages under way, and one more while bytes wait to be written.
  std::size_t open() const { return list_.size() + (out_.empty() ? 0 : 1); }
  // Everything now: messages under way are gone and told, what is not written is lost.
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

  // StdioMessage's.
  void put(std::string_view json);  // one message, made one line
  bool full() const { return out_.size() > base::limits::kStreamQueueBytes; }
  bool low() const { return out_.size() <= base::limits::kStreamQueueBytes / 2; }
  void began_session(std::string_view id) { session_ = id; }
  void remove(StdioMessage& message);  // retired

  void flush();
  void tell_drained();
  void update_interest();

  loop::Loop& loop_;
  Endpoint& endpoint_;
  std::unique_ptr<net::Stream> stream_;
  const std::size_t max_message_;
  base::OwnList<StdioMessage> list_;
  std::string session_;
  StdioMessage* session_stream_ = nullptr;
  base::json::Document document_;
  std::string partial_;  // of the line under way
  base::Buffer out_;
  base::Delegate<void()> end_fn_, done_fn_;
  bool skipping_ = false;  // the rest of a line that was too long
  bool reading_ = false, ended_ = false, end_told_ = false, stopped_ = false, broken_ = false;
  bool blocked_ = false;
  loop::Deferred task_;
};

}  // namespace mcp
