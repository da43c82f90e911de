// What an operator sees of callers' shares: how many hold something, and how much the largest does,
// without a series or a name for each.
#include "support/prometheus.h"
#include "support/story_world.h"

namespace {

using test::McpSession;
using test::Scrape;
using test::SimCall;
using test::StoryWorld;

struct StoryShare : StoryWorld {
  StoryShare() {
    settings.auth_mode = app::AuthMode::oidc_required;
    settings.max_sessions_per_caller = 40;
    settings.max_streams_per_caller = 3;
    settings.max_calls_per_caller = 7;
    for (int i = 0; i < 20; ++i)
      api.users()["tok-" + std::to_string(i)] = {"person-" + std::to_string(i), "uid"};
  }
  Scrape scrape() {
    page = std::make_unique<SimCall>(*front, "GET", "/metrics", "", "", "");
    EXPECT_TRUE(run_until([&] { return page->done(); }));
    Scrape got(page->body);
    EXPECT_EQ(got.problem_text(), "");
    return got;
  }
  static double part(const Scrape& got, std::string_view name, std::string_view part) {
    return got.value("k0rdent_mcp_budget_" + std::string(name) + "{part=\"" + std::string(part) +
                     "\"}");
  }
  app::Settings settings;
  std::unique_ptr<SimCall> page;
};

TEST_F(StoryShare, IsOneSeriesAPartWhateverTheNumberOfCallers) {
  start_app(settings);
  std::vector<std::unique_ptr<McpSession>> all;
  all.push_back(connect("tok-0"));
  const std::size_t series = scrape().series.size();
  for (int i = 0; i < 20; ++i)
    all.push_back(connect("tok-" + std::to_string(i)));
  all.push_back(connect("tok-0"));
  const Scrape got = scrape();
  EXPECT_EQ(got.series.size(), series) << "no series of a caller's own";
  EXPECT_EQ(page->body.find("person-"), std::string::npos);
  EXPECT_EQ(page->body.find("tok-"), std::string::npos);
  for (const char* each : {"sessions", "streams"}) {
    EXPECT_EQ(part(got, "owners", each), 20) << each;
    EXPECT_EQ(part(got, "largest", each), 3) << each;
    EXPECT_EQ(part(got, "used", each), 22) << each;
  }
  EXPECT_EQ(part(got, "share", "sessions"), 40);
  EXPECT_EQ(part(got, "share", "streams"), 3);
  EXPECT_EQ(part(got, "share", "calls"), 7);
  EXPECT_EQ(part(got, "limit", "streams"), 12000);
}

TEST_F(StoryShare, OfStreamsIsWhatItsFlagSays) {
  start_app(settings);
  std::vector<std::unique_ptr<McpSession>> all;
  for (int i = 0; i < 3; ++i)
    all.push_back(connect("tok-0"));
  const std::string accept = "application/json, text/event-stream";
  SimCall begin(*front, "POST", "/mcp",
                R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":)"
                R"({"protocolVersion":"2025-11-25"}})",
                "tok-0", "application/json", {{"Accept", accept}});
  ASSERT_TRUE(run_until([&] { return begin.done(); }));
  ASSERT_EQ(begin.status, 200) << begin.body;
  SimCall stream(*front, "GET", "/mcp", "", "tok-0", "",
                 {{"Accept", accept}, {"Mcp-Session-Id", begin.session_id}});
  ASSERT_TRUE(run_until([&] { return stream.done(); }));
  EXPECT_EQ(stream.status, 429);
  EXPECT_EQ(stream.retry_after, "5");
  EXPECT_EQ(part(scrape(), "refusals_total", "streams"), 1);
  all.push_back(connect("tok-1"));
  EXPECT_TRUE(all.back()->stream_open());
}

}  // namespace
