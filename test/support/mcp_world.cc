#include "support/mcp_world.h"

#include <algorithm>

#include "base/text.h"
#include "mcp/legacy/numbered_stream.h"

namespace test {

namespace {

template <class T>
void forget(std::vector<T*>& list, T* one) {
  list.erase(std::remove(list.begin(), list.end(), one), list.end());
}

}  // namespace

std::string Answer::header(std::string_view name) const {
  for (std::string_view line : base::split(head, '\n')) {
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos && base::iequals(line.substr(0, colon), name)) {
      return std::string(base::trim(line.substr(colon + 1)));
    }
  }
  return {};
}

Answer read_answer(std::string_view bytes) {
  Answer a;
  const std::size_t end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) return a;
  a.head = bytes.substr(0, end + 2);
  a.body = bytes.substr(end + 4);
  a.status = std::stoi(std::string(bytes.substr(9, 3)));
  return a;
}

// ---- TestTool

TestTool::Run::~Run() {
  forget(tool.runs, this);
}

mcp::Fields TestTool::Arguments::fields() {
  return {mcp::field<&Arguments::text>({.name = "text"}),
          mcp::field<&Arguments::limit>({.name = "limit", .minimum = 1})};
}

TestTool::TestTool(std::string name, bool slow)
    : output_(mcp::Schema::verbatim(R"({"type":"object"})")), slow_(slow) {
  info_.name = std::move(name);
  info_.title = "A tool";
  info_.description = "What it does.";
  info_.meta_json = R"({"plane":"test"})";
}

std::unique_ptr<mcp::ToolRun> TestTool::begin(base::json::Value arguments, mcp::ToolReply& reply) {
  auto read = mcp::Schema::read<Arguments>(arguments);
  if (read && !slow_ && !arguments["text"]) {
    read = base::Error(base::Errc::invalid_argument, "missing required argument 'text': a string");
  }
  if (!read) {
    reply.fail(mcp::ToolError{read.error().what()});
    return nullptr;
  }
  bearers.push_back(reply.caller().bearer);
  callers.push_back(reply.caller());
  texts.push_back(read->text);
  if (round) return round(*this, reply);
  auto run = std::make_unique<Run>(*this, reply);
  if (slow_) return run;
  if (texts.back() == "fail") {
    run->reply.fail("it failed");
  } else if (texts.back() == "none") {
    run->reply.succeed("{}");
    run.reset();
  } else {
    run->reply.succeed(R"({"text":")" + texts.back() + "\"}");
  }
  return run;
}

// ---- TestFamily

TestFamily::TestFamily() {
  info_ = {"test://{name}", "test.things", "Things", "Things to test with.", "text/plain"};
}

TestFamily::Feed::~Feed() {
  forget(family.feeds, this);
}
TestFamily::Read::~Read() {
  forget(family.reads, this);
}

void TestFamily::Feed::on_ending(std::string_view reason) {
  last_words = reason;
  std::string delta;
  base::json::Writer(delta).begin_object().field("end", reason).end_object();
  if (say(delta)) return;
  room_hook = [delta](Feed& feed) { feed.say(delta); };
}

std::unique_ptr<mcp::ToolRun> TestFamily::read(const mcp::Caller&, std::string_view uri,
                                               mcp::ReadReply& reply) {
  auto run = std::make_unique<Read>(*this, reply);
  if (slow_reads) return run;
  if (uri == "test://none") {
    reply.fail({mcp::RpcCode::resource_not_found, "no such thing", {}});
  } else {
    reply.succeed({"text/plain", "content\nof \"it\""});
  }
  return run;
}

std::unique_ptr<mcp::Feed> TestFamily::subscribe(mcp::Subscriber& subscriber) {
  if (mode == Mode::refuse) {
    subscriber.refused({mcp::RpcCode::internal_error, "not now", {}});
    return nullptr;
  }
  auto feed = std::make_unique<Feed>(*this, subscriber);
  if (mode == Mode::wait) return feed;
  subscriber.accepted();
  if (!first_delta.empty() && !feed->say(first_delta) && retry_first) {
    feed->room_hook = [this](Feed& of) { of.say(first_delta); };
  }
  return feed;
}

// ---- TestAuth

mcp::Verdict TestAuth::verdict(std::string_view token) const {
  mcp::Verdict v;
  const auto at = identities.find(token);
  if (at == identities.end()) {
    v.refusal = mcp::Refusal{refusal, refusal == 401 ? "Bearer error=\"invalid_token\"" : "",
                             "the token was refused", retry_after};
  } else {
    const auto end = ends.find(token);
    v.caller = {at->second, std::string(token),
                end == ends.end() ? std::nullopt : std::optional(end->second), loop.now()};
    if (impersonates) v.caller.acts_as = base::Payload(at->second);
    if (const auto client = clients.find(token); client != clients.end())
      v.caller.client_id = client->second;
    if (const auto scope = scopes.find(token); scope != scopes.end())
      v.caller.scope = scope->second;
  }
  return v;
}

std::optional<mcp::Verdict> TestAuth::known(std::optional<std::string_view> authorization) {
  if (!authorization) {
    mcp::Verdict v;
    if (anonymous) {
      v.caller.identity = "anonymous";
    } else {
      v.refusal = mcp::Refusal{401, "Bearer", "a token is needed"};
    }
    return v;
  }
  if (later) return std::nullopt;
  return verdict(authorization->substr(7));
}

std::unique_ptr<mcp::PendingVerdict> TestAuth::ask(std::string_view authorization, std::string_view,
                                                   Fn fn) {
  ++asked;
  auto question = std::make_unique<Question>();
  question->owner = this;
  question->token = authorization.substr(7);
  question->fn = fn;
  questions.push_back(question.get());
  if (!later) answers.schedule();
  return question;
}

void TestAuth::answer_all() {
  while (!later && !questions.empty())
    answer();
}

TestAuth::Question::~Question() {
  forget(owner->questions, this);
}

void TestAuth::answer() {
  ASSERT_FALSE(questions.empty());
  Question* question = questions.front();
  forget(questions, question);
  question->fn(verdict(question->token));
}

// ---- EventStream

void EventStream::read() {
  peer->read();
  raw += peer->take();
}

std::string EventStream::body(bool* whole) {
  read();
  std::string out;
  *whole = false;
  std::string rest = read_answer(raw).body;
  for (;;) {
    const std::size_t line = rest.find("\r\n");
    if (line == std::string::npos) return out;
    const std::size_t size = std::stoul(rest.substr(0, line), nullptr, 16);
    if (rest.size() < line + 2 + size + 2) return out;
    if (size == 0) *whole = true;
    out += rest.substr(line + 2, size);
    rest.erase(0, line + 2 + size + 2);
  }
}

// "01abcdefs0_1" is "s0_1".
static std::string without_salt(std::string id) {
  return id.size() > mcp::legacy::kSaltBytes ? id.substr(mcp::legacy::kSaltBytes) : id;
}

std::string McpWorld::event_id(std::string_view session, std::string_view event) {
  return mcp::legacy::event_salt(session).append(event);
}

std::vector<http::sse::Event> EventStream::events() {
  bool whole = false;
  const std::string text = body(&whole);
  std::vector<http::sse::Event> out;
  http::sse::Reader reader;
  std::string_view rest = text;
  for (http::sse::Event event; reader.next(rest, event);) {
    event.id = without_salt(event.id);
    if (event.has_data && !event.data.empty()) out.push_back(event);
  }
  return out;
}

std::vector<http::sse::Event> EventStream::primes() {
  bool whole = false;
  const std::string text = body(&whole);
  std::vector<http::sse::Event> out;
  http::sse::Reader reader;
  std::string_view rest = text;
  for (http::sse::Event event; reader.next(rest, event);) {
    event.id = without_salt(event.id);
    if (event.has_data && event.data.empty()) out.push_back(event);
  }
  return out;
}

std::vector<std::string> EventStream::data() {
  std::vector<std::string> out;
  for (http::sse::Event& event : events())
    out.push_back(std::move(event.data));
  return out;
}

std::string EventStream::comments() {
  bool whole = false;
  const std::string text = body(&whole);
  std::string out;
  http::sse::Reader reader;
  std::string_view rest = text;
  for (http::sse::Event event; reader.next(rest, event);) {
    if (!event.has_data) out += (out.empty() ? "" : ",") + event.comment;
  }
  return out;
}

bool EventStream::ended() {
  bool whole = false;
  body(&whole);
  return whole;
}

// ---- McpWorld

McpWorld::McpWorld() {
  auto echo_tool = std::make_unique<TestTool>("test.echo", false);
  auto slow_tool = std::make_unique<TestTool>("test.slow", true);
  auto things = std::make_unique<TestFamily>();
  echo = echo_tool.get();
  slow = slow_tool.get();
  family = things.get();
  registry.add(std::move(slow_tool));
  registry.add(std::move(echo_tool));
  registry.add(std::move(things));
  auth.identities = {{"alice-1", "alice"}, {"alice-2", "alice"}, {"bob-1", "bob"}};
  handler.script = [this](const http::Request& request, http::Reply reply) {
    if (endpoint->admit(request, reply)) endpoint->on_request(request, std::move(reply));
  };
  mcp::shared::Options options;
  options.server_version = "1.2.3";
  options.instructions = "Be kind.";
  restart(options);
}

McpWorld::~McpWorld() {
  stop_endpoint();
  base::log::configure({});
  EXPECT_TRUE(slow->runs.empty());
  EXPECT_TRUE(family->feeds.empty());
  EXPECT_TRUE(family->reads.empty());
}

void McpWorld::restart(mcp::shared::Options options) {
  stop_endpoint();
  endpoint = std::make_unique<mcp::endpoint::Endpoint>(loop, registry, auth, std::move(options));
}

void McpWorld::stop_endpoint() {
  endpoint.reset();
  settle();
}

std::string McpWorld::request(std::string_view method, std::string_view headers,
                              std::string_view body) {
  std::string out(method);
  out += " /mcp HTTP/1.1\r\n";
  const auto unless_given = [&](std::string_view name, std::string_view value) {
    if (contains(headers, std::string(name) + ":")) return;
    out.append(name).append(": ").append(value).append("\r\n");
  };
  unless_given("Host", "127.0.0.1:6767");
  if (method == "POST") {
    unless_given("Content-Type", "application/json");
    unless_given("Accept", "application/json, text/event-stream");
  }
  if (!body.empty()) unless_given("Content-Length", std::to_string(body.size()));
  for (std::string_view line : base::split(headers, '\n')) {
    // "Accept:" alone in a test means: no such header.
    if (!line.empty() && !base::trim(line).ends_with(':')) out.append(line).append("\n");
  }
  return out.append("\r\n").append(body);
}

std::unique_ptr<Peer> McpWorld::post_later(std::string_view body, std::string_view headers) {
  auto peer = connect();
  peer->send(request("POST", headers, body));
  settle();
  return peer;
}

Answer McpWorld::answer_of(Peer& peer) {
  peer.read();
  return read_answer(peer.got);
}

Answer McpWorld::ask_http(std::string_view method, std::string_view headers,
                          std::string_view body) {
  auto peer = connect();
  peer->send(request(method, headers, body));
  settle();
  return answer_of(*peer);
}

std::string McpWorld::rpc(std::string_view method, std::string_view params, std::string_view id) {
  std::string out = R"({"jsonrpc":"2.0","id":)";
  out.append(id).append(R"(,"method":")").append(method).append("\"");
  if (!params.empty()) out.append(R"(,"params":)").append(params);
  return out.append("}");
}

std::string McpWorld::notification(std::string_view method, std::string_view params) {
  std::string out = R"({"jsonrpc":"2.0","method":")";
  return out.append(method).append(R"(","params":)").append(params).append("}");
}

std::string McpWorld::open(std::string_view version, std::string_view headers) {
  std::string params = R"({"protocolVersion":")";
  params.append(version).append(
      R"(","capabilities":{},"clientInfo":{"name":"a client","version":"9"}})");
  const Answer answer = post(rpc("initialize", params, "0"), headers);
  EXPECT_EQ(answer.status, 200) << answer.body;
  return answer.header("Mcp-Session-Id");
}

std::unique_ptr<EventStream> McpWorld::listen(std::string_view session, std::string_view headers,
                                              int send_buffer) {
  auto stream = std::make_unique<EventStream>();
  stream->peer = connect(send_buffer);
  stream->peer->send(
      request("GET", "Accept: text/event-stream\r\n" + in(session) + std::string(headers), {}));
  settle();
  stream->read();
  return stream;
}

void McpWorld::drain(EventStream& stream) {
  std::size_t before = 0;
  do {
    before = stream.raw.size();
    settle(4);
    stream.read();
  } while (stream.raw.size() > before);
}

Answer McpWorld::subscribe(std::string_view session, std::string_view uri,
                           std::string_view headers) {
  std::string params = R"({"uri":")";
  params.append(uri).append("\"}");
  return post(rpc("resources/subscribe", params, "7"), in(session) + std::string(headers));
}

}  // namespace test
