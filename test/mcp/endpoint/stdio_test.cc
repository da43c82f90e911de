// One client on a pair of streams: lines in, lines out, through the same endpoint as HTTP.
#include "mcp/endpoint/stdio.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "support/mcp_world.h"

namespace {

using test::Peer;

struct McpStdio : test::McpWorld {
  McpStdio() { begin(); }
  ~McpStdio() override {
    stdio.reset();
    settle(2);
  }

  void begin(std::size_t max_message = base::limits::kBodyBytes, int send_buffer = 0,
             base::Budget* answers = nullptr) {
    stdio.reset();
    int fds[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
    if (send_buffer) setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof send_buffer);
    peer = std::make_unique<Peer>();
    peer->fd = base::Fd(fds[1]);
    stdio = std::make_unique<mcp::endpoint::Stdio>(
        loop, *endpoint, std::make_unique<net::TcpStream>(loop, base::Fd(fds[0])), max_message,
        answers);
    stdio->when_ended(ended.fn());
    stdio->when_done(done.fn());
    stdio->start();
  }
  // The lines that come back for these.
  std::vector<std::string> say(std::string_view lines) {
    peer->send(lines);
    settle();
    return lines_now();
  }
  std::vector<std::string> line(std::string_view message) {
    return say(std::string(message) + "\n");
  }
  std::vector<std::string> lines_now() {
    settle();
    peer->read();
    std::vector<std::string> out;
    std::string got = peer->take();
    for (std::size_t end; (end = got.find('\n')) != std::string::npos; got.erase(0, end + 1))
      out.push_back(got.substr(0, end));
    EXPECT_EQ(got, "") << "a line without an end";
    base::json::Document doc;
    for (const std::string& each : out)
      EXPECT_TRUE(doc.parse(each)) << each;
    return out;
  }
  void handshake() {
    ASSERT_EQ(line(rpc("initialize", kInitialize, "0")).size(), 1u);
    ASSERT_EQ(line(notification("notifications/initialized")).size(), 0u);
  }
  // params of revision 2026-07-28, with these members.
  static std::string modern(std::string_view more = {}) {
    std::string out = R"({"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
                      R"("io.modelcontextprotocol/clientCapabilities":{}})";
    return out.append(more.empty() ? "" : ",").append(more).append("}");
  }
  static std::string error(std::string_view id, std::string_view code) {
    return "{\"jsonrpc\":\"2.0\"," + (id.empty() ? "" : "\"id\":" + std::string(id) + ",") +
           "\"error\":{\"code\":" + std::string(code);
  }

  static constexpr std::string_view kInitialize =
      R"({"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"x","version":"1"}})";
  std::unique_ptr<Peer> peer;
  test::Count ended, done;
  std::unique_ptr<mcp::endpoint::Stdio> stdio;
};

TEST_F(McpStdio, ASessionIsServedLineByLine) {
  const auto initialized = line(rpc("initialize", kInitialize, "\"a\""));
  ASSERT_EQ(initialized.size(), 1u);
  EXPECT_TRUE(
      test::contains(initialized[0], R"("id":"a","result":{"protocolVersion":"2025-11-25")"));
  EXPECT_EQ(line(notification("notifications/initialized")).size(), 0u);
  EXPECT_EQ(line(rpc("ping", "{}", "7")),
            std::vector<std::string>{R"({"jsonrpc":"2.0","id":7,"result":{}})"});
  const auto unknown = line(rpc("no/such", "{}", "8"));
  ASSERT_EQ(unknown.size(), 1u);
  EXPECT_TRUE(unknown[0].starts_with(error("8", "-32601")));
  EXPECT_EQ(sessions(), 1u);
}

TEST_F(McpStdio, LinesMayComeInAnyPieces) {
  const std::string all = rpc("initialize", kInitialize, "0") + "\r\n\n  \n" +
                          rpc("ping", "{}", "1") + "\n" + rpc("ping", "{}", "2") + "\n";
  std::vector<std::string> got;
  for (const char c : all) {
    for (std::string& each : say({&c, 1}))
      got.push_back(std::move(each));
  }
  ASSERT_EQ(got.size(), 3u);
  EXPECT_EQ(got[2], R"({"jsonrpc":"2.0","id":2,"result":{}})");
}

TEST_F(McpStdio, WhatIsNoMessageGetsAnErrorWithoutId) {
  handshake();
  for (const std::string_view broken : {"nonsense", "{", "\"x\"", "{}", "[]", "\xff\xfe"}) {
    const auto got = line(broken);
    ASSERT_EQ(got.size(), 1u) << broken;
    EXPECT_TRUE(got[0].starts_with("{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32")) << got[0];
  }
  EXPECT_EQ(line(rpc("ping")).size(), 1u);
}

TEST_F(McpStdio, ALineLongerThanAMessageMayBeIsSkippedWhole) {
  begin(200);
  const auto got = say(std::string(5000, 'x') + "\n" + rpc("initialize", kInitialize, "0") + "\n");
  ASSERT_EQ(got.size(), 2u);
  EXPECT_TRUE(got[0].starts_with(error("", "-32700"))) << got[0];
  EXPECT_TRUE(test::contains(got[0], "at most 200 bytes"));
  EXPECT_TRUE(test::contains(got[1], "\"result\""));
}

TEST_F(McpStdio, BeforeInitializeARequestIsToldHowToBegin) {
  const auto got = line(rpc("tools/list", "{}", "3"));
  ASSERT_EQ(got.size(), 1u);
  EXPECT_TRUE(got[0].starts_with(error("3", "-32600"))) << got[0];
  EXPECT_TRUE(test::contains(got[0], "initialize"));
  EXPECT_EQ(line(notification("notifications/initialized")).size(), 0u);
  EXPECT_EQ(line(R"({"jsonrpc":"2.0","id":1,"result":{}})").size(), 0u);
}

TEST_F(McpStdio, ChangesOfWhatIsSubscribedComeWithoutAnyStreamToOpen) {
  handshake();
  EXPECT_EQ(line(rpc("resources/subscribe", R"({"uri":"test://a"})", "4")).size(), 1u);
  ASSERT_EQ(family->feeds.size(), 1u);
  EXPECT_TRUE(family->feeds[0]->say("1"));
  const auto got = lines_now();
  ASSERT_EQ(got.size(), 1u);
  EXPECT_TRUE(test::contains(got[0], "notifications/resources/updated"));
  EXPECT_TRUE(test::contains(got[0], "test://a"));
}

TEST_F(McpStdio, ACancelledCallOfTheSessionGetsNoAnswer) {
  handshake();
  EXPECT_EQ(line(rpc("tools/call", R"({"name":"test.slow"})", "9")).size(), 0u);
  ASSERT_EQ(slow->runs.size(), 1u);
  EXPECT_EQ(line(notification("notifications/cancelled", R"({"requestId":9})")).size(), 0u);
  EXPECT_EQ(slow->runs.size(), 0u);
  EXPECT_EQ(line(rpc("ping", "{}", "10")).size(), 1u);
}

TEST_F(McpStdio, ASecondInitializeEndsTheFirstSession) {
  handshake();
  EXPECT_EQ(line(rpc("resources/subscribe", R"({"uri":"test://a"})", "4")).size(), 1u);
  EXPECT_EQ(line(rpc("initialize", kInitialize, "5")).size(), 1u);
  EXPECT_EQ(sessions(), 1u);
  EXPECT_EQ(family->feeds.size(), 0u);
  EXPECT_EQ(line(rpc("ping", "{}", "6")).size(), 1u);
}

// ---- the modern era

TEST_F(McpStdio, AModernRequestNeedsNoHandshakeAndNoHeaders) {
  const auto got = line(rpc("server/discover", modern(), "\"d\""));
  ASSERT_EQ(got.size(), 1u);
  EXPECT_TRUE(test::contains(got[0], R"("id":"d","result":{"resultType":"complete")")) << got[0];
  EXPECT_EQ(sessions(), 0u);
  const auto echoed = line(
      rpc("tools/call", modern(R"("name":"test.echo","arguments":{"text":"a","limit":3})"), "2"));
  ASSERT_EQ(echoed.size(), 1u);
  EXPECT_TRUE(test::contains(echoed[0], R"("resultType":"complete")")) << echoed[0];
  const auto removed = line(rpc("ping", modern(), "3"));
  ASSERT_EQ(removed.size(), 1u);
  EXPECT_TRUE(removed[0].starts_with(error("3", "-32601"))) << removed[0];
}

TEST_F(McpStdio, ARequestOfAnUnknownRevisionLearnsWhichAreSpoken) {
  const auto got = line(rpc("tools/list",
                            R"({"_meta":{"io.modelcontextprotocol/protocolVersion":"v9",)"
                            R"("io.modelcontextprotocol/clientCapabilities":{}}})",
                            "3"));
  ASSERT_EQ(got.size(), 1u);
  EXPECT_TRUE(got[0].starts_with(error("3", "-32022"))) << got[0];
}

TEST_F(McpStdio, AnArgumentThatAHeaderRepeatsOverHttpNeedsNoneHere) {
  struct Region {
    std::string region;
    static mcp::Fields fields() {
      return {mcp::field<&Region::region>({.name = "region", .header = "Region"})};
    }
  };
  class RegionTool final : public mcp::TypedTool<Region> {
   public:
    RegionTool() : TypedTool({.name = "test.region"}) {}
    std::unique_ptr<mcp::ToolRun> start(Region arguments,
                                        mcp::TypedCall<mcp::ToolResult> call) override {
      call.succeed("in " + arguments.region);
      return nullptr;
    }
  };
  registry.add(std::make_unique<RegionTool>());
  const auto got =
      line(rpc("tools/call", modern(R"("name":"test.region","arguments":{"region":"eu"})"), "2"));
  ASSERT_EQ(got.size(), 1u);
  EXPECT_TRUE(test::contains(got[0], "in eu")) << got[0];
}

TEST_F(McpStdio, ACancelledModernRequestGetsNoMoreWord) {
  EXPECT_EQ(line(rpc("tools/call", modern(R"("name":"test.slow")"), "9")).size(), 0u);
  ASSERT_EQ(slow->runs.size(), 1u);
  EXPECT_EQ(line(notification("notifications/cancelled", R"({"requestId":"9"})")).size(), 0u);
  EXPECT_EQ(slow->runs.size(), 1u) << "another id";
  EXPECT_EQ(line(notification("notifications/cancelled", R"({"requestId":9})")).size(), 0u);
  EXPECT_EQ(slow->runs.size(), 0u);
}

TEST_F(McpStdio, ListenStreamsShareTheOutputAndEndByCancellation) {
  const auto opened =
      line(rpc("subscriptions/listen",
               modern(R"("notifications":{"resourceSubscriptions":["test://a"]})"), "\"l\""));
  ASSERT_EQ(opened.size(), 1u);
  EXPECT_TRUE(test::contains(opened[0], "notifications/subscriptions/acknowledged")) << opened[0];
  ASSERT_EQ(family->feeds.size(), 1u);
  EXPECT_TRUE(family->feeds[0]->say("1"));
  const auto told = lines_now();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_TRUE(test::contains(told[0], R"("io.modelcontextprotocol/subscriptionId":"l")"))
      << told[0];
  EXPECT_EQ(line(notification("notifications/cancelled", R"({"requestId":"l"})")).size(), 0u);
  EXPECT_EQ(family->feeds.size(), 0u);
  EXPECT_EQ(stdio->open(), 0u);
}

// ---- tasks: their id is in no header here, and what follows one comes on the shared output

struct McpStdioTask : McpStdio {
  using Call = mcp::TypedCall<mcp::ToolResult>;
  struct Job final : mcp::TypedTool<mcp::NoArguments> {
    struct Run final : mcp::ToolRun {
      Run(Job& of, Call to) : job(of), call(to) { job.run = this; }
      ~Run() override { job.run = nullptr; }
      Job& job;
      Call call;
    };
    Job() : TypedTool({.name = "test.job", .tasks = mcp::TaskSupport::optional}) {}
    std::unique_ptr<mcp::ToolRun> start(mcp::NoArguments, Call call) override {
      if (call.becomes_task()) return nullptr;
      if (ask && !call->answers().elicited("sure")) {
        call->ask({mcp::Question::form("sure", "Sure?", R"({"type":"object","properties":{}})")});
        return nullptr;
      }
      return std::make_unique<Run>(*this, call);
    }
    bool ask = false;
    Run* run = nullptr;  // the newest, while it is alive
  };
  McpStdioTask() {
    auto made = std::make_unique<Job>();
    job = made.get();
    registry.add(std::move(made));
  }
  static std::string able(std::string_view more) {
    std::string out = R"({"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
                      R"("io.modelcontextprotocol/clientCapabilities":{"elicitation":{},)"
                      R"("extensions":{"io.modelcontextprotocol/tasks":{}}}},)";
    return out.append(more).append("}");
  }
  // The result of the one line that comes back for this request, or its error.
  base::json::Value ask(std::string_view method, std::string_view more) {
    const auto got = line(rpc(method, able(more), "\"t\""));
    if (got.size() != 1) return {};
    const auto root = *doc.parse(got[0]);
    EXPECT_EQ(root["id"].str(), "t") << got[0];
    return root["result"] ? root["result"] : root["error"];
  }
  std::string begin_job() {
    const auto made = ask("tools/call", R"("name":"test.job","arguments":{})");
    EXPECT_EQ(made["resultType"].str(), "task") << made.to_json();
    return std::string(made["taskId"].str());
  }
  static std::string of(const std::string& id, std::string_view more = {}) {
    return "\"taskId\":\"" + id + "\"" + std::string(more);
  }
  Job* job;
  base::json::Document doc;
};

TEST_F(McpStdioTask, ACallGoesOnAsATaskAndItsResultIsFetched) {
  const std::string id = begin_job();
  ASSERT_TRUE(job->run);
  EXPECT_EQ(ask("tasks/get", of(id))["status"].str(), "working");
  EXPECT_EQ(ask("tasks/get", of("other"))["code"].to_json(), "-32602");
  job->run->call.succeed("done");
  settle();
  const auto over = ask("tasks/get", of(id));
  EXPECT_EQ(over["status"].str(), "completed") << over.to_json();
  EXPECT_EQ(over["result"]["content"].at(0)["text"].str(), "done") << over.to_json();
}

TEST_F(McpStdioTask, CancellingEndsTheWork) {
  const std::string id = begin_job();
  ASSERT_TRUE(job->run);
  EXPECT_EQ(ask("tasks/cancel", of(id))["resultType"].str(), "complete");
  EXPECT_FALSE(job->run);
  EXPECT_EQ(ask("tasks/get", of(id))["status"].str(), "cancelled");
}

TEST_F(McpStdioTask, ItsQuestionIsAnsweredAndItGoesOn) {
  job->ask = true;
  const std::string id = begin_job();
  const auto asking = ask("tasks/get", of(id));
  EXPECT_EQ(asking["status"].str(), "input_required") << asking.to_json();
  EXPECT_EQ(asking["inputRequests"]["sure"]["method"].str(), "elicitation/create");
  EXPECT_FALSE(job->run);
  ask("tasks/update", of(id, R"(,"inputResponses":{"sure":{"action":"accept","content":{}}})"));
  EXPECT_TRUE(job->run);
  EXPECT_EQ(ask("tasks/get", of(id))["status"].str(), "working");
}

TEST_F(McpStdioTask, WhoListensHearsOfItsEndOnTheSameOutput) {
  const std::string id = begin_job();
  const auto opened = line(
      rpc("subscriptions/listen", able(R"("notifications":{"taskIds":[")" + id + "\"]}"), "\"l\""));
  ASSERT_EQ(opened.size(), 2u) << "acknowledged, and how it is now";
  EXPECT_TRUE(test::contains(opened[0], "\"taskIds\":[\"" + id + "\"]")) << opened[0];
  EXPECT_TRUE(test::contains(opened[1], "\"status\":\"working\"")) << opened[1];
  job->run->call.succeed("done");
  const auto told = lines_now();
  ASSERT_EQ(told.size(), 2u) << "its end, and as nothing else is listened for, the listening's";
  EXPECT_TRUE(test::contains(told[0], "notifications/tasks")) << told[0];
  EXPECT_TRUE(test::contains(told[0], "\"status\":\"completed\"")) << told[0];
  EXPECT_TRUE(test::contains(told[1], R"("id":"l","result":)")) << told[1];
  EXPECT_EQ(stdio->open(), 0u);
}

TEST_F(McpStdio, BothErasShareOneInput) {
  handshake();
  EXPECT_EQ(line(rpc("ping", "{}", "1")).size(), 1u);
  const auto modern_list = line(rpc("tools/list", modern(), "2"));
  ASSERT_EQ(modern_list.size(), 1u);
  EXPECT_TRUE(test::contains(modern_list[0], "resultType")) << modern_list[0];
  const auto legacy_list = line(rpc("tools/list", "{}", "3"));
  ASSERT_EQ(legacy_list.size(), 1u);
  EXPECT_FALSE(test::contains(legacy_list[0], "resultType")) << legacy_list[0];
}

TEST_F(McpStdio, AnswersComeInTheOrderInWhichTheyAreReady) {
  handshake();
  EXPECT_EQ(line(rpc("tools/call", R"({"name":"test.slow"})", "1")).size(), 0u);
  const auto first = line(rpc("ping", "{}", "2"));
  ASSERT_EQ(first.size(), 1u);
  EXPECT_TRUE(test::contains(first[0], "\"id\":2"));
  slow->runs[0]->reply.succeed("{}");
  const auto second = lines_now();
  ASSERT_EQ(second.size(), 1u);
  EXPECT_TRUE(test::contains(second[0], "\"id\":1"));
}

TEST_F(McpStdio, TheEndOfInputIsToldOnceAndAnswersStillCome) {
  handshake();
  peer->send(rpc("tools/call", R"({"name":"test.slow"})", "1") + "\n" + rpc("ping", "{}", "2"));
  peer->half_close();
  const auto got = lines_now();
  ASSERT_EQ(got.size(), 1u) << "the last line needs no line end";
  EXPECT_EQ(ended.n, 1);
  stdio->stop();
  settle();
  EXPECT_EQ(done.n, 0);
  EXPECT_GT(stdio->open(), 0u);
  slow->runs[0]->reply.succeed("{}");
  EXPECT_EQ(lines_now().size(), 1u);
  endpoint->begin_drain();
  endpoint->end_feeds("over");
  endpoint->end_streams();
  settle();
  EXPECT_EQ(stdio->open(), 0u);
  EXPECT_GT(done.n, 0);
  EXPECT_EQ(ended.n, 1);
}

TEST_F(McpStdio, AfterStopNothingMoreIsRead) {
  handshake();
  stdio->stop();
  EXPECT_EQ(line(rpc("ping")).size(), 0u);
}

TEST_F(McpStdio, AClientThatIsGoneIsTheEndAndLeavesNothing) {
  handshake();
  EXPECT_EQ(line(rpc("resources/subscribe", R"({"uri":"test://a"})", "4")).size(), 1u);
  peer->close();
  settle();
  EXPECT_EQ(ended.n, 1);
  EXPECT_TRUE(family->feeds[0]->say("1"));
  settle();
  EXPECT_EQ(endpoint->stats().streams, 0u);
}

TEST_F(McpStdio, AReaderThatTakesNothingBoundsWhatWaits) {
  begin(base::limits::kBodyBytes, 4096);
  handshake();
  // Many at once, each with the longest id, which its answer repeats.
  std::string request;
  while (request.size() < 100'000)
    request += rpc("ping", "{}", "\"" + std::string(200, 'x') + "\"") + "\n";
  for (int i = 0; i < 200; ++i) {
    // Not read any more once enough waits: the client's own writes then block.
    if (::send(peer->fd.get(), request.data(), request.size(), MSG_NOSIGNAL) < 0) break;
    settle(200);
    ASSERT_LT(i, 199) << "all of 20 MB was read";
  }
  peer->read();
  for (int i = 0; i < 2000; ++i) {
    settle(2);
    peer->read();
  }
  EXPECT_GT(peer->take().size(), 1000000u) << "what waited comes when it is read";
}

// Bug: one read of 64 KiB was answered whole, whatever waited already: a client ended a server with a
// memory limit.
TEST_F(McpStdio, ATurnTakesAFewMessagesAndNoneWhileMuchWaits) {
  base::Budget answers(base::Budget::kNone);
  begin(base::limits::kBodyBytes, 4096, &answers);
  handshake();
  EXPECT_EQ(answers.used(), 0u);
  // Each answer is longer than its question.
  std::string requests;
  constexpr int kRequests = 600;
  for (int i = 0; i < kRequests; ++i)
    requests += rpc("tools/list", "{}", std::to_string(i)) + "\n";
  ASSERT_LT(requests.size(), 60'000u) << "one read";
  peer->send(requests);
  settle(200);
  EXPECT_GT(answers.used(), base::limits::kStreamQueueBytes / 2);
  EXPECT_LT(answers.used(), 3 * base::limits::kStreamQueueBytes);
  int lines = 0;
  for (int i = 0; i < 20000 && lines < kRequests; ++i) {
    settle(1);
    peer->read();
    const std::string got = peer->take();
    lines += static_cast<int>(std::count(got.begin(), got.end(), '\n'));
  }
  EXPECT_EQ(lines, kRequests) << "none is lost";
  settle();
  EXPECT_EQ(answers.used(), 0u);
  stdio.reset();
  settle(2);
}

TEST_F(McpStdio, TooManyRequestsUnderWayAreRefused) {
  handshake();
  std::string many;
  for (std::size_t i = 0; i < mcp::endpoint::kStdioMessages + 10; ++i)
    many += rpc("tools/call", R"({"name":"test.slow"})", std::to_string(i)) + "\n";
  for (std::string_view rest = many; !rest.empty();) {
    const ssize_t n = ::send(peer->fd.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
    if (n > 0) rest.remove_prefix(static_cast<std::size_t>(n));
    settle(4);
  }
  for (const std::string& each : lines_now())
    EXPECT_TRUE(test::contains(each, "-32603")) << each;
}

}  // namespace
