// Asking the client in the modern era: rounds whose state the client carries, sealed, and two
// servers that serve them in turn.
#include <gtest/gtest.h>

#include "base/seal.h"
#include "mcp/modern/sealed_state.h"
#include "support/modern_world.h"

namespace {

using test::Answer;

struct Name {
  std::string name;
  static mcp::Fields fields() {
    return {mcp::field<&Name::name>({.name = "name", .description = "yours", .required = true})};
  }
};

// Asks for a name, then for a colour, keeping the name in its state.
std::unique_ptr<mcp::ToolRun> two_rounds(test::TestTool&, mcp::ToolReply& reply) {
  const mcp::Answers& answers = reply.answers();
  if (const auto* color = answers.elicited("color")) {
    reply.succeed({.structured_json = R"({"said":")" + answers.state + " " +
                                      (color->accepted() ? "yes" : "no") + "\"}"});
  } else if (const auto* given = answers.elicited("user")) {
    const auto name = given->content<Name>();
    reply.ask({mcp::Question::form<Name>("color", "Which colour?")}, name ? name->name : "nobody");
  } else {
    reply.ask({mcp::Question::form<Name>("user", "Who are you?")});
  }
  return nullptr;
}

struct ModernAsk : test::ModernWorld {
  ModernAsk() { echo->round = two_rounds; }

  static constexpr std::string_view kCan = R"({"elicitation":{},"sampling":{},"roots":{}})";
  static std::string params(std::string_view more = {}) {
    return R"("name":"test.echo","arguments":{"text":"a","limit":3})" + std::string(more);
  }
  Answer round(std::string_view more = {}, std::string_view capabilities = kCan,
               std::string_view header = {}, std::string_view whole = {}) {
    return post(body("tools/call", whole.empty() ? params(more) : std::string(whole), "1",
                     meta(capabilities)),
                headers("tools/call", "test.echo", header));
  }
  static std::string state_of(const Answer& answer) {
    base::json::Document doc;
    const auto v = doc.parse(answer.body);
    EXPECT_TRUE(v) << answer.body;
    return v ? std::string((*v)["result"]["requestState"].str()) : "";
  }
  static std::string bring(std::string_view responses, std::string_view state = {}) {
    std::string out = R"(,"inputResponses":)" + std::string(responses);
    if (!state.empty()) out.append(R"(,"requestState":")").append(state).append("\"");
    return out;
  }
  static std::string alice() {
    return R"({"user":{"action":"accept","content":{"name":"Alice"}}})";
  }
  static std::string blue() { return R"({"color":{"action":"accept","content":{"name":"b"}}})"; }
};

TEST_F(ModernAsk, RoundsGoThroughTheClientAndEndInAResult) {
  const Answer one = round();
  EXPECT_EQ(one.status, 200);
  EXPECT_TRUE(one.body.starts_with(
      R"({"jsonrpc":"2.0","id":1,"result":{"resultType":"input_required","inputRequests":{"user":)"
      R"({"method":"elicitation/create","params":{"message":"Who are you?","requestedSchema":)"))
      << one.body;
  EXPECT_FALSE(one.has("ttlMs"));
  EXPECT_EQ(endpoint->stats().calls, 0u) << "nothing is kept";
  const Answer two = round(bring(alice(), state_of(one)));
  EXPECT_TRUE(two.has(R"("resultType":"input_required","inputRequests":{"color":)")) << two.body;
  EXPECT_NE(state_of(one), state_of(two));
  const Answer three = round(bring(blue(), state_of(two)));
  EXPECT_TRUE(three.has(R"("resultType":"complete")")) << three.body;
  EXPECT_TRUE(three.has(R"("structuredContent":{"said":"Alice yes"})")) << three.body;
}

TEST_F(ModernAsk, DecliningIsAnAnswer) {
  const Answer two = round(bring(alice(), state_of(round())));
  const Answer three = round(bring(R"({"color":{"action":"decline"}})", state_of(two)));
  EXPECT_TRUE(three.has(R"({"said":"Alice no"})")) << three.body;
}

TEST_F(ModernAsk, AnswersWithoutStateAreTakenForWhatTheyLookLike) {
  const Answer a = round(
      bring(R"({"user":{"action":"accept","content":{"name":"Bob"}},"extra":7,"more":{"a":1}})"));
  EXPECT_TRUE(a.has(R"("inputRequests":{"color":)")) << a.body;
}

TEST_F(ModernAsk, WhatIsNotAnsweredIsAskedAgain) {
  for (const std::string& state : {std::string(), state_of(round())}) {
    const Answer a = round(bring(R"({"wrong_key":{"action":"accept","content":{}}})", state));
    EXPECT_TRUE(a.has(R"("inputRequests":{"user":)")) << a.body;
  }
}

TEST_F(ModernAsk, AnAnswerOfTheWrongShapeIsInvalidParams) {
  const std::string state = state_of(round());
  EXPECT_EQ(code(round(bring(R"({"user":12345})", state))), -32602);
  EXPECT_EQ(code(round(bring(R"({"user":{"action":"maybe"}})", state))), -32602);
  EXPECT_EQ(code(round(bring("7", state))), -32602);
  EXPECT_EQ(code(round(bring("[]"))), -32602);
  EXPECT_TRUE(round(bring(R"({"user":12345})")).has("input_required")) << "asked again";
}

TEST_F(ModernAsk, TheOrderOfMembersDoesNotMatterAndTheIdMayChange) {
  const std::string state = state_of(round());
  const Answer a = post(body("tools/call",
                             R"("arguments":{"limit":3,"text":"a"},"requestState":")" + state +
                                 R"(","inputResponses":)" + alice() + R"(,"name":"test.echo")",
                             "\"other\"", meta(kCan)),
                        headers("tools/call", "test.echo"));
  EXPECT_TRUE(a.has(R"("inputRequests":{"color":)")) << a.body;
}

TEST_F(ModernAsk, StateIsBoundToCallerAndCall) {
  const std::string state = state_of(round({}, kCan, bearer("alice-1")));
  const auto refused = [&](const Answer& a) {
    EXPECT_EQ(a.status, 200);
    EXPECT_EQ(code(a), -32602) << a.body;
    EXPECT_TRUE(a.has("requestState")) << a.body;
  };
  refused(round(bring(alice(), state)));
  refused(round(bring(alice(), state), kCan, bearer("bob-1")));
  refused(
      round({}, kCan, bearer("alice-1"),
            R"("name":"test.echo","arguments":{"text":"b","limit":3})" + bring(alice(), state)));
  slow->round = two_rounds;
  refused(
      post(body("tools/call",
                R"("name":"test.slow","arguments":{"text":"a","limit":3})" + bring(alice(), state),
                "1", meta(kCan)),
           headers("tools/call", "test.slow", bearer("alice-1"))));
  // The same identity with another token.
  EXPECT_TRUE(round(bring(alice(), state), kCan, bearer("alice-2")).has("color"));
}

TEST_F(ModernAsk, StateThatWasChangedOrHasExpiredIsRefused) {
  const std::string state = state_of(round());
  for (const std::string& bad : {state + "-TAMPERED", state.substr(1), "A" + state, state + ".",
                                 std::string("x"), std::string("..")}) {
    EXPECT_EQ(code(round(bring(alice(), bad))), -32602) << bad;
  }
  for (std::size_t at = 0; at < state.size(); at += 7) {
    std::string bad = state;
    bad[at] = bad[at] == 'A' ? 'B' : 'A';
    EXPECT_EQ(code(round(bring(alice(), bad))), -32602) << at;
  }
  EXPECT_EQ(code(round(R"(,"requestState":7)")), -32602);
  clock.advance(mcp::modern::kStateTime - base::seconds(1));
  EXPECT_EQ(code(round(bring(alice(), state))), 0);
  clock.advance(base::seconds(2));
  const Answer late = round(bring(alice(), state));
  EXPECT_EQ(code(late), -32602);
  EXPECT_TRUE(late.has("expired")) << late.body;
}

TEST_F(ModernAsk, AQuestionThatTheClientCannotAnswerIsMissingCapability) {
  const Answer none = round({}, "{}");
  EXPECT_EQ(none.status, 400);
  EXPECT_EQ(code(none), -32021);
  EXPECT_TRUE(none.has(R"("data":{"requiredCapabilities":{"elicitation":{}}})")) << none.body;
  EXPECT_EQ(code(round({}, R"({"elicitation":{"url":{}}})")), -32021);
  echo->round = [](test::TestTool&, mcp::ToolReply& reply) {
    EXPECT_TRUE(reply.client().sampling);
    EXPECT_FALSE(reply.client().elicit_form);
    reply.ask({mcp::Question::sample("s", "Hi?", 10)});
    return nullptr;
  };
  const Answer sampled = round({}, R"({"sampling":{}})");
  EXPECT_TRUE(sampled.has(R"("inputRequests":{"s":{"method":"sampling/createMessage")"))
      << sampled.body;
}

TEST_F(ModernAsk, SeveralQuestionsOfAllKindsGoOutTogether) {
  echo->round = [](test::TestTool&, mcp::ToolReply& reply) {
    const auto* roots = reply.answers().roots("r");
    const auto* sampled = reply.answers().sampled("s");
    if (roots && sampled) {
      reply.succeed({.structured_json = R"({"uri":")" + roots->at(0).uri + R"(","text":")" +
                                        sampled->text + "\"}"});
      return nullptr;
    }
    reply.ask({mcp::Question::form<Name>("f", "?"), mcp::Question::sample("s", "Hi?", 10),
               mcp::Question::roots("r"),
               mcp::Question::url("u", "Go there", "https://example.com/", "e1")});
    return nullptr;
  };
  const Answer one = round({}, R"({"elicitation":{"form":{},"url":{}},"sampling":{},"roots":{}})");
  EXPECT_TRUE(one.has(R"("r":{"method":"roots/list","params":{}})")) << one.body;
  EXPECT_TRUE(one.has(R"("u":{"method":"elicitation/create","params":{"mode":"url")")) << one.body;
  EXPECT_FALSE(one.has("elicitationId")) << one.body;
  const Answer two =
      round(bring(R"({"r":{"roots":[{"uri":"file:///x","name":"X"}]},)"
                  R"("s":{"role":"assistant","model":"m","content":{"type":"text","text":"yo"}}})",
                  state_of(one)));
  EXPECT_TRUE(two.has(R"({"uri":"file:///x","text":"yo"})")) << two.body;
}

// ---- two replicas

struct ModernReplicas : ModernAsk {
  // Another server with its own tools, and whoever comes is served by the next one.
  void two_servers(std::string_view key_one, std::string_view key_two) {
    const auto options = [](std::string_view key) {
      mcp::shared::Options out;
      out.server_version = "1.2.3";
      out.instructions = "Be kind.";
      out.seal_key = key;
      return out;
    };
    auto tool = std::make_unique<test::TestTool>("test.echo", false);
    tool->round = two_rounds;
    other_registry.add(std::make_unique<test::TestTool>("test.slow", true));
    other_registry.add(std::move(tool));
    other_registry.add(std::make_unique<test::TestFamily>());
    restart(options(key_one));
    other = std::make_unique<mcp::endpoint::Endpoint>(loop, other_registry, auth, options(key_two));
    handler.script = [this](const http::Request& request, http::Reply reply) {
      mcp::endpoint::Endpoint& next = turn++ % 2 == 0 ? *endpoint : *other;
      if (next.admit(request, reply)) next.on_request(request, std::move(reply));
    };
  }
  ~ModernReplicas() override {
    other.reset();
    settle();
  }
  mcp::Registry other_registry;
  std::unique_ptr<mcp::endpoint::Endpoint> other;
  int turn = 0;
};

constexpr std::string_view kKey = "0123456789abcdef0123456789abcdef";

TEST_F(ModernReplicas, AnswerEveryRequestAlike) {
  two_servers(kKey, kKey);
  struct {
    const char *method, *params, *name;
    int status;
  } const kAsked[] = {
      {"server/discover", "", "", 200},
      {"tools/list", "", "", 200},
      {"tools/list", R"("cursor":"x")", "", 200},
      {"resources/list", "", "", 200},
      {"resources/templates/list", "", "", 200},
      {"resources/read", R"("uri":"test://a")", "test://a", 200},
      {"resources/read", R"("uri":"other://a")", "other://a", 200},
      {"tools/call", R"("name":"test.echo","arguments":{"limit":0})", "test.echo", 200},
      {"tools/call", R"("name":"nobody")", "nobody", 200},
      {"tools/call", R"("name":"test.echo")", "another", 400},
      {"no/such", "", "", 404},
  };
  for (const auto& each : kAsked) {
    const Answer one = ask(each.method, each.params, each.name);
    const Answer two = ask(each.method, each.params, each.name);
    EXPECT_EQ(one.status, each.status) << one.body;
    EXPECT_EQ(two.status, each.status) << two.body;
    EXPECT_EQ(one.body, two.body);
  }
  EXPECT_EQ(turn, 22) << "each server was asked each";
}

TEST_F(ModernReplicas, GoOnWithEachOthersRounds) {
  two_servers(kKey, kKey);
  for (int first = 0; first < 2; ++first) {
    turn = first;
    const Answer two = round(bring(alice(), state_of(round())));
    const Answer three = round(bring(blue(), state_of(two)));
    EXPECT_TRUE(three.has(R"({"said":"Alice yes"})")) << three.body;
  }
}

TEST_F(ModernReplicas, WithoutACommonKeyRefuseEachOthersState) {
  two_servers(kKey, "another key of 32 bytes or more..");
  EXPECT_EQ(code(round(bring(alice(), state_of(round())))), -32602);
}

// What a replica of another version sealed with the same key was taken for a state whatever it was.
TEST(SealedState, ItIsOfOneCallerOneMethodAndItsArguments) {
  base::json::Document doc;
  const auto of = [&](std::string_view who, std::string_view method, std::string_view params) {
    return mcp::modern::state_context(who, method, *doc.parse(params));
  };
  const std::string one = of("alice", "tools/call", R"({"name":"a","arguments":{"x":1,"y":2}})");
  EXPECT_EQ(of("alice", "tools/call",
               R"({"requestState":"s","arguments":{"y":2,"x":1},"_meta":{},"name":"a"})"),
            one);
  EXPECT_NE(of("bob", "tools/call", R"({"name":"a","arguments":{"x":1,"y":2}})"), one);
  EXPECT_NE(of("alice", "prompts/get", R"({"name":"a","arguments":{"x":1,"y":2}})"), one);
  EXPECT_NE(of("alice", "tools/call", R"({"name":"a","arguments":{"x":1,"y":3}})"), one);
}

TEST(SealedState, OnlyAStateOfKnownQuestionsIsTaken) {
  const base::Seal seal = base::Seal::random();
  const base::WallTime now{1'700'000'000'000'000'000}, later{now.ns + 1'000'000'000};
  const auto open = [&](std::string_view text) {
    return mcp::modern::open_state(seal, seal.seal(text, "c", later), "c", now).has_value();
  };
  EXPECT_TRUE(open(R"({"state":"s","asked":{"a":0,"b":3}})"));
  EXPECT_TRUE(open(R"({"asked":{}})"));
  for (const char* other : {"7", "null", "[]", "{}", R"({"state":"s"})", R"({"asked":{"a":4}})",
                            R"({"asked":{"a":-1}})", R"({"asked":{"a":256}})",
                            R"({"asked":{"a":"form"}})", R"({"asked":[]})", "no JSON"}) {
    EXPECT_FALSE(open(other)) << other;
  }
}

}  // namespace
