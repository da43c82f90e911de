#include "mcp/endpoint/stdio.h"

#include <algorithm>
#include <utility>

#include "base/encoding.h"
#include "base/log.h"
#include "base/text.h"
#include "base/wipe.h"
#include "mcp/endpoint/stdio_message.h"
#include "mcp/outgoing.h"
#include "mcp/shared/era.h"

namespace mcp::endpoint {

using base::json::Type;
using base::json::Value;

namespace {

constexpr std::size_t kReadBytes = 64 * 1024;

http::Request request_of(http::Method method, std::string_view body) {
  http::Request request;
  request.method = method;
  request.method_name = method == http::Method::post  ? "POST"
                        : method == http::Method::get ? "GET"
                                                      : "DELETE";
  request.target = request.path = "/mcp";
  request.body = body;
  request.peer = "stdio";
  if (method == http::Method::post) {
    request.headers.add("Content-Type", "application/json");
    request.headers.add("Accept", "application/json, text/event-stream");
  } else {
    request.headers.add("Accept", "text/event-stream");
  }
  return request;
}

// A name may contain characters that a header must not have, so it is always encoded
// (MCP 2026-07-28, Transports, "Value Encoding").
std::string encoded(std::string_view value) {
  return "=?base64?" + base::base64(value) + "?=";
}

// The parameter that Mcp-Name mirrors; absent if there is none.
Value name_of(const Message& message) {
  if (message.method == "resources/read") return message.params["uri"];
  if (message.method.starts_with("tasks/")) return message.params["taskId"];
  return message.params["name"];
}

}  // namespace

Stdio::Stdio(loop::Loop& loop, Endpoint& endpoint, std::unique_ptr<net::Stream> stream,
             std::size_t max_message, base::Budget* answers)
    : loop_(loop),
      endpoint_(endpoint),
      stream_(std::move(stream)),
      max_message_(max_message),
      task_(loop, "stdio", loop::Deferred::Fn::bind<&Stdio::on_task>(this)) {
  if (answers) charge_.emplace(*answers);
}

Stdio::~Stdio() {
  while (!list_.empty()) {
    list_.front().abandon();
    remove(list_.front());
  }
  stream_->close();
  loop_.retire(std::move(stream_));
}

void Stdio::start() {
  stream_->set_ready(net::Stream::ReadyFn::bind<&Stdio::on_ready>(this));
  reading_ = true;
  update_interest();
}

void Stdio::stop() {
  stopped_ = true;
  reading_ = false;
  std::string().swap(unread_);
  std::string().swap(partial_);
  update_interest();
  task_.schedule();
}

void Stdio::close() {
  broken_ = true;
  out_.release();
  count_output();
  while (!list_.empty())
    list_.front().gone();
  stop();
}

// ---- input

void Stdio::on_ready(bool readable, bool writable) {
  if (writable && blocked_) {
    flush();
    if (!unread_.empty()) task_.schedule();
  }
  if (readable && reading_ && unread_.empty()) read_some();
}

void Stdio::read_some() {
  static char buffer[kReadBytes];  // single-threaded; not used after this call
  const net::Io io = stream_->read(buffer, sizeof buffer);
  // A message may hold a Secret's data, and the next read may overwrite less of it.
  const struct Wiped {
    std::size_t size;
    ~Wiped() { base::wipe(buffer, size); }
  } wiped{io.kind == net::Io::Kind::bytes ? io.n : 0};
  switch (io.kind) {
    case net::Io::Kind::would_block:
      return;
    case net::Io::Kind::bytes:
      return take({buffer, io.n});
    case net::Io::Kind::eof:
      // The last line may lack a line end: if it is a complete message, it is handled.
      if (!partial_.empty() && !skipping_) take_line(std::exchange(partial_, {}));
      LOG_INFO("end of input");
      break;
    case net::Io::Kind::error:
      LOG_WARN("reading standard input failed", {"error", stream_->error()});
      break;
  }
  ended();
}

// What a turn leaves goes on when there is room: a client that sends much and reads nothing must not
// have all of it answered at once.
void Stdio::take(std::string_view bytes) {
  for (int lines = 0; !bytes.empty() && reading_; ++lines) {
    if (lines == kStdioPerTurn || full()) {
      unread_.assign(bytes);
      if (!full()) task_.schedule();
      break;
    }
    const std::size_t end = bytes.find('\n');
    const std::string_view part = bytes.substr(0, end);
    bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 1);
    if (!skipping_ && partial_.size() + part.size() > max_message_) {
      skipping_ = true;
      std::string().swap(partial_);
      refuse({}, RpcCode::parse_error,
             "a message may have at most " + std::to_string(max_message_) + " bytes");
    }
    if (end == std::string_view::npos) {
      if (!skipping_) partial_.append(part);
    } else if (!std::exchange(skipping_, false)) {
      partial_.empty() ? take_line(part) : take_line(std::exchange(partial_, {}).append(part));
    }
  }
  update_interest();
}

void Stdio::take_line(std::string_view line) {
  line = base::trim(line);
  if (!line.empty()) take_message(line);
  document_.release();
}

void Stdio::take_message(std::string_view line) {
  const auto root = document_.parse(line);
  if (!root) return refuse({}, RpcCode::parse_error, "Parse error: " + root.error().what());
  const Message message = read_message(*root);
  if (root->is(Type::array) || message.kind == Message::Kind::invalid) {
    return take_legacy(message, line);
  }
  if (message.kind == Message::Kind::notification && cancel(message)) return;
  shared::decide_era(message, std::nullopt) == shared::Era::modern ? take_modern(message, line)
                                                                   : take_legacy(message, line);
}

// True: it cancelled a modern request in progress.
bool Stdio::cancel(const Message& message) {
  if (message.method != "notifications/cancelled") return false;
  const std::string id_json = token_json(message.params["requestId"]);
  if (id_json.empty()) return false;
  for (StdioMessage& other : list_) {
    if (!other.modern() || other.id_json() != id_json) continue;
    other.gone();
    return true;
  }
  return false;
}

void Stdio::take_legacy(const Message& message, std::string_view line) {
  const bool initialize = message.kind == Message::Kind::request && message.method == "initialize";
  if (!initialize && session_.empty() && message.kind != Message::Kind::invalid) {
    // A notification gets no answer, not even when it comes too early.
    if (message.kind != Message::Kind::request) return;
    return refuse(message.id_json, RpcCode::invalid_request,
                  "begin with initialize, or send _meta as revision 2026-07-28 requires");
  }
  if (initialize) end_session();
  StdioMessage* under_way = begin(message, false);
  if (!under_way) return;
  http::Request request = request_of(http::Method::post, line);
  if (!session_.empty()) request.headers.add("Mcp-Session-Id", session_);
  const bool in_session = !session_.empty();
  send(*under_way, request);
  if (in_session && !session_stream_) open_session_stream();
}

void Stdio::take_modern(const Message& message, std::string_view line) {
  StdioMessage* under_way = begin(message, true);
  if (!under_way) return;
  http::Request request = request_of(http::Method::post, line);
  const Value claim = message.params["_meta"]["io.modelcontextprotocol/protocolVersion"];
  request.headers.add("MCP-Protocol-Version", claim.str(shared::kFirstModern));
  request.headers.add("Mcp-Method", message.method);
  const Value named = name_of(message);
  const std::string name = encoded(named.str());
  if (named.is(Type::string)) request.headers.add("Mcp-Name", name);
  send(*under_way, request);
}

// nullptr: refused.
StdioMessage* Stdio::begin(const Message& message, bool modern) {
  const bool request = message.kind == Message::Kind::request;
  if (list_.size() >= kStdioMessages) {
    if (request) {
      refuse(message.id_json, RpcCode::internal_error,
             "more than " + std::to_string(kStdioMessages) + " requests are in progress");
    }
    return nullptr;
  }
  const auto kind = request && !modern && message.method == "initialize"
                        ? StdioMessage::Kind::initialize
                        : StdioMessage::Kind::message;
  return &list_.add(
      std::make_unique<StdioMessage>(*this, kind, request ? message.id_json : "", modern));
}

void Stdio::send(StdioMessage& message, const http::Request& request) {
  endpoint_.on_message(request, http::Reply(message));
}

void Stdio::refuse(std::string_view id_json, RpcCode code, std::string text) {
  put(Outgoing::error(id_json, {code, std::move(text), {}}).text());
}

// ---- the session

StdioMessage* Stdio::begin_own() {
  return &list_.add(
      std::make_unique<StdioMessage>(*this, StdioMessage::Kind::own, std::string(), false));
}

// As over HTTP, unsolicited messages come on a stream that a GET opens.
void Stdio::open_session_stream() {
  session_stream_ = begin_own();
  http::Request request = request_of(http::Method::get, {});
  request.headers.add("Mcp-Session-Id", session_);
  send(*session_stream_, request);
}

void Stdio::end_session() {
  if (session_.empty()) return;
  const std::string id = std::exchange(session_, {});
  http::Request request = request_of(http::Method::del, {});
  request.headers.add("Mcp-Session-Id", id);
  send(*begin_own(), request);
}

void Stdio::ask_for_rest() {
  list_.for_each([this](StdioMessage& message) {
    const std::string after = message.take_rest();
    if (after.empty()) return;
    http::Request request = request_of(http::Method::get, {});
    request.headers.add("Mcp-Session-Id", session_);
    request.headers.add("Last-Event-ID", after);
    send(message, request);
  });
}

void Stdio::remove(StdioMessage& message) {
  if (session_stream_ == &message) session_stream_ = nullptr;
  loop_.retire(list_.take(message));
  if (stopped_) task_.schedule();
}

// ---- output

void Stdio::put(std::string_view json) {
  if (broken_) return;
  std::string line(json);
  // Line breaks between tokens can be spaces as well, and JSON strings contain none.
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  out_.append(line.append("\n"));
  count_output();
  if (full()) update_interest();
  if (!blocked_) task_.schedule();
}

void Stdio::flush() {
  while (!out_.empty()) {
    const std::string_view bytes = out_.view();
    const iovec piece{const_cast<char*>(bytes.data()), bytes.size()};
    const net::Io io = stream_->write(&piece, 1);
    if (io.kind == net::Io::Kind::would_block) break;
    if (io.kind != net::Io::Kind::bytes) {
      LOG_WARN("writing standard output failed", {"error", stream_->error()});
      close();
      return ended();
    }
    out_.consume(io.n);
    count_output();
  }
  blocked_ = !out_.empty();
  update_interest();
  tell_drained();
}

// Each message that is notified may write until the output is full again.
void Stdio::tell_drained() {
  list_.for_each([this](StdioMessage& message) {
    if (low()) message.tell_drained();
  });
}

void Stdio::update_interest() {
  if (!broken_) stream_->want(reading_ && !full() && unread_.empty(), blocked_);
}

void Stdio::count_output() {
  if (charge_) charge_->set(out_.held());
}

void Stdio::ended() {
  reading_ = false;
  ended_ = true;
  update_interest();
  task_.schedule();
}

// Work that must not run inside a method of a Reply or of this.
void Stdio::on_task() {
  if (!broken_) ask_for_rest();
  if (!blocked_ && !broken_) flush();
  if (!unread_.empty() && !full()) take(std::exchange(unread_, {}));
  if (ended_ && !std::exchange(end_told_, true) && end_fn_) end_fn_();
  if (stopped_ && open() == 0 && done_fn_) done_fn_();
}

}  // namespace mcp::endpoint
