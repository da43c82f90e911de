// What cannot be seen now is not told as gone: balancers that answer for a server that is away, and rights that are taken away, of the whole server
// on the simulated cluster.
#include <algorithm>

#include "support/story_world.h"

namespace {

using base::minutes;
using base::seconds;
using test::McpSession;

class StoryUnseen : public test::StoryWorld {
 protected:
  void begin() {
    ASSERT_TRUE(api.store().load_folder("test/fixtures/k0rdent").has_value());
    start_app();
    session = connect();
    ASSERT_TRUE(session->subscribe("k0rdent://graph")) << session->error().to_json();
    settle();
    session->forget();
  }
  // From now on every path is answered so, and what is open is cut.
  void balancer(int status, const std::string& body, const std::string& path = "/api") {
    sim::AnswerFault fault;
    fault.match = {.path = path, .count = -1};
    fault.answer = sim::Answer{.status = status, .body = body, .type = "text/html"};
    api.faults().add(fault);
    api.end_streams("");
  }
  int deleted() const {
    return static_cast<int>(std::count_if(
        session->updates().begin(), session->updates().end(), [](const McpSession::Update& update) {
          return update.delta.find(R"("action":"deleted")") != std::string::npos;
        }));
  }
  bool told_of(std::string_view what) const {
    return std::any_of(session->updates().begin(), session->updates().end(),
                       [&](const McpSession::Update& update) {
                         return update.delta.find(what) != std::string::npos;
                       });
  }
  std::string read() {
    session->ask("resources/read", R"({"uri":"k0rdent://graph"})");
    return std::string(session->result()["contents"].at(0)["text"].str());
  }
  void change(const std::string& name) {
    api.store().put(
        {&api.store().of("Credential"), 0},
        R"({"apiVersion":"k0rdent.mirantis.com/v1beta1","kind":"Credential","metadata":{"name":")" +
            name + R"(","namespace":"kcm-system"},"spec":{}})");
  }
  std::unique_ptr<McpSession> session;
};

// For 5 s a balancer answered every path with a page of 404: all objects were told deleted at 0.1 s.
TEST_F(StoryUnseen, ABalancersPagesTellNothingDeleted) {
  begin();
  const std::string before = read();
  for (const int status : {404, 400, 403, 405, 410}) {
    SCOPED_TRACE(status);
    session->forget();
    balancer(status, "404 page not found\n");
    pass(seconds(5));
    EXPECT_EQ(deleted(), 0);
    api.faults().clear();
    const std::string name = "new-" + std::to_string(status);
    change(name);
    pass(seconds(20));
    EXPECT_TRUE(told_of(name)) << "the watches go on by the backoff";
    EXPECT_EQ(deleted(), 0);
  }
  pass(minutes(5));
  EXPECT_EQ(deleted(), 0);
  EXPECT_EQ(read().find("cannot be seen"), std::string::npos) << read().substr(0, 2000);
}

TEST_F(StoryUnseen, AsLongAsItLastsItIsStaleAndSaysSo) {
  begin();
  balancer(404, "404 page not found\n");
  pass(minutes(10));
  EXPECT_EQ(deleted(), 0) << "discovery was not heard in JSON";
  EXPECT_TRUE(told_of("cannot be seen now"));
  EXPECT_NE(read().find("Credential: cannot be seen now (HTTP 404 Not Found: 404 page not found)"),
            std::string::npos)
      << read().substr(0, 3000);
}

// A 403 that lasted 40 s told deleted at 38 s.
TEST_F(StoryUnseen, RightsThatAreTakenAwayTellNothingDeleted) {
  begin();
  sim::User::Rule all;
  all.any_group = true;
  api.users()[std::string(sim::ApiServer::kAdminToken)].denied = {all};
  api.end_streams("");
  pass(minutes(20));
  EXPECT_EQ(deleted(), 0);
  EXPECT_TRUE(told_of("cannot be seen now"));
  api.users()[std::string(sim::ApiServer::kAdminToken)].denied = {};
  pass(minutes(6));
  change("later");
  pass(seconds(1));
  EXPECT_TRUE(told_of("later"));
  EXPECT_EQ(deleted(), 0);
  EXPECT_EQ(read().find("cannot be seen"), std::string::npos);
}

TEST_F(StoryUnseen, AKindIsGoneWhenDiscoverySaysSoTwice) {
  begin();
  balancer(404, "404 page not found\n", "/credentials");
  sim::AnswerFault unknown;
  unknown.match = {.path = "/apis/k0rdent.mirantis.com/v1beta1", .count = -1};
  unknown.edit = [](std::string& body) {
    for (std::size_t at = 0; (at = body.find("\"Credential\"", at)) != body.npos;)
      body.replace(at, 12, "\"Credentiam\"");
  };
  api.faults().add(unknown);
  pass(seconds(19));
  EXPECT_EQ(deleted(), 0);
  EXPECT_NE(read().find("Credential: cannot be seen now"), std::string::npos);
  pass(minutes(2));
  EXPECT_GT(deleted(), 0);
  EXPECT_NE(read().find("Credential: not served"), std::string::npos);
  api.faults().clear();
  session->forget();
  pass(minutes(1));
  EXPECT_TRUE(told_of("Credential:"));
}

}  // namespace
