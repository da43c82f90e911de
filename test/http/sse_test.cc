#include "http/sse.h"

#include <vector>

#include <gtest/gtest.h>

namespace {

namespace sse = http::sse;

TEST(Sse, FramesAMessageInOneDataLine) {
  EXPECT_EQ(sse::message("{\"a\":1}").view(), "event: message\ndata: {\"a\":1}\n\n");
  EXPECT_EQ(sse::message("s1_2", "{}").view(), "id: s1_2\nevent: message\ndata: {}\n\n");
  EXPECT_EQ(sse::comment("ka").view(), ": ka\n\n");
}

TEST(Sse, AMessageIsSharedNotCopied) {
  const base::Payload one = sse::message("{}");
  const base::Payload two = one;
  EXPECT_EQ(one.view().data(), two.view().data());
  EXPECT_EQ(one.holders(), 2u);
}

TEST(Sse, TheReaderSplitsEventsWhereverTheyAreCut) {
  const std::string text =
      ": open\n\nid: 7\nevent: message\ndata: {\"x\": \"y\"}\n\ndata: a\r\ndata: b\r\n\r\n\n: "
      "k\ndata:\n\n";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    sse::Reader reader;
    std::vector<sse::Event> events;
    for (std::string_view in :
         {std::string_view(text).substr(0, cut), std::string_view(text).substr(cut)}) {
      sse::Event e;
      while (reader.next(in, e))
        events.push_back(e);
      EXPECT_TRUE(in.empty());
    }
    ASSERT_EQ(events.size(), 4u) << "cut at " << cut;
    EXPECT_EQ(events[0].comment, "open");
    EXPECT_FALSE(events[0].has_data);
    EXPECT_EQ(events[1].id, "7");
    EXPECT_EQ(events[1].name, "message");
    EXPECT_EQ(events[1].data, "{\"x\": \"y\"}");
    EXPECT_EQ(events[2].data, "a\nb");
    EXPECT_EQ(events[2].name, "");
    EXPECT_EQ(events[3].comment, "k");
    EXPECT_EQ(events[3].data, "");
    EXPECT_TRUE(events[3].has_data);
  }
}

}  // namespace
