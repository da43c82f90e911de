// The whole server on the simulated cluster: a client whose event stream breaks comes back.
#include <algorithm>

#include "support/story_world.h"

namespace {

using base::seconds;
using test::McpSession;
using test::StoryWorld;
using Told = std::vector<std::string>;

struct StoryResume : StoryWorld {
  static constexpr const char* kUri = "k0rdent://events/team-a";
  void emit(const std::string& name) { cluster.emit({.ns = "team-a", .name = name}); }
};

TEST_F(StoryResume, AfterEachBreakEveryEventHasComeExactlyOnce) {
  start_app();
  auto session = connect();
  ASSERT_TRUE(session->subscribe(kUri));
  Told wanted;
  for (int i = 0; i < 12; ++i) {
    const std::string name = "e" + std::to_string(i);
    emit(name);
    wanted.push_back("ADDED " + name + " ");
    // Broken before, while and after the event is on its way.
    if (i % 3 == 0) settle();
    if (i % 3 == 1) loop.run_once();
    session->drop_stream();
    if (i % 2 == 0) settle();
    session->open_stream();
    ASSERT_TRUE(told(*session, wanted.size())) << i;
  }
  Told came = session->told();
  for (std::string& each : came)
    each = each.substr(0, each.find(' ', 6) + 1);
  EXPECT_EQ(came, wanted);
  EXPECT_TRUE(session->messages().empty()) << "nothing was lost";
  EXPECT_EQ(api.count("watch", "/events"), 1) << "the watch went on";
}

TEST_F(StoryResume, WithinTheWindowTheWatchStaysAfterItItCloses) {
  app::Settings settings;
  settings.resume_window = seconds(20);
  start_app(settings);
  auto session = connect();
  ASSERT_TRUE(session->subscribe(kUri));
  emit("a");
  ASSERT_TRUE(told(*session, 1));
  session->drop_stream();
  pass(seconds(15));
  EXPECT_EQ(api.open_streams("/events"), 1);
  emit("b");
  session->open_stream();
  ASSERT_TRUE(told(*session, 2));
  session->drop_stream();
  pass(seconds(30));  // the window, and the linger of the watch
  EXPECT_EQ(api.open_streams("/events"), 0);
  EXPECT_EQ(app->watches(), 0u);
  emit("c");
  session->open_stream();
  ASSERT_TRUE(run_until([&] { return !session->messages().empty(); }));
  EXPECT_NE(session->messages()[0].find("were dropped"), std::string::npos);
  EXPECT_NE(session->messages()[0].find(kUri), std::string::npos);
  EXPECT_EQ(session->updates().size(), 2u);
  ASSERT_TRUE(session->subscribe(kUri)) << "the session itself is there";
  ASSERT_TRUE(told(*session, 5)) << "a snapshot, of all three";
}

TEST_F(StoryResume, DeleteInTheWindowClosesTheWatchAtOnce) {
  start_app();
  auto session = connect();
  ASSERT_TRUE(session->subscribe(kUri));
  session->drop_stream();
  settle();
  session->end();
  pass(seconds(6));  // the linger of the watch
  EXPECT_EQ(api.open_streams(), 0);
  EXPECT_EQ(app->watches(), 0u);
}

}  // namespace
