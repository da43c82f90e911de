// The world of the MCP tests: an Endpoint behind a real http::Server on virtual time, tools and
// resources that do what a test says, an authenticator that knows what a test tells it, and clients
// that speak HTTP bytes.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/json.h"
#include "http/sse.h"
#include "mcp/endpoint/endpoint.h"
#include "support/http_server_world.h"

namespace test {

// One whole answer.
struct Answer {
  int status = 0;
  std::string head, body;
  std::string header(std::string_view name) const;
  bool has(std::string_view part) const { return contains(body, part); }
};
Answer read_answer(std::string_view bytes);

// Answers at once ("echo"), or when the test says so: the newest run is the last of `runs`.
class TestTool final : public mcp::Tool {
 public:
  // Where a run's outcome goes: any JSON is a result.
  struct Reply {
    mcp::ToolReply& call;
    void succeed(std::string json) const { call.succeed({.structured_json = std::move(json)}); }
    void fail(std::string message) const { call.fail(mcp::ToolError{std::move(message)}); }
  };
  struct Run final : mcp::ToolRun {
    Run(TestTool& of, mcp::ToolReply& to) : tool(of), reply{to} { tool.runs.push_back(this); }
    ~Run() override;
    TestTool& tool;
    Reply reply;
  };
  struct Arguments {
    std::string text;
    std::int64_t limit = 0;
    static mcp::Fields fields();
  };
  TestTool(std::string name, bool slow);
  const mcp::ToolInfo& info() const override { return info_; }
  mcp::ToolInfo& change_info() { return info_; }  // before it is added
  const mcp::Schema& input() const override { return mcp::Schema::of<Arguments>(); }
  const mcp::Schema* output() const override { return &output_; }
  std::unique_ptr<mcp::ToolRun> begin(base::json::Value arguments, mcp::ToolReply& reply) override;
  std::vector<Run*> runs;  // alive
  std::vector<std::string> bearers, texts;
  std::vector<mcp::Caller> callers;
  // Instead of the rest, when set: one round.
  std::function<std::unique_ptr<mcp::ToolRun>(TestTool&, mcp::ToolReply&)> round;

 private:
  mcp::ToolInfo info_;
  mcp::Schema output_;
  bool slow_;
};

// k0rdent-like resources under test://: every URI of it can be read and subscribed.
class TestFamily final : public mcp::ResourceFamily {
 public:
  struct Feed final : mcp::Feed {
    Feed(TestFamily& of, mcp::Subscriber& to) : family(of), subscriber(to) {
      family.feeds.push_back(this);
    }
    ~Feed() override;
    void on_room() override {
      ++rooms;
      if (room_hook) room_hook(*this);
    }
    void on_credentials(const mcp::Caller& caller) override { bearer = caller.bearer; }
    void on_ending(std::string_view reason) override;
    bool say(std::string_view delta) {
      return subscriber.publish(mcp::update_frame(subscriber.uri(), delta));
    }
    TestFamily& family;
    mcp::Subscriber& subscriber;
    std::function<void(Feed&)> room_hook;
    std::string bearer, last_words;
    int rooms = 0;
  };
  struct Read final : mcp::ToolRun {
    Read(TestFamily& of, mcp::ReadReply& to) : family(of), reply(to) {
      family.reads.push_back(this);
    }
    ~Read() override;
    TestFamily& family;
    mcp::ReadReply& reply;
  };
  TestFamily();
  const mcp::ResourceInfo& info() const override { return info_; }
  bool owns(std::string_view uri) const override { return uri.starts_with("test://"); }
  std::unique_ptr<mcp::ToolRun> read(const mcp::Caller& caller, std::string_view uri,
                                     mcp::ReadReply& reply) override;
  std::unique_ptr<mcp::Feed> subscribe(mcp::Subscriber& subscriber) override;

  enum class Mode { accept, refuse, wait } mode = Mode::accept;  // what subscribe does
  bool slow_reads = false;
  std::string first_delta;   // published inside subscribe, after accepted
  bool retry_first = false;  // and when there is room, if there was none
  std::vector<Feed*> feeds;  // alive
  std::vector<Read*> reads;  // alive

 private:
  mcp::ResourceInfo info_;
};

// "Bearer TOKEN" is TOKEN's identity in `identities`; without a header: "anonymous", if allowed.
class TestAuth final : public mcp::Authenticator {
 public:
  explicit TestAuth(loop::Loop& on)
      : loop(on),
        answers(on, "test verdicts", loop::Deferred::Fn::bind<&TestAuth::answer_all>(this)) {}
  std::optional<mcp::Verdict> known(std::optional<std::string_view> authorization) override;
  std::unique_ptr<mcp::PendingVerdict> ask(std::string_view authorization, std::string_view peer,
                                           Fn fn) override;
  bool expires() const override { return expire; }
  mcp::Refusal lacks(mcp::Scope needed) const override {
    return {403, "Bearer error=\"insufficient_scope\"",
            "needs scope " + std::to_string(static_cast<int>(needed))};
  }

  struct Question final : mcp::PendingVerdict {
    ~Question() override;
    TestAuth* owner;
    std::string token;
    Fn fn;
  };
  // Answers the oldest question; without `later` each is answered in the turn that asked it.
  void answer();
  void answer_all();
  mcp::Verdict verdict(std::string_view token) const;

  std::map<std::string, std::string, std::less<>> identities;
  bool anonymous = true, later = false, expire = false;
  std::map<std::string, base::TimePoint, std::less<>> ends;  // of tokens that say when
  std::map<std::string, mcp::Scope, std::less<>> scopes;     // of tokens; others: write
  std::map<std::string, std::string, std::less<>> clients;   // that tokens were given to
  bool impersonates = false;                                 // callers act as their identity
  int refusal = 401;                                         // of a token that is not known
  base::Duration retry_after = mcp::kTryAgain;               // with it
  int asked = 0;
  std::vector<Question*> questions;
  loop::Loop& loop;
  loop::Deferred answers;
};

// A GET's event stream.
struct EventStream {
  std::unique_ptr<Peer> peer;
  std::string raw;
  void read();
  Answer head() const { return read_answer(raw); }
  // Ids are shown without what the session adds to them: "s0_1".
  std::vector<http::sse::Event> events();  // messages, so far
  std::vector<http::sse::Event> primes();  // ids without a message
  std::vector<std::string> data();
  std::string comments();  // joined by ','
  bool ended();            // with the terminating chunk
  bool cut() const { return peer->eof || peer->reset; }

 private:
  std::string body(bool* whole);
};

class McpWorld : public HttpServerWorld {
 protected:
  McpWorld();
  ~McpWorld() override;
  // With these options instead of the defaults; ends what was there.
  void restart(mcp::shared::Options options);
  void stop_endpoint();

  static std::string request(std::string_view method, std::string_view headers,
                             std::string_view body);
  // One request on a connection of its own; Host, Content-Type and Accept as an SDK sends them
  // unless `headers` has them. Status 0: not answered yet.
  Answer ask_http(std::string_view method, std::string_view headers, std::string_view body = {});
  Answer post(std::string_view body, std::string_view headers = {}) {
    return ask_http("POST", headers, body);
  }
  // The same, without waiting for the answer: read it by answer_of().
  std::unique_ptr<Peer> post_later(std::string_view body, std::string_view headers = {});
  Answer answer_of(Peer& peer);
  // {"jsonrpc":"2.0","id":ID,"method":METHOD,"params":PARAMS}
  static std::string rpc(std::string_view method, std::string_view params = "{}",
                         std::string_view id = "1");
  static std::string notification(std::string_view method, std::string_view params = "{}");
  // Header lines of a session.
  static std::string in(std::string_view session) {
    return "Mcp-Session-Id: " + std::string(session) + "\r\n";
  }
  // "s0_1" of a session as it stands in its streams, and the header of a client that saw it.
  static std::string event_id(std::string_view session, std::string_view event);
  static std::string returning(std::string_view session, std::string_view event) {
    return "Last-Event-ID: " + event_id(session, event) + "\r\n";
  }
  static std::string bearer(std::string_view token) {
    return "Authorization: Bearer " + std::string(token) + "\r\n";
  }
  // A new session's id.
  std::string open(std::string_view version = "2025-11-25", std::string_view headers = {});
  std::unique_ptr<EventStream> listen(std::string_view session, std::string_view headers = {},
                                      int send_buffer = 0);
  // Reads until nothing more comes.
  void drain(EventStream& stream);
  // Less log than usual, for tests that make very much of it.
  void be_quiet() { base::log::configure({base::log::Level::error, base::log::Format::json, 2}); }
  Answer subscribe(std::string_view session, std::string_view uri, std::string_view headers = {});
  std::size_t sessions() const { return endpoint->stats().sessions; }

  mcp::Registry registry;
  TestAuth auth{loop};
  TestTool* echo;
  TestTool* slow;
  TestFamily* family;
  std::unique_ptr<mcp::endpoint::Endpoint> endpoint;
};

}  // namespace test
