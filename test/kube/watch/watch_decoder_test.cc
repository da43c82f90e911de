// Watch frames out of bytes, wherever they are cut and however they are written.
#include "kube/watch/watch_decoder.h"

#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace {

using base::Errc;
using kube::watch::Frame;
using kube::watch::FrameType;
using kube::watch::WatchDecoder;

struct Sink : kube::watch::FrameSink {
  bool on_frame(const Frame& frame) override {
    static constexpr const char* kNames[] = {"A", "M", "D", "B", "E"};
    got.push_back(std::string(kNames[static_cast<int>(frame.type)]) + ":" +
                  std::string(frame.object["metadata"]["name"].str()));
    if (in_frame) in_frame->reset();
    return got.size() < stop_at;
  }
  std::optional<bool> on_unreadable(const kube::watch::UnreadableFrame& frame) override {
    if (!frame.too_large) return std::nullopt;
    got.push_back("<" + std::string(frame.object.substr(0, 24)) + "> " + frame.why);
    return got.size() < stop_at;
  }
  std::vector<std::string> got;
  std::size_t stop_at = SIZE_MAX;
  WatchDecoder* in_frame = nullptr;
};

std::string frame(std::string_view type, std::string_view name) {
  return R"({"type":")" + std::string(type) + R"(","object":{"metadata":{"name":")" +
         std::string(name) + R"("}}})";
}

// In pieces of `step` bytes, each in its own memory.
base::Result<void> feed(WatchDecoder& decoder, Sink& sink, std::string_view bytes,
                        std::size_t step) {
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    const std::string piece(bytes.substr(at, step));
    if (auto fed = decoder.feed(piece, sink); !fed) return fed;
  }
  return {};
}

TEST(WatchDecoder, H01H02AnyCutGivesTheSameFrames) {
  const std::string bytes = frame("ADDED", "a") + "\n" +
                            frame("MODIFIED", "na\xC3\xAFve {\\\"}\\\\ \\u00e9\\ud83d\\ude00") +
                            "\n" + frame("DELETED", "}{][") + "\n" + frame("BOOKMARK", "") + "\n" +
                            R"({"type":"ERROR","object":{"kind":"Status"}})" + "\n";
  const std::vector<std::string> want{"A:a", "M:na\xC3\xAFve {\"}\\ \xC3\xA9\xF0\x9F\x98\x80",
                                      "D:}{][", "B:", "E:"};
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    WatchDecoder decoder;
    Sink sink;
    ASSERT_TRUE(feed(decoder, sink, bytes, step)) << step;
    ASSERT_EQ(sink.got, want) << step;
    EXPECT_FALSE(decoder.mid_frame());
  }
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {  // and in exactly two pieces
    WatchDecoder decoder;
    Sink sink;
    ASSERT_TRUE(decoder.feed(std::string(bytes, 0, cut), sink));
    ASSERT_TRUE(decoder.feed(std::string(bytes, cut), sink));
    ASSERT_EQ(sink.got, want) << cut;
  }
}

TEST(WatchDecoder, H03AThousandFramesInOneChunk) {
  std::string bytes;
  for (int i = 0; i < 1000; ++i)
    bytes += frame("ADDED", std::to_string(i)) + "\n";
  WatchDecoder decoder;
  Sink sink;
  ASSERT_TRUE(decoder.feed(bytes, sink));
  ASSERT_EQ(sink.got.size(), 1000U);
  EXPECT_EQ(sink.got[999], "A:999");
}

TEST(WatchDecoder, H18PrettyPrintedFramesAndFramesOnOneLine) {
  const std::string pretty =
      "{\n  \"type\": \"ADDED\",\n  \"object\": {\n    \"metadata\": {\n      \"name\": \"a\"\n    "
      "}\n  }\n}\n";
  // Its first line ends in a brace, and is no whole object.
  const std::string tricky =
      "{\"labels\":{}\n,\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"t\"}}}\r\n";
  const std::string bytes = pretty + tricky + frame("ADDED", "b") + frame("ADDED", "c") + " \t" +
                            frame("ADDED", "d") + "\r\n" + pretty;
  for (std::size_t step : {std::size_t{1}, std::size_t{3}, std::size_t{50}, bytes.size()}) {
    WatchDecoder decoder;
    Sink sink;
    ASSERT_TRUE(feed(decoder, sink, bytes, step));
    EXPECT_EQ(sink.got, (std::vector<std::string>{"A:a", "A:t", "A:b", "A:c", "A:d", "A:a"}));
  }
}

TEST(WatchDecoder, H19TheLastFrameNeedsNoLineEnd) {
  WatchDecoder decoder;
  Sink sink;
  ASSERT_TRUE(decoder.feed(frame("ADDED", "a") + "\n" + frame("ADDED", "b"), sink));
  EXPECT_EQ(sink.got, (std::vector<std::string>{"A:a", "A:b"}));
  EXPECT_FALSE(decoder.mid_frame());
}

TEST(WatchDecoder, H20AnIncompleteFrameIsSeenAndForgotten) {
  WatchDecoder decoder;
  Sink sink;
  ASSERT_TRUE(decoder.feed(R"({"type":"ADDED","object":{"metadata":{"na)", sink));
  EXPECT_TRUE(decoder.mid_frame());
  EXPECT_TRUE(sink.got.empty());
  decoder.reset();
  EXPECT_FALSE(decoder.mid_frame());
  ASSERT_TRUE(decoder.feed(frame("ADDED", "b"), sink));
  EXPECT_EQ(sink.got, std::vector<std::string>{"A:b"});
}

TEST(WatchDecoder, H21GarbageIsAProtocolError) {
  const std::string good = frame("ADDED", "a") + "\n";
  for (const std::string bad :
       {"<html>502</html>", "garbage\n", "]", "{\"type\":\"ADDED\",\"object\":{]}}\n",
        "{\"a\" \"b\"}\n", "{}\n", "{\"type\":7,\"object\":{}}", "{\"type\":\"ADDED\"}\n",
        "{\"type\":\"ADDED\",\"object\":null}\n", "{\"type\":\"ADDED\",\"object\":[]}\n",
        "{\"type\":\"BOOKMARK\"}\n", "{\"type\":\"ADDED\",\"object\":{\"x\":\"\xFF\"}}\n",
        "\xEF\xBB\xBF{}"}) {
    SCOPED_TRACE(bad);
    WatchDecoder decoder;
    Sink sink;
    const auto fed = decoder.feed(good + bad + good, sink);
    ASSERT_FALSE(fed);
    EXPECT_EQ(fed.error().code(), Errc::protocol);
    EXPECT_EQ(sink.got, std::vector<std::string>{"A:a"}) << "what came before counts";
  }
}

TEST(WatchDecoder, W12AnUnknownTypeIsNamed) {
  WatchDecoder decoder;
  Sink sink;
  const auto fed = decoder.feed(frame("FOO", "a"), sink);
  ASSERT_FALSE(fed);
  EXPECT_EQ(fed.error().what(), "watch frame of unknown type 'FOO'");
}

TEST(WatchDecoder, W11AnErrorFrameMayHoldAnything) {
  WatchDecoder decoder;
  Sink sink;
  ASSERT_TRUE(
      decoder.feed("{\"type\":\"ERROR\",\"object\":null}\n{\"type\":\"ERROR\"}\n{\"type\":"
                   "\"ERROR\",\"object\":\"x\"}",
                   sink));
  EXPECT_EQ(sink.got.size(), 3U);
}

TEST(WatchDecoder, H22AFrameOverTheLimitIsRefusedBeforeItIsWhole) {
  for (const bool line_end : {true, false}) {
    for (std::size_t step : {std::size_t{64}, std::size_t{100000}}) {
      WatchDecoder decoder(1000);
      Sink sink;
      const std::string fits = frame("ADDED", std::string(900, 'x'));
      ASSERT_TRUE(feed(decoder, sink, fits + "\n", step));
      const auto fed = feed(decoder, sink,
                            frame("ADDED", std::string(2000, 'x')) + (line_end ? "\n" : ""), step);
      ASSERT_FALSE(fed);
      EXPECT_EQ(fed.error().code(), Errc::too_large);
      EXPECT_EQ(sink.got.size(), 1U);
    }
  }
}

// An object of 16 MiB was parsed in one go.
TEST(WatchDecoder, AnObjectOverItsLimitCostsItselfAlone) {
  const std::string large = frame("MODIFIED", std::string(3000, 'x'));
  const std::string bytes = frame("ADDED", "a") + "\n" + large + "\n" + frame("ADDED", "b") + "\n";
  for (const std::size_t step : {std::size_t{1}, std::size_t{64}, std::size_t{100000}}) {
    WatchDecoder decoder(100000, 1000);
    Sink sink;
    ASSERT_TRUE(feed(decoder, sink, bytes, step)) << step;
    ASSERT_EQ(sink.got.size(), 3u) << step;
    EXPECT_EQ(sink.got[1], "<{\"metadata\":{\"name\":\"xxx> it has " +
                               std::to_string(large.size()) + " bytes, over 1000");
    EXPECT_EQ(sink.got[2], "A:b");
    EXPECT_FALSE(decoder.mid_frame());
  }
}

TEST(WatchDecoder, AnObjectOfMoreValuesThanAreParsedInOneTurnCostsItselfAlone) {
  std::string many = R"({"type":"ADDED","object":{"metadata":{"name":"m"},"x":[0)";
  for (std::size_t i = 0; i <= kube::kObjectValues; ++i)
    many += ",1";
  many += "]}}\n";
  ASSERT_LT(many.size(), kube::kObjectBytes);
  for (const std::size_t step : {std::size_t{5000}, std::size_t{10'000'000}}) {
    WatchDecoder decoder;
    Sink sink;
    ASSERT_TRUE(feed(decoder, sink, many + frame("ADDED", "b") + "\n", step)) << step;
    ASSERT_EQ(sink.got.size(), 2u);
    EXPECT_NE(sink.got[0].find("more than 200000 members and elements"), std::string::npos);
    EXPECT_EQ(sink.got[1], "A:b");
  }
}

TEST(WatchDecoder, StopsWhenTheSinkHasEnoughAndMayBeResetInside) {
  for (std::size_t step : {std::size_t{7}, std::size_t{1000}}) {
    WatchDecoder decoder;
    Sink sink;
    sink.stop_at = 2;
    sink.in_frame = &decoder;
    const std::string bytes =
        frame("ADDED", "a") + "\n" + frame("ADDED", "b") + "\n" + frame("ADDED", "c") + "\n";
    for (std::size_t at = 0; at < bytes.size() && sink.got.size() < 2; at += step)
      ASSERT_TRUE(decoder.feed(bytes.substr(at, step), sink));
    EXPECT_EQ(sink.got, (std::vector<std::string>{"A:a", "A:b"}));
  }
}

TEST(WatchDecoder, AResetInAnEscapeLeavesNothingOfIt) {
  WatchDecoder decoder;
  Sink sink;
  ASSERT_TRUE(decoder.feed(R"({"type":"ADDED","object":{"metadata":{"name":"\)", sink));
  decoder.reset();
  ASSERT_TRUE(decoder.feed(frame("ADDED", "a"), sink));
  EXPECT_EQ(sink.got, std::vector<std::string>{"A:a"});
}

}  // namespace
