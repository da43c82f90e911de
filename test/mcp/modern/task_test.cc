// Calls that go on as tasks: their life, their questions, who may see them and hears of them, how
// they end, what they may keep.
#include <gtest/gtest.h>

#include "mcp/modern/task_table.h"
#include "support/modern_world.h"

namespace {

using mcp::Question;
using mcp::TaskSupport;
using test::Answer;
using test::contains;
using Call = mcp::TypedCall<mcp::ToolResult>;

struct Ok {
  bool ok = false;
  static mcp::Fields fields() { return {mcp::field<&Ok::ok>({.name = "ok"})}; }
};
struct Text {
  std::string text;
  static mcp::Fields fields() { return {mcp::field<&Text::text>({.name = "text"})}; }
};

// Becomes a task when it can; each round in it does what the test says, or waits.
class Job final : public mcp::TypedTool<Text> {
 public:
  struct Run final : mcp::ToolRun {
    Run(Job& of, Call to) : job(of), call(to) { job.runs.push_back(this); }
    ~Run() override { std::erase(job.runs, this); }
    Job& job;
    Call call;
  };
  Job(std::string name, TaskSupport tasks) : TypedTool({.name = std::move(name), .tasks = tasks}) {}
  std::unique_ptr<mcp::ToolRun> start(Text arguments, Call call) override {
    if (before && before(call)) return nullptr;
    if (call.becomes_task()) return nullptr;
    texts.push_back(arguments.text);
    bearers.push_back(call->caller().bearer);
    tools.push_back(call->caller().tool);
    if (round && round(call)) return nullptr;
    return std::make_unique<Run>(*this, call);
  }
  std::function<bool(Call&)> before, round;        // true: it ended
  std::vector<Run*> runs;                          // alive
  std::vector<std::string> texts, bearers, tools;  // of rounds
};

struct ModernTask : test::ModernWorld {
  ModernTask() {
    auto made = std::make_unique<Job>("test.job", TaskSupport::optional);
    job = made.get();
    registry.add(std::move(made));
    made = std::make_unique<Job>("test.must", TaskSupport::required);
    must = made.get();
    registry.add(std::move(made));
    be_quiet();
  }

  static constexpr std::string_view kCan =
      R"({"elicitation":{"form":{},"url":{}},"extensions":{"io.modelcontextprotocol/tasks":{}}})";
  Answer call(std::string_view tool = "test.job", std::string_view capabilities = kCan,
              std::string_view more = {}, std::string_view text = "a") {
    std::string params = R"("name":")";
    params.append(tool).append(R"(","arguments":{"text":")").append(text).append("\"}");
    return post(body("tools/call", params, "1", meta(capabilities)),
                headers("tools/call", tool, more));
  }
  Answer about(std::string_view method, const std::string& id, std::string_view more = {},
               std::string_view capabilities = kCan, std::string_view header = {}) {
    const std::string params = R"("taskId":")" + id + "\"" + std::string(more);
    return post(body(method, params, "2", meta(capabilities)), headers(method, id, header));
  }
  Answer get(const std::string& id) { return about("tasks/get", id); }
  Answer reply(const std::string& id, std::string_view key, std::string_view header = {}) {
    std::string answers = R"(,"inputResponses":{")";
    answers.append(key).append(R"(":{"action":"accept","content":{"ok":true}},"other":7})");
    return about("tasks/update", id, answers, kCan, header);
  }
  static std::string member(const Answer& answer, std::string_view name) {
    base::json::Document doc;
    const auto v = doc.parse(answer.body);
    return v ? (*v)["result"][name].to_json() : "";
  }
  static std::string id_of(const Answer& answer) {
    const std::string quoted = member(answer, "taskId");
    EXPECT_EQ(quoted.size(), 34u) << answer.body;
    return quoted.size() > 2 ? quoted.substr(1, quoted.size() - 2) : "";
  }
  static std::string status_of(const Answer& answer) {
    const std::string quoted = member(answer, "status");
    return quoted.size() > 2 ? quoted.substr(1, quoted.size() - 2) : quoted;
  }
  std::unique_ptr<test::EventStream> listen_tasks(const std::vector<std::string>& ids,
                                                  std::string_view capabilities = kCan,
                                                  int send_buffer = 0) {
    std::string list;
    for (const std::string& id : ids)
      list.append(list.empty() ? "\"" : ",\"").append(id).append("\"");
    auto stream = std::make_unique<test::EventStream>();
    stream->peer = connect(send_buffer);
    stream->peer->send(
        request("POST", headers("subscriptions/listen"),
                body("subscriptions/listen", R"("notifications":{"taskIds":[)" + list + "]}", "77",
                     meta(capabilities))));
    settle();
    stream->read();
    return stream;
  }
  // Calls of test.job.
  std::uint64_t ended(mcp::shared::Outcome outcome) {
    std::uint64_t n = 0;
    endpoint->requests().for_each_tool(
        [&](std::string_view name, const mcp::shared::RequestCount& count) {
          if (name == "test.job") n = count.ended[static_cast<std::size_t>(outcome)];
        });
    return n;
  }
  Job *job, *must;
};

TEST_F(ModernTask, ACallIsAnsweredAtOnceAndItsResultIsFetchedLater) {
  const Answer made = call();
  EXPECT_EQ(made.status, 200);
  EXPECT_TRUE(made.has(R"("result":{"resultType":"task","taskId":")")) << made.body;
  EXPECT_TRUE(made.has(R"("ttlMs":3600000,"pollIntervalMs":1000,"_meta":{)")) << made.body;
  EXPECT_EQ(status_of(made), "working");
  EXPECT_FALSE(made.has("inputRequests") || made.has("requestState")) << made.body;
  const std::string id = id_of(made);
  EXPECT_EQ(job->texts, std::vector<std::string>{"a"}) << "the arguments are those of the call";
  EXPECT_EQ(status_of(get(id)), "working");
  ASSERT_EQ(job->runs.size(), 1u);
  job->runs[0]->call.succeed("done");
  settle();
  const Answer over = get(id);
  EXPECT_EQ(status_of(over), "completed");
  EXPECT_TRUE(over.has(R"("result":{"resultType":"complete","taskId")")) << over.body;
  EXPECT_TRUE(over.has(R"("result":{"content":[{"type":"text","text":"done"}])")) << over.body;
  EXPECT_EQ(job->runs.size(), 0u);
}

TEST_F(ModernTask, AToolsErrorIsACompletedTaskAndAProtocolErrorAFailedOne) {
  const std::string one = id_of(call()), two = id_of(call());
  ASSERT_EQ(job->runs.size(), 2u);
  const Call first = job->runs[0]->call, second = job->runs[1]->call;
  first.fail(mcp::ToolError{"no"});
  second.fail(mcp::RpcError{mcp::RpcCode::internal_error, "broken", {}});
  settle();
  EXPECT_EQ(status_of(get(one)), "completed");
  EXPECT_TRUE(get(one).has(R"("isError":true)"));
  const Answer failed = get(two);
  EXPECT_EQ(status_of(failed), "failed");
  EXPECT_EQ(member(failed, "statusMessage"), "\"broken\"");
  EXPECT_EQ(member(failed, "error"), R"({"code":-32603,"message":"broken"})");
  EXPECT_EQ(member(failed, "result"), "");
}

TEST_F(ModernTask, ProgressIsItsStatusMessageAndProlongsIt) {
  const std::string id = id_of(call());
  const std::string born = member(get(id), "createdAt");
  EXPECT_EQ(member(get(id), "lastUpdatedAt"), born);
  pass(base::minutes(40));
  EXPECT_EQ(member(get(id), "lastUpdatedAt"), born) << "looking at it changes nothing";
  ASSERT_EQ(job->runs.size(), 1u);
  EXPECT_TRUE(job->runs[0]->call->wants_progress());
  job->runs[0]->call->progress({1, 2, "half\nway"});
  const Answer now = get(id);
  EXPECT_EQ(status_of(now), "working");
  EXPECT_TRUE(member(now, "statusMessage").starts_with("\"half")) << now.body;
  EXPECT_EQ(member(now, "createdAt"), born);
  EXPECT_NE(member(now, "lastUpdatedAt"), born);
  EXPECT_EQ(member(now, "ttlMs"), "6000000") << "from its creation";
  pass(base::minutes(50));
  EXPECT_EQ(status_of(get(id)), "working");
  job->runs[0]->call.succeed("done");
  settle();
  EXPECT_EQ(member(get(id), "statusMessage"), "") << "it was that of another status";
}

TEST_F(ModernTask, QuestionsAreAnsweredOneByOneAndThenTheNextRoundBegins) {
  job->round = [](Call& call) {
    if (call->answers().elicited("a") && call->answers().elicited("b")) {
      call.succeed("state " + call->answers().state);
    } else {
      call->ask({Question::form<Ok>("a", "A?"), Question::form<Ok>("b", "B?")}, "kept");
    }
    return true;
  };
  const std::string id = id_of(call());
  Answer now = get(id);
  EXPECT_EQ(status_of(now), "input_required");
  EXPECT_TRUE(now.has(R"("a":{"method":"elicitation/create")")) << now.body;
  EXPECT_EQ(endpoint->stats().calls, 0u) << "nothing works on it";
  EXPECT_EQ(member(reply(id, "a"), "resultType"), "\"complete\"");
  now = get(id);
  EXPECT_EQ(status_of(now), "input_required");
  EXPECT_FALSE(now.has(R"("a":{)")) << "answered";
  EXPECT_TRUE(now.has(R"("b":{"method")")) << now.body;
  EXPECT_EQ(code(about("tasks/update", id, R"(,"inputResponses":{"b":5})")), -32602);
  EXPECT_EQ(code(about("tasks/update", id, R"(,"inputResponses":5)")), -32602);
  EXPECT_EQ(status_of(get(id)), "input_required");
  reply(id, "b");
  EXPECT_EQ(status_of(get(id)), "completed");
  EXPECT_TRUE(get(id).has("state kept"));
  EXPECT_EQ(reply(id, "b").status, 200) << "too late is ignored";
}

TEST_F(ModernTask, AWrongAnswerBesideAGoodOneTakesNeither) {
  job->round = [](Call& call) {
    call->ask({Question::form<Ok>("a", "A?"), Question::form<Ok>("b", "B?")});
    return true;
  };
  const std::string id = id_of(call());
  EXPECT_EQ(code(about("tasks/update", id,
                       R"(,"inputResponses":{"a":{"action":"decline"},"b":{"action":1}})")),
            -32602);
  EXPECT_TRUE(get(id).has(R"("a":{"method")"));
}

TEST_F(ModernTask, TheSameQuestionAskedAgainHasAnotherKey) {
  int rounds = 0;
  job->round = [&](Call& call) {
    if (++rounds == 3) {
      call.succeed(call->answers().elicited("sure") ? "sure" : "not");
    } else {
      call->ask({Question::form<Ok>("sure", "Sure?")});
    }
    return true;
  };
  const std::string id = id_of(call());
  EXPECT_TRUE(get(id).has(R"("inputRequests":{"sure":{)"));
  reply(id, "sure");
  EXPECT_TRUE(get(id).has(R"("inputRequests":{"sure#2":{)")) << get(id).body;
  reply(id, "sure");
  EXPECT_EQ(status_of(get(id)), "input_required") << "that one was answered already";
  reply(id, "sure#2");
  EXPECT_TRUE(get(id).has(R"("text":"sure")")) << get(id).body;
}

TEST_F(ModernTask, AQuestionIsWordedAsInTheCallItself) {
  job->round = [](Call& call) {
    call->ask({Question::url("login", "Log in", "https://example.org/", "e-1")});
    return true;
  };
  const Answer now = get(id_of(call()));
  EXPECT_TRUE(now.has("https://example.org/")) << now.body;
  EXPECT_FALSE(now.has("elicitationId")) << now.body;
}

TEST_F(ModernTask, AQuestionThatTheClientCannotAnswerFailsIt) {
  job->round = [](Call& call) {
    call->ask({Question::roots("roots")});
    return true;
  };
  const Answer now = get(id_of(call()));
  EXPECT_EQ(status_of(now), "failed");
  EXPECT_TRUE(now.has(R"("code":-32021)") && now.has(R"("requiredCapabilities":{"roots":{}})"))
      << now.body;
}

TEST_F(ModernTask, AnswersFromBeforeItBeganAreThere) {
  must->before = [](Call& call) {
    if (call->answers().elicited("sure")) return false;
    call->ask({Question::form<Ok>("sure", "Sure?")}, "kept");
    return true;
  };
  must->round = [](Call& call) {
    call.succeed(call->answers().elicited("sure")->content_json + call->answers().state);
    return true;
  };
  const Answer asked = call("test.must");
  EXPECT_EQ(member(asked, "resultType"), "\"input_required\"");
  const Answer made =
      post(body("tools/call",
                R"("name":"test.must","arguments":{"text":"a"},"inputResponses":{"sure":{)"
                R"("action":"accept","content":{"ok":true}}},"requestState":)" +
                    member(asked, "requestState"),
                "2", meta(kCan)),
           headers("tools/call", "test.must"));
  const Answer over = get(id_of(made));
  EXPECT_TRUE(over.has(R"({\"ok\":true}kept)")) << over.body;
}

TEST_F(ModernTask, CancellingEndsTheWorkAtOnceAndTwiceIsOnce) {
  const std::string id = id_of(call());
  ASSERT_EQ(job->runs.size(), 1u);
  EXPECT_EQ(member(about("tasks/cancel", id), "resultType"), "\"complete\"");
  EXPECT_EQ(job->runs.size(), 0u);
  EXPECT_EQ(status_of(get(id)), "cancelled");
  EXPECT_EQ(about("tasks/cancel", id).status, 200);
  EXPECT_EQ(endpoint->stats().calls, 0u);
  job->round = [](Call& call) {
    call->ask({Question::form<Ok>("a", "A?")});
    return true;
  };
  const std::string asking = id_of(call());
  about("tasks/cancel", asking);
  reply(asking, "a");
  EXPECT_EQ(status_of(get(asking)), "cancelled");
  EXPECT_FALSE(get(asking).has("inputRequests"));
}

TEST_F(ModernTask, AClientThatDoesNotDeclareTasksGetsTheResultOrAnError) {
  auto peer = post_later(body("tools/call", R"("name":"test.job","arguments":{})"),
                         headers("tools/call", "test.job"));
  settle();
  ASSERT_EQ(job->runs.size(), 1u);
  job->runs[0]->call.succeed("plain");
  settle();
  EXPECT_TRUE(answer_of(*peer).has(R"("resultType":"complete","content")"));
  const Answer refused = call("test.must", "{}");
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(code(refused), -32021);
  EXPECT_TRUE(
      refused.has(R"("requiredCapabilities":{"extensions":{"io.modelcontextprotocol/tasks":{}}})"));
  for (const std::string_view method : {"tasks/get", "tasks/update", "tasks/cancel"}) {
    EXPECT_EQ(code(about(method, "nobody", {}, "{}")), -32021) << "before the id is looked at";
  }
}

TEST_F(ModernTask, ALegacyClientGetsTheResultOrAToolsError) {
  const std::string session = open();
  const Answer refused =
      post(rpc("tools/call", R"({"name":"test.must","arguments":{}})"), in(session));
  EXPECT_TRUE(refused.has(R"("isError":true)") && refused.has("tasks")) << refused.body;
  job->round = [](Call& call) { return call.succeed("plain"), true; };
  EXPECT_TRUE(post(rpc("tools/call", R"({"name":"test.job","arguments":{}})"), in(session))
                  .has(R"("text":"plain")"));
}

TEST_F(ModernTask, ATaskIsItsCallersAlone) {
  auth.identities = {{"t1", "alice"}, {"t2", "bob"}};
  const std::string id = id_of(call("test.job", kCan, bearer("t1")));
  EXPECT_EQ(code(about("tasks/get", id, {}, kCan, bearer("t2"))), -32602);
  EXPECT_EQ(code(about("tasks/cancel", id, {}, kCan, bearer("t2"))), -32602);
  EXPECT_EQ(code(reply(id, "a", bearer("t2"))), -32602);
  EXPECT_EQ(status_of(about("tasks/get", id, {}, kCan, bearer("t1"))), "working");
  EXPECT_EQ(code(get("0")), -32602) << "no such task";
}

TEST_F(ModernTask, TheNextRoundHasTheTokenThatTheAnswersCameWith) {
  auth.identities = {{"t1", "alice"}, {"t2", "alice"}};
  job->round = [](Call& call) {
    if (call->answers().elicited("a")) return false;
    call->ask({Question::form<Ok>("a", "A?")});
    return true;
  };
  const std::string id = id_of(call("test.job", kCan, bearer("t1")));
  reply(id, "a", bearer("t2"));
  EXPECT_EQ(job->bearers, (std::vector<std::string>{"t1", "t2"}));
  EXPECT_EQ(job->tools, (std::vector<std::string>{"test.job", "test.job"}));
}

TEST_F(ModernTask, ItIsForgottenAnHourAfterTheLastThatWasHeardOfIt) {
  const std::string done = id_of(call()), silent = id_of(call());
  ASSERT_EQ(job->runs.size(), 2u);
  pass(mcp::modern::kTaskTime - base::minutes(10));
  job->runs[0]->call.succeed("done");
  settle();
  pass(base::minutes(10) - base::seconds(1));
  EXPECT_EQ(status_of(get(silent)), "working");
  pass(base::seconds(1));
  EXPECT_EQ(code(get(silent)), -32602);
  pass(base::minutes(2));
  EXPECT_EQ(job->runs.size(), 0u) << "its work is ended, too";
  EXPECT_EQ(endpoint->stats().calls, 0u);
  EXPECT_EQ(status_of(get(done)), "completed");
  pass(mcp::modern::kTaskTime - base::minutes(12));
  EXPECT_EQ(code(get(done)), -32602);
}

TEST_F(ModernTask, TheExtensionIsDeclaredAndItsOldMethodsAreUnknown) {
  const Answer discovered = ask("server/discover");
  EXPECT_TRUE(discovered.has(R"("extensions":{"io.modelcontextprotocol/tasks":{}})"));
  for (const std::string_view method : {"tasks/result", "tasks/list"}) {
    const Answer a = ask(method);
    EXPECT_EQ(a.status, 404);
    EXPECT_EQ(code(a), -32601);
  }
  EXPECT_EQ(
      code(post(body("tasks/get", R"("taskId":"a")", "1", meta(kCan)), headers("tasks/get", "b"))),
      -32020)
      << "the header says another one";
}

TEST_F(ModernTask, ItsToolIsCountedOnceWhenItIsOver) {
  call();
  EXPECT_EQ(ended(mcp::shared::Outcome::ok), 0u);
  ASSERT_EQ(job->runs.size(), 1u);
  job->runs[0]->call.fail(mcp::ToolError{"no"});
  EXPECT_EQ(ended(mcp::shared::Outcome::ok), 0u);
  EXPECT_EQ(ended(mcp::shared::Outcome::tool_error), 1u);
}

// ---- listening

constexpr std::string_view kHead = R"({"jsonrpc":"2.0","method":"notifications/tasks","params":{)";

TEST_F(ModernTask, WhoListensHearsHowItIsAndEachChangeAndTheEnd) {
  job->round = [](Call& call) {
    if (call->answers().elicited("a")) return false;
    call->ask({Question::form<Ok>("a", "A?")});
    return true;
  };
  const std::string id = id_of(call());
  auto stream = listen_tasks({id, "nobody's", id});
  ASSERT_EQ(stream->data().size(), 2u);
  EXPECT_TRUE(contains(stream->data()[0], R"("notifications":{"taskIds":[")" + id + R"("]})"))
      << stream->data()[0];
  EXPECT_TRUE(stream->data()[1].starts_with(std::string(kHead) + R"("taskId":")" + id))
      << stream->data()[1];
  EXPECT_TRUE(contains(stream->data()[1], R"("inputRequests":{"a":)"));
  EXPECT_TRUE(
      contains(stream->data()[1], R"("_meta":{"io.modelcontextprotocol/subscriptionId":77})"));
  reply(id, "a");
  drain(*stream);
  ASSERT_EQ(stream->data().size(), 3u);
  EXPECT_TRUE(contains(stream->data()[2], R"("status":"working")"));
  EXPECT_FALSE(stream->ended());
  ASSERT_EQ(job->runs.size(), 1u);
  job->runs[0]->call.succeed("done");
  drain(*stream);
  ASSERT_EQ(stream->data().size(), 5u);
  EXPECT_TRUE(contains(stream->data()[3], R"("result":{"content":[{"type":"text","text":"done"}])"))
      << stream->data()[3];
  EXPECT_TRUE(contains(stream->data()[4], R"("id":77,"result":{"resultType":"complete")"));
  EXPECT_TRUE(stream->ended()) << "nothing more will come";
}

TEST_F(ModernTask, WhoListensTooLateHearsTheEndAtOnce) {
  const std::string id = id_of(call());
  about("tasks/cancel", id);
  auto stream = listen_tasks({id});
  ASSERT_EQ(stream->data().size(), 3u);
  EXPECT_TRUE(contains(stream->data()[1], R"("status":"cancelled")"));
  EXPECT_TRUE(stream->ended());
}

TEST_F(ModernTask, WhoReadsSlowlyHearsTheLastOfEach) {
  const std::string one = id_of(call()), two = id_of(call());
  ASSERT_EQ(job->runs.size(), 2u);
  auto stream = listen_tasks({one, two}, kCan, 8192);
  const std::string big(std::size_t{2} << 20, 'x');
  const Call first = job->runs[0]->call, second = job->runs[1]->call;
  first.succeed(big);
  second->ask({Question::form<Ok>("a", "A?")});
  settle();
  reply(two, "a");
  ASSERT_EQ(job->runs.size(), 1u);
  job->runs[0]->call.succeed("small");
  for (int i = 0; i < 500 && !stream->ended(); ++i)
    drain(*stream);
  const auto data = stream->data();
  ASSERT_EQ(data.size(), 6u) << "both as they were, then the ends";
  EXPECT_TRUE(contains(data[3], R"("status":"completed")") && contains(data[3], big));
  EXPECT_TRUE(contains(data[4], R"("status":"completed")") && contains(data[4], "small"));
  EXPECT_TRUE(stream->ended());
}

TEST_F(ModernTask, AClientThatDoesNotDeclareTasksCannotListenForThem) {
  const std::string id = id_of(call());
  auto stream = listen_tasks({id}, "{}");
  EXPECT_EQ(stream->head().status, 400);
  EXPECT_TRUE(contains(stream->raw, R"("code":-32021)")) << stream->raw;
  const Answer wrong =
      post(body("subscriptions/listen", R"("notifications":{"taskIds":[7]})", "1", meta(kCan)),
           headers("subscriptions/listen"));
  EXPECT_EQ(code(wrong), -32602);
}

TEST_F(ModernTask, NobodyHearsOfSomebodyElses) {
  auth.identities = {{"t1", "alice"}};
  const std::string id = id_of(call("test.job", kCan, bearer("t1")));
  auto stream = listen_tasks({id});
  ASSERT_EQ(stream->data().size(), 2u);
  EXPECT_TRUE(contains(stream->data()[0], R"("notifications":{})"));
  EXPECT_TRUE(stream->ended());
}

TEST_F(ModernTask, ShutdownEndsTasksAndSaysSo) {
  const std::string id = id_of(call());
  auto stream = listen_tasks({id});
  ASSERT_EQ(job->runs.size(), 1u);
  endpoint->begin_drain();
  endpoint->end_feeds("the server is shutting down");
  EXPECT_EQ(endpoint->stats().calls, 1u);
  EXPECT_EQ(status_of(get(id)), "working") << "it goes on";
  endpoint->abandon_calls("the server is shutting down");
  endpoint->end_streams();
  EXPECT_EQ(endpoint->stats().calls, 0u);
  EXPECT_EQ(job->runs.size(), 0u);
  drain(*stream);
  ASSERT_EQ(stream->data().size(), 4u);
  EXPECT_TRUE(contains(stream->data()[2],
                       R"("status":"cancelled","statusMessage":"the server is shutting down")"))
      << stream->data()[2];
  EXPECT_TRUE(stream->ended());
}

// ---- bounds

TEST_F(ModernTask, WithoutRoomForOneMoreTheCallItselfGoesOnOrIsRefused) {
  auth.identities = {{"t1", "alice"}};
  const std::string first = id_of(call()), second = id_of(call());
  for (std::size_t i = 2; i < mcp::modern::kTasksPerCaller; ++i)
    call();
  ASSERT_EQ(job->runs.size(), mcp::modern::kTasksPerCaller);
  EXPECT_EQ(code(call("test.must")), -32603);
  job->round = [](Call& call) { return call.succeed("in the call"), true; };
  EXPECT_TRUE(
      call().has(R"("resultType":"complete","content":[{"type":"text","text":"in the call")"));
  EXPECT_TRUE(call("test.must", kCan, bearer("t1")).has(R"("resultType":"task")"))
      << "others have their own";
  job->round = nullptr;
  for (int i = 0; i < 2; ++i) {
    job->runs[0]->call.succeed("done");
    settle();
  }
  EXPECT_EQ(code(call("test.must")), -32603) << "nobody has seen their ends";
  EXPECT_EQ(status_of(get(first)), "completed");
  EXPECT_TRUE(call("test.must").has(R"("resultType":"task")"));
  EXPECT_EQ(code(get(first)), -32602) << "in place of one that was seen";
  EXPECT_EQ(status_of(get(second)), "completed");
  pass(mcp::modern::kTaskTime + base::minutes(1));
  EXPECT_TRUE(call("test.must").has(R"("resultType":"task")")) << "the old ones are forgotten";
}

TEST_F(ModernTask, TheOneHeardOfLongestAgoMakesRoom) {
  std::vector<std::string> ids;
  for (int i = 0; i < 3; ++i)
    ids.push_back(id_of(call()));
  for (std::size_t i = 3; i < mcp::modern::kTasksPerCaller; ++i)
    call();
  for (const std::size_t run : {std::size_t{1}, std::size_t{1}, std::size_t{0}}) {
    job->runs[run]->call.succeed("done");
    pass(base::seconds(10));
  }
  for (const std::string& id : ids)
    EXPECT_EQ(status_of(get(id)), "completed");
  EXPECT_TRUE(call("test.must").has(R"("resultType":"task")"));
  EXPECT_EQ(code(get(ids[1])), -32602);
  EXPECT_TRUE(call("test.must").has(R"("resultType":"task")"));
  EXPECT_EQ(code(get(ids[2])), -32602);
  EXPECT_EQ(status_of(get(ids[0])), "completed");
}

TEST_F(ModernTask, WhatTasksKeepIsBounded) {
  const std::string big(std::size_t{3} << 20, 'x');
  job->round = [&](Call& call) { return call.succeed(big), true; };
  constexpr int kCalls = 30;
  std::string first, last;
  for (int i = 0; i < kCalls; ++i) {
    last = id_of(call());
    if (i == 0) first = last;
  }
  EXPECT_EQ(ended(mcp::shared::Outcome::ok), mcp::modern::kTaskBytes / big.size());
  EXPECT_EQ(ended(mcp::shared::Outcome::ok) + ended(mcp::shared::Outcome::error),
            std::uint64_t{kCalls});
  const Answer now = get(last);
  EXPECT_EQ(status_of(now), "failed");
  EXPECT_EQ(member(now, "error"),
            R"({"code":-32603,"message":"there is no room to keep the result"})");
  const std::uint64_t before = ended(mcp::shared::Outcome::ok);
  about("tasks/cancel", first);
  call();
  EXPECT_EQ(ended(mcp::shared::Outcome::ok), before + 1) << "in place of one that nobody needs";
  call();
  EXPECT_EQ(ended(mcp::shared::Outcome::ok), before + 1);
  pass(mcp::modern::kTaskTime + base::minutes(1));
  call();
  EXPECT_EQ(ended(mcp::shared::Outcome::ok), before + 2) << "room again";
}

}  // namespace
