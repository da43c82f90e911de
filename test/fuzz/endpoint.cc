// The whole way of a stranger's bytes: HTTP server and MCP endpoint with one of everything behind
// it, on virtual time. Whatever comes, each answer is well-formed HTTP with well-formed messages in
// it, and when the stranger is gone nothing of it is left.
#include "mcp/endpoint/endpoint.h"

#include <sys/socket.h>

#include "base/json.h"
#include "base/text.h"
#include "conformance/server/catalogue.h"
#include "fuzz/fuzz.h"
#include "http/server.h"
#include "http/sse.h"
#include "mcp/endpoint/stdio.h"
#include "mcp/legacy/numbered_stream.h"
#include "net/tcp_stream.h"

namespace fuzz {

namespace {

class Anybody final : public mcp::Authenticator {
 public:
  std::optional<mcp::Verdict> known(std::optional<std::string_view>) override {
    return mcp::Verdict{{}, {"anybody", {}}};
  }
  std::unique_ptr<mcp::PendingVerdict> ask(std::string_view, std::string_view, Fn) override {
    return nullptr;
  }
  bool expires() const override { return false; }
};

// The loop lives as long as the process, the rest for one input.
loop::VirtualClock& the_clock() {
  static loop::VirtualClock clock;
  return clock;
}
loop::Loop& the_loop() {
  static auto* loop = new loop::Loop(the_clock());
  return *loop;
}

class House : private http::Handler {
 public:
  House() : tick_(the_loop(), "tick", loop::Timer::Fn::bind<&House::nothing>(this)) {
    everything::add_plain_tools(world_);
    everything::add_streaming_tools(world_);
    everything::add_asking_tools(world_);
    everything::add_task_tools(world_);
    everything::add_resources(world_);
    everything::add_prompts(world_);
    endpoint_ =
        std::make_unique<mcp::endpoint::Endpoint>(the_loop(), registry_, anybody_, options());
    server_ = std::make_unique<http::Server>(the_loop(), static_cast<http::Handler&>(*this));
  }
  ~House() override {
    server_.reset();
    endpoint_.reset();
    settle(2);
    tick_.cancel();
    HOLDS(the_loop().watches() == 0);
    HOLDS(the_loop().timers() == 0);
  }

  http::Server& server() { return *server_; }
  mcp::endpoint::Endpoint& endpoint() { return *endpoint_; }
  void announce() { registry_.announce(mcp::List::tools); }
  void settle(int turns = 6) {
    while (turns-- > 0) {
      tick_.arm(base::Duration::zero());
      the_loop().run_once();
    }
    tick_.cancel();
  }
  void pass(base::Duration time) {
    the_clock().advance(time);
    settle();
  }

 private:
  static mcp::shared::Options options() {
    mcp::shared::Options options;
    options.server_version = "1";
    return options;
  }
  void on_request(const http::Request& request, http::Reply reply) override {
    if (endpoint_->admit(request, reply)) endpoint_->on_request(request, std::move(reply));
  }
  void nothing() {}

  mcp::Registry registry_;
  everything::World world_{the_loop(), registry_};
  Anybody anybody_;
  loop::Timer tick_;
  std::unique_ptr<mcp::endpoint::Endpoint> endpoint_;
  std::unique_ptr<http::Server> server_;
};

// Our end of a socket.
class Peer {
 public:
  // The other end, for the server.
  std::unique_ptr<net::Stream> stream() {
    int fds[2];
    HOLDS(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) == 0);
    fd_ = base::Fd(fds[0]);
    return std::make_unique<net::TcpStream>(the_loop(), base::Fd(fds[1]));
  }
  void send(std::string_view bytes) {
    // What is not taken at once is not sent: the server stopped reading.
    [[maybe_unused]] const ssize_t n = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }
  void read() {
    char buffer[16384];
    ssize_t n = 0;
    while ((n = ::recv(fd_.get(), buffer, sizeof buffer, 0)) > 0)
      got.append(buffer, static_cast<std::size_t>(n));
  }
  void close() { fd_.reset(); }
  std::string got;

 private:
  base::Fd fd_;
};

void check_object(base::json::Value value) {
  HOLDS(value.is(base::json::Type::object));
  HOLDS(value["jsonrpc"].str() == "2.0");
  HOLDS(!value["id"].is(base::json::Type::null));
  HOLDS(value["method"].present() || value["result"].present() != value["error"].present());
  if (const auto error = value["error"]) {
    HOLDS(error["code"].is(base::json::Type::integer));
    HOLDS(error["message"].is(base::json::Type::string));
  }
}

void check_message(std::string_view text, bool batch_allowed) {
  base::json::Document document;
  const auto root = document.parse(text);
  if (!root) std::fprintf(stderr, "no JSON: %s\n", std::string(text).c_str());
  HOLDS(root.has_value());
  if (!root->is(base::json::Type::array)) return check_object(*root);
  HOLDS(batch_allowed);
  for (const base::json::Value each : root->array())
    check_object(each);
}

void check_events(std::string_view bytes) {
  http::sse::Reader reader;
  http::sse::Event event;
  while (reader.next(bytes, event)) {
    if (!event.data.empty()) check_message(event.data, false);
  }
}

void check_answers(std::string_view bytes) {
  const http::ParserLimits limits;
  http::Parser parser(http::Parser::Side::response, limits);
  http::MessageHead head;
  std::string type, body;
  while (!bytes.empty()) {
    switch (parser.next(bytes, head)) {
      case http::Parser::Event::need_more:
        return check_events(type == "text/event-stream" ? body : "");
      case http::Parser::Event::head:
        HOLDS(head.status == 200 || head.status == 202 || head.status == 204 ||
              (head.status >= 400 && head.status <= 505));
        HOLDS(head.status != 500);
        type = head.headers.find("Content-Type").value_or("");
        body.clear();
        break;
      case http::Parser::Event::body:
        body.append(parser.body());
        break;
      case http::Parser::Event::end:
        if (type == "application/json") check_message(body, true);
        if (type == "text/event-stream") check_events(body);
        parser.reset();
        break;
      case http::Parser::Event::error:
        std::fprintf(stderr, "%s\n", parser.error().what);
        HOLDS(!"an answer that no client can read");
    }
  }
}

std::string replaced(std::string_view text, std::string_view what, std::string_view by) {
  std::string out;
  for (std::size_t at; (at = text.find(what)) != std::string_view::npos;) {
    out.append(text.substr(0, at)).append(by);
    text.remove_prefix(at + what.size());
  }
  return out.append(text);
}

std::string new_session(House& house, std::string_view version) {
  const std::string body =
      R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":")" +
      std::string(version) +
      R"(","capabilities":{"elicitation":{},"sampling":{},"roots":{}},"clientInfo":{"name":"x"}}})";
  Peer peer;
  house.server().adopt(peer.stream());
  peer.send(
      "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
      "Content-Length: " +
      std::to_string(body.size()) + "\r\n\r\n" + body);
  house.settle();
  peer.read();
  const std::size_t at = peer.got.find("Mcp-Session-Id: ");
  HOLDS(at != std::string::npos);
  return peer.got.substr(at + 16, 32);
}

// What a client gets that comes back with this Last-Event-ID: the answer's status, and the events
// that carry data.
struct Resumed {
  int status = 0;
  std::vector<http::sse::Event> events;
};

Resumed resume(House& house, const std::string& session, std::string_view id) {
  Peer peer;
  house.server().adopt(peer.stream());
  peer.send(
      "GET /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\nMcp-Session-Id: " +
      session + "\r\nLast-Event-ID: " + std::string(id) + "\r\n\r\n");
  house.settle();
  peer.read();
  check_answers(peer.got);
  Resumed out;
  out.status = std::atoi(peer.got.substr(9, 3).c_str());
  http::ParserLimits limits;
  http::Parser parser(http::Parser::Side::response, limits);
  http::MessageHead head;
  http::sse::Reader reader;
  http::sse::Event event;
  for (std::string_view bytes = peer.got; !bytes.empty();) {
    const auto what = parser.next(bytes, head);
    if (what == http::Parser::Event::need_more || what == http::Parser::Event::end) break;
    if (what != http::Parser::Event::body || out.status != 200) continue;
    for (std::string_view body = parser.body(); reader.next(body, event);) {
      if (!event.data.empty()) out.events.push_back(event);
    }
  }
  peer.close();
  house.settle();
  return out;
}

// A session of 2025-11-25 whose call's stream (1) broke after it began, and whose own (0) broke
// after three announcements.
std::string broken_session(House& house) {
  const std::string session = new_session(house, "2025-11-25");
  const std::string head =
      " /mcp HTTP/1.1\r\nHost: localhost\r\nMcp-Session-Id: " + session + "\r\n";
  Peer call, own;
  house.server().adopt(own.stream());
  own.send("GET" + head + "Accept: text/event-stream\r\n\r\n");
  const std::string body =
      R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"test_tool_with_progress",)"
      R"("_meta":{"progressToken":1}}})";
  house.server().adopt(call.stream());
  call.send("POST" + head +
            "Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n"
            "Content-Length: " +
            std::to_string(body.size()) + "\r\n\r\n" + body);
  house.settle();
  for (int i = 0; i < 3; ++i) {
    house.announce();
    house.settle(2);
  }
  call.close();
  own.close();
  house.settle();
  for (int i = 0; i < 5; ++i)
    house.pass(base::milliseconds(60));
  return session;
}

}  // namespace

// A Last-Event-ID of a stranger, behind the session's own salt: all that came after it comes again,
// in order; or it names nothing that is kept, and is a new stream, or, of an answer, refused.
void last_event_id(std::string_view input) {
  const std::string_view id = base::trim(input.substr(0, input.find_first_of("\r\n")));
  const auto come_back = [](std::string_view event) {
    House house;
    const std::string session = broken_session(house);
    return resume(house, session, mcp::legacy::event_salt(session).append(event));
  };
  static const std::vector<Resumed> whole = [&] {
    std::vector<Resumed> all;
    for (const std::string_view from : {"s0_0", "p1_0"}) {
      all.push_back(come_back(from));
      HOLDS(all.back().status == 200 && all.back().events.size() > 2);
    }
    return all;
  }();
  const Resumed got = come_back(id);
  const std::string text = std::string(mcp::legacy::kSaltBytes, '0').append(id);
  const auto after = mcp::legacy::parse_event_id(text);
  const bool of_post = after && after->stream.of_post;
  const std::vector<http::sse::Event>& all = whole[of_post ? 1 : 0].events;
  const bool kept = after && after->stream.number == (of_post ? 1u : 0u) &&
                    after->event <= mcp::legacy::parse_event_id(all.back().id)->event;
  HOLDS(got.status == 200 || (got.status == 400 && (!after || (of_post && !kept))));
  HOLDS(kept || got.status == 400 || (!of_post && got.events.empty()));
  if (!kept) return;
  HOLDS(got.events.size() <= all.size());
  const std::size_t skipped = all.size() - got.events.size();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto number = mcp::legacy::parse_event_id(all[i].id);
    HOLDS(number && number->stream == after->stream);
    HOLDS((number->event <= after->event) == (i < skipped));
    if (i >= skipped) HOLDS(all[i].data == got.events[i - skipped].data);
  }
}

// Connections' bytes, one after the other: a line "~~~" begins the next connection, the others
// stay. NEW and OLD stand for the ids of sessions of 2025-11-25 and 2025-03-26.
void endpoint(std::string_view input) {
  House house;
  const std::string text = replaced(replaced(input, "@NEW@", new_session(house, "2025-11-25")),
                                    "@OLD@", new_session(house, "2025-03-26"));
  std::vector<std::unique_ptr<Peer>> peers;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t end = rest.find("~~~\n");
    peers.push_back(std::make_unique<Peer>());
    house.server().adopt(peers.back()->stream());
    // In two pieces: the first may end anywhere.
    const std::string_view bytes = rest.substr(0, end);
    peers.back()->send(bytes.substr(0, bytes.size() / 2));
    house.settle(2);
    peers.back()->send(bytes.substr(bytes.size() / 2));
    house.settle();
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 4);
  }
  for (int i = 0; i < 5; ++i)
    house.pass(base::milliseconds(60));
  for (const auto& peer : peers) {
    peer->read();
    check_answers(peer->got);
    peer->close();
  }
  house.settle();
  house.pass(base::hours(3));
  house.pass(base::hours(3));
  HOLDS(house.server().connections() == 0);
  const mcp::endpoint::EndpointStats left = house.endpoint().stats();
  HOLDS(left.sessions == 0 && left.streams == 0 && left.subscriptions == 0 && left.calls == 0);
}

// Lines of standard input.
void stdio(std::string_view input) {
  House house;
  Peer peer;
  auto stdio =
      std::make_unique<mcp::endpoint::Stdio>(the_loop(), house.endpoint(), peer.stream(), 2000);
  stdio->start();
  const std::vector<Pieces> all = cuts(input);
  for (const std::string& piece : all.back()) {
    peer.send(piece);
    house.settle(2);
  }
  for (int i = 0; i < 5; ++i)
    house.pass(base::milliseconds(60));
  peer.read();
  HOLDS(peer.got.empty() || peer.got.back() == '\n');
  for (std::string_view rest = peer.got; !rest.empty();)
    check_message(take_line(rest), true);
  peer.close();
  house.settle();
  stdio->stop();
  house.endpoint().begin_drain();
  house.endpoint().end_feeds("over");
  house.endpoint().abandon_calls("over");
  house.endpoint().end_streams();
  house.settle();
  HOLDS(stdio->open() == 0);
}

}  // namespace fuzz
