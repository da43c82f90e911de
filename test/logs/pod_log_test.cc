// One container's log as it stands: which container, which bytes, and errors as the server says
// them.
#include <gtest/gtest.h>

#include "logs/container_choice.h"
#include "logs/get_tool.h"
#include "logs/manager.h"
#include "logs/resource.h"
#include "support/tools_world.h"

namespace {

using base::Errc;
using test::TestReply;
using test::ToolsWorld;

// ---- container_choice

base::Result<std::string> choose(std::string_view pod, std::string_view wanted = {}) {
  base::json::Document doc;
  return logs::choose_container(*doc.parse(pod), wanted);
}

constexpr const char* kMany = R"({"metadata":{"name":"p"},"spec":{
  "containers":[{"name":"app"},{"name":"side"}],"initContainers":[{"name":"init"}],
  "ephemeralContainers":[{"name":"debug"}]}})";

TEST(ContainerChoice, TheOnlyRegularContainerIsMeant) {
  EXPECT_EQ(*choose(R"({"spec":{"containers":[{"name":"app"}],"initContainers":[{"name":"i"},)"
                    R"({"name":"j"}],"ephemeralContainers":[{"name":"e"}]}})"),
            "app");
}

TEST(ContainerChoice, TheAnnotationDecidesWhenItNamesOne) {
  const auto with = [](const std::string& name) {
    return choose(
        R"({"metadata":{"name":"p","annotations":{"kubectl.kubernetes.io/default-container":")" +
        name +
        R"("}},"spec":{"containers":[{"name":"app"},{"name":"side"}],)"
        R"("initContainers":[{"name":"init"}]}})");
  };
  EXPECT_EQ(*with("side"), "side");
  EXPECT_EQ(*with("init"), "init");
  EXPECT_FALSE(with("gone").has_value());
  EXPECT_FALSE(with("").has_value());
}

TEST(ContainerChoice, SeveralAreListedByGroup) {
  const auto several = choose(kMany);
  ASSERT_FALSE(several.has_value());
  EXPECT_EQ(several.error().code(), Errc::invalid_argument);
  EXPECT_EQ(several.error().what(),
            "pod 'p' has several containers; name one in 'container' (containers: app, side; init "
            "containers: init; ephemeral containers: debug)");
}

TEST(ContainerChoice, AnyContainerCanBeNamed) {
  for (const char* name : {"app", "side", "init", "debug"}) {
    EXPECT_EQ(*choose(kMany, name), name);
  }
  const auto none = choose(kMany, "nope");
  ASSERT_FALSE(none.has_value());
  EXPECT_EQ(none.error().code(), Errc::not_found);
  EXPECT_TRUE(none.error().what().starts_with("pod 'p' has no container 'nope' (containers: app"));
}

TEST(ContainerChoice, APodWithoutContainersSaysSo) {
  for (const char* pod :
       {R"({"metadata":{"name":"p"}})",
        R"({"metadata":{"name":"p"},"spec":{"initContainers":[{"name":"i"}]}})"}) {
    const auto none = choose(pod);
    ASSERT_FALSE(none.has_value());
    EXPECT_EQ(none.error().what(), "pod 'p' has no containers");
    EXPECT_EQ(none.error().code(), Errc::not_found);
  }
}

// ---- podLogs.get and the read

struct PodLog : ToolsWorld {
  PodLog() {
    cluster.set_pod({.ns = "team-a", .name = "web"});
    cluster.set_pod({.ns = "team-a", .name = "two", .containers = {"app", "side"}});
  }
  ~PodLog() override {
    manager.stop();
    loop.run_once();
  }
  void line(const std::string& text, const std::string& pod = "web",
            const std::string& container = "app") {
    cluster.log("team-a", pod, container, text);
  }
  TestReply get(const std::string& more = R"(,"pod":"web")") {
    return call(*tool, R"({"namespace":"team-a")" + more + "}");
  }
  // Bytes of the answer's structured content and of its text, as both are sent.
  static std::size_t sent(const TestReply& reply) {
    std::string text;
    base::json::append_string(text, reply.shown);
    return reply.text.size() + text.size();
  }
  // An answer in place of the log's.
  void log_is(std::string body, int count = 1) {
    sim::AnswerFault fault;
    fault.match = {"log", "/log", {}, 0, count};
    fault.answer = sim::Answer{.body = std::move(body), .type = "text/plain"};
    api.faults().add(std::move(fault));
  }
  std::unique_ptr<mcp::Tool> tool = logs::make_pod_logs_tool(*context);
  logs::Manager manager{managed()};
  std::unique_ptr<mcp::ResourceFamily> family = logs::make_pod_log_resource(*context, manager);
};

TEST_F(PodLog, TheOnlyContainerIsFoundAndRead) {
  line("one");
  line("two");
  EXPECT_EQ(get().text, R"({"logs":"one\ntwo\n","following":false,"container":"app"})");
  EXPECT_EQ(api.count("get", "/pods/web"), 1);
  EXPECT_EQ(api.count("log", "/pods/web/log"), 1);
}

// Bug: "[no lines]".
TEST_F(PodLog, OfAPodThatRunsNowhereItIsSaid) {
  api.store().put(
      {&api.store().of("Pod"), 0},
      R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"late","namespace":"team-a",)"
      R"("uid":"u-late"},"spec":{"containers":[{"name":"app"}]},"status":{"phase":)"
      R"("Pending","conditions":[{"type":"PodScheduled","status":"False","message":)"
      R"("0/3 nodes are available"}]}})");
  const std::string says =
      "[no lines: pod late is not scheduled to a node yet: 0/3 nodes are available]\n";
  EXPECT_EQ(get(R"(,"pod":"late")").shown, says);
  EXPECT_EQ(get(R"(,"pod":"late","container":"app")").shown, says);
  EXPECT_EQ(read(*family, "k0rdent://podlogs/team-a/late/app").text, says);
}

// Bug: a model was shown the log as a JSON string in JSON, with a backslash for each quote and line.
TEST_F(PodLog, AModelReadsTheLinesAsTheyAre) {
  line(R"(level=info msg="ready")");
  EXPECT_EQ(get().shown, "level=info msg=\"ready\"\n");
  EXPECT_EQ(get(R"(,"pod":"web","follow":true)").shown,
            "[new lines: subscribe to k0rdent://podlogs/team-a/web/app]\n"
            "level=info msg=\"ready\"\n");
  EXPECT_EQ(get(R"(,"pod":"web","container":"app","tailLines":0)").shown, "[no lines]\n");
  for (int i = 0; i < 200; ++i)
    line("line");
  const std::string cut = get().shown;
  EXPECT_TRUE(
      cut.starts_with("[older lines are left out: tailLines and maxBytes give more]\nline\n"))
      << cut.substr(0, 100);
}

TEST_F(PodLog, ANamedContainerIsAskedForDirectly) {
  line("s", "two", "side");
  EXPECT_EQ(get(R"(,"pod":"two","container":"side")").text,
            R"({"logs":"s\n","following":false,"container":"side"})");
  EXPECT_EQ(api.seen().size(), 1u);
  const std::string several = get(R"(,"pod":"two")").text;
  EXPECT_TRUE(several.starts_with("error: choose container: pod 'two' has several containers"))
      << several;
}

TEST_F(PodLog, WhatIsAskedForReachesTheServer) {
  for (const char* text : {"a", "b", "c"})
    line(text);
  EXPECT_EQ(get(R"(,"pod":"web","container":"app","tailLines":2)").text,
            R"({"logs":"b\nc\n","following":false,"container":"app"})");
  EXPECT_EQ(api.seen().back().query, "container=app&tailLines=2");
  get(R"(,"pod":"web","container":"app","sinceSeconds":5,"previous":true)");
  EXPECT_EQ(api.seen().back().query, "container=app&previous=true&sinceSeconds=5");
  get(R"(,"pod":"web","container":"app","tailLines":0)");
  EXPECT_EQ(api.seen().back().query, "container=app&tailLines=0");
}

TEST_F(PodLog, FollowNamesTheUriAndStartsNothing) {
  line("one");
  EXPECT_EQ(get(R"(,"pod":"web","follow":true,"tailLines":5)").text,
            R"({"logs":"one\n","following":true,)"
            R"("followUri":"k0rdent://podlogs/team-a/web/app?tailLines=5","container":"app"})");
  settle();
  EXPECT_EQ(manager.active(), 0u);
  EXPECT_EQ(api.open_streams(), 0);
  EXPECT_TRUE(get(R"(,"pod":"web","follow":true,"previous":true)")
                  .text.starts_with("error: 'follow' and 'previous' exclude each other"));
}

TEST_F(PodLog, BytesThatAreNoUtf8AreMended) {
  log_is("good\n\xff\xfe bad\n\xe2\x82");
  EXPECT_EQ(get(R"(,"pod":"web","container":"app")").text,
            "{\"logs\":\"good\\n\xef\xbf\xbd\xef\xbf\xbd bad\\n\xef\xbf\xbd\","
            "\"following\":false,\"container\":\"app\"}");
}

TEST_F(PodLog, ALongLogIsCutAtALineAndSaysSo) {
  std::string body;
  const std::string line = std::string(99, 'x') + "\n";
  while (body.size() < 3 * base::limits::kMiB)
    body += line;
  for (const std::size_t max : {4096U, 32768U, 1048576U}) {
    log_is(body);
    base::json::Document doc;
    const TestReply reply = get(R"(,"pod":"web","container":"app","tailLines":100000,"maxBytes":)" +
                                std::to_string(max));
    const auto root = doc.parse(reply.text);
    ASSERT_TRUE(root.has_value());
    const std::string_view logs = (*root)["logs"].str();
    EXPECT_LE(sent(reply), max) << "it is sent twice";
    EXPECT_GT(sent(reply), max - 1000) << "no more is cut than has to be";
    EXPECT_EQ(logs.size() % line.size(), 0u) << "whole lines only";
    EXPECT_TRUE((*root)["truncated"].bool_or(false));
    EXPECT_EQ((*root)["omittedBytes"].int_or(0),
              static_cast<std::int64_t>(body.size() - logs.size()));
  }
}

// Quotes, controls and line ends are longer when they are sent, and a line over the limit is cut
// between two characters.
TEST_F(PodLog, AnAnswerFitsWhateverTheLogHolds) {
  for (const std::string& part : {std::string("\"\\"), std::string("\x01\x1b"), std::string("\n"),
                                  std::string("\xe2\x82\xac"), std::string("{\"a\":\"b\"}\n")}) {
    std::string body;
    while (body.size() < 100000)
      body += part;
    log_is(body);
    const TestReply reply = get(R"(,"pod":"web","container":"app","tailLines":100000)");
    EXPECT_LE(sent(reply), 32768u) << part;
    EXPECT_GT(sent(reply), 31000u) << part;
    EXPECT_EQ(reply.text.find("\xef\xbf\xbd"), std::string::npos) << part;
  }
}

TEST_F(PodLog, AnAnswerFitsWithALongUriToFollow) {
  std::string body;
  while (body.size() < 100000)
    body += "line\n";
  log_is(body);
  const TestReply reply =
      get(R"(,"pod":")" + std::string(200, 'p') +
          R"(","container":"app","tailLines":100000,"follow":true,"maxBytes":4096)");
  EXPECT_LE(sent(reply), 4096u);
  EXPECT_GT(sent(reply), 3500u);
}

// Bug: a proxy's page was shown as the log.
TEST_F(PodLog, AnHtmlPageIsNoLog) {
  sim::AnswerFault fault;
  fault.match = {"log", "/log", {}, 0, 1};
  fault.answer = sim::Answer{.body = "<html>please log in</html>", .type = "text/html"};
  api.faults().add(std::move(fault));
  const std::string text = get(R"(,"pod":"web","container":"app")").text;
  EXPECT_TRUE(text.starts_with("error: read log: an HTML page")) << text;
}

// A megabyte of text and the same once more as structured content: 264,000 tokens.
TEST_F(PodLog, WithoutANumberItIsWhatAModelCanTake) {
  base::json::Document doc;
  const auto logs_of = [&](const std::string& arguments) {
    const std::string text = get(arguments).text;
    const auto root = doc.parse(text);
    EXPECT_TRUE(root) << text;
    return *root;
  };
  for (int i = 1; i <= 200; ++i)
    line("line " + std::to_string(i));
  const auto whole = logs_of(R"(,"pod":"web","container":"app")");
  EXPECT_TRUE(whole["logs"].str().starts_with("line 1\n"));
  EXPECT_FALSE(whole["truncated"]) << "that is all there is";
  line("line 201");
  const auto cut = logs_of(R"(,"pod":"web","container":"app")");
  EXPECT_TRUE(cut["logs"].str().starts_with("line 2\n")) << cut["logs"].str().substr(0, 20);
  EXPECT_TRUE(cut["logs"].str().ends_with("line 201\n"));
  EXPECT_TRUE(cut["truncated"].bool_or(false));
  const auto more = logs_of(R"(,"pod":"web","container":"app","tailLines":201)");
  EXPECT_TRUE(more["logs"].str().starts_with("line 1\n")) << "who says how many gets them";
  logs_of(R"(,"pod":"web","container":"app","sinceSeconds":60)");
  EXPECT_EQ(api.seen().back().query, "container=app&sinceSeconds=60");

  log_is(std::string(300, 'x') + "\n" + std::string(3 * 65536, 'y') + "\n");
  const auto wide = logs_of(R"(,"pod":"web","container":"app")");
  EXPECT_LE(wide["logs"].str().size(), 16384u);
  EXPECT_TRUE(wide["truncated"].bool_or(false));
}

TEST_F(PodLog, OneLineOverTheCapIsNotCutInACharacter) {
  std::string body = "x";
  while (body.size() < base::limits::kLogReadBytes + 100)
    body += "\xe2\x82\xac";
  log_is(body);
  const TestReply reply = read(*family, "k0rdent://podlogs/team-a/web/app");
  EXPECT_EQ(reply.text.find("\xef\xbf\xbd"), std::string::npos);
  const std::size_t cut = reply.text.find("]\n");
  ASSERT_NE(cut, std::string::npos);
  EXPECT_TRUE(reply.text.substr(cut + 2).starts_with("\xe2\x82\xac"));
  const std::size_t kept = reply.text.size() - cut - 2;
  EXPECT_TRUE(
      reply.text.starts_with("[" + std::to_string(body.size() - kept) + " older bytes left out"));
}

TEST_F(PodLog, ErrorsComeAsTheServerSaysThem) {
  const std::string no_pod = get(R"(,"pod":"gone")").text;
  EXPECT_TRUE(
      no_pod.starts_with(R"(error: get pod: pods "gone" not found; the nearest that are there: )"))
      << no_pod;
  EXPECT_NE(get(R"(,"pod":"webb","container":"app")").text.find("that are there: web"),
            std::string::npos)
      << "also when the container is named";
  deny("list", "pods");
  EXPECT_EQ(get(R"(,"pod":"gone")").text, R"(error: get pod: pods "gone" not found)");
  const std::string no_container = get(R"(,"pod":"web","container":"nope")").text;
  EXPECT_TRUE(
      no_container.starts_with("error: read log: container nope is not valid for pod web; "
                               "pod 'web' has no container 'nope' (containers: app"))
      << no_container;
  deny("get", "pods/log");
  const std::string forbidden = get(R"(,"pod":"web","container":"app")").text;
  EXPECT_TRUE(forbidden.starts_with("error: read log: pods \"web\" is forbidden")) << forbidden;
  const char* const rule =
      "; the RBAC rule that would allow it, in a Role of namespace team-a: {apiGroups: [\"\"], "
      "resources: [pods/log], verbs: [get]}";
  EXPECT_TRUE(forbidden.ends_with(rule)) << forbidden;
  EXPECT_TRUE(read(*family, "k0rdent://podlogs/team-a/web/app").text.ends_with(rule));
  deny("get", "pods");
  EXPECT_NE(get(R"(,"pod":"web")").text.find("resources: [pods], verbs: [get]}"),
            std::string::npos);
}

TEST_F(PodLog, AnAnswerThatBreaksOffIsAnErrorNotALog) {
  sim::AnswerFault fault;
  fault.match = {"log", "/log"};
  fault.answer = sim::Answer{.body = std::string(100000, 'x'), .type = "text/plain"};
  fault.bytes = {{.kind = sim::ByteFault::Kind::reset, .at = 5000}};
  api.faults().add(std::move(fault));
  const std::string text = get(R"(,"pod":"web","container":"app")").text;
  EXPECT_TRUE(text.starts_with("error: read log: ")) << text.substr(0, 100);
}

TEST_F(PodLog, TheFilterRefusesBeforeAnyRequest) {
  filter = *cluster::NamespaceFilter::parse("kcm-system");
  EXPECT_TRUE(get().text.starts_with("error: namespace 'team-a' is not allowed"));
  EXPECT_EQ(read(*family, "k0rdent://podlogs/team-a/web/app").code, -32603);
  EXPECT_TRUE(api.seen().empty());
}

TEST_F(PodLog, TheResourceIsPlainTextAndItsErrorsHaveTheirCodes) {
  line("one");
  for (const char* uri : {"k0rdent://podlogs/team-a/web/app", "k0rdent://podlogs/team-a/web/",
                          "K0RDENT://PODLOGS/team-a/web/app?tailLines=1"}) {
    const TestReply reply = read(*family, uri);
    EXPECT_EQ(reply.text, "one\n") << uri;
    EXPECT_EQ(reply.mime_type, "text/plain");
  }
  EXPECT_EQ(read(*family, "k0rdent://podlogs/team-a/gone").code, -32002);
  EXPECT_EQ(read(*family, "k0rdent://podlogs/team-a/two").code, -32602);
  EXPECT_EQ(read(*family, "k0rdent://podlogs/team-a").code, -32602);
  api.stop();
  EXPECT_EQ(read(*family, "k0rdent://podlogs/team-a/web/app").code, -32603);
}

}  // namespace
