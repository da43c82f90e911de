// An API server that is frozen: it takes connections, ends none, and answers nothing.
#include <algorithm>

#include "support/story_world.h"

namespace {

using base::seconds;

class StoryFrozen : public test::StoryWorld {
 protected:
  bool told_of(const test::McpSession& session, std::string_view what) const {
    return std::any_of(session.updates().begin(), session.updates().end(), [&](const auto& update) {
      return update.delta.find(what) != std::string::npos;
    });
  }
  std::unique_ptr<test::SimCall> ready() {
    auto call = std::make_unique<test::SimCall>(*front, "GET", "/readyz", "", "");
    run_until([&] { return call->done(); });
    return call;
  }
  void freeze() {
    sim::AnswerFault never;
    never.match = {.path = "/", .count = -1};
    never.never = true;
    api.faults().add(never);
  }
};

TEST_F(StoryFrozen, SubscribersAndReadinessAreToldWithinAMinute) {
  start_app();
  auto session = connect();
  ASSERT_TRUE(session->subscribe("k0rdent://events/team-a")) << session->error().to_json();
  pass(seconds(5));
  EXPECT_EQ(ready()->status, 200);
  freeze();
  pass(seconds(60));
  EXPECT_TRUE(told_of(*session, "does not answer")) << "the watch is as open as ever";
  auto page = ready();
  EXPECT_EQ(page->status, 503);
  EXPECT_NE(page->body.find("the API server does not answer"), std::string::npos) << page->body;
  session->forget();
  api.faults().clear();
  pass(seconds(31));
  EXPECT_EQ(ready()->status, 200);
  EXPECT_GE(session->updates().size(), 1u) << "that it is right again";
  EXPECT_FALSE(told_of(*session, "does not answer: ")) << session->updates()[0].delta;
  cluster.emit({.ns = "team-a", .name = "one"});
  settle();
  EXPECT_TRUE(told_of(*session, "one"));
}

TEST_F(StoryFrozen, OneAnswerThatIsLostTellsNothing) {
  start_app();
  auto session = connect();
  ASSERT_TRUE(session->subscribe("k0rdent://events/team-a")) << session->error().to_json();
  session->forget();
  sim::AnswerFault never;
  never.match = {.path = "/version", .count = 1};
  never.never = true;
  api.faults().add(never);
  pass(seconds(90));
  EXPECT_TRUE(session->updates().empty());
  EXPECT_EQ(ready()->status, 200);
}

}  // namespace
