#include "base/log.h"

#include <csignal>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/json.h"
#include "base/text.h"

namespace base::log {
namespace {

WallTime fixed_time(void*) {
  return {1795251600123456789};
}

// Lines go to a string, at a fixed time; everything is as before afterwards.
class LogTest : public ::testing::Test {
 protected:
  LogTest() {
    set_wall_source(fixed_time, nullptr);
    capture(&lines_);
  }
  ~LogTest() override {
    capture(nullptr);
    set_wall_source(nullptr, nullptr);
    configure(Config{});
  }
  std::string taken() { return std::exchange(lines_, std::string()); }
  std::string lines_;
};

TEST_F(LogTest, JsonHasTimeLevelMessageThenAttributesInOrder) {
  configure({Level::debug, Format::json, 2});
  const std::string text = "dyn";
  const Error error(Errc::timeout, "slow \"peer\"");
  LOG_INFO("watch confirmed", {"watch", "events/a"}, {"since_ms", 12}, {"a", true}, {"s", text},
           {"e", error}, {"d", milliseconds(1500)});
  EXPECT_EQ(
      taken(),
      R"({"time":"2026-11-21T09:00:00.123Z","level":"INFO","msg":"watch confirmed","watch":"events/a","since_ms":12,)"
      R"("a":true,"s":"dyn","e":"slow \"peer\"","d":"1.5s"})"
      "\n");
  LOG_DEBUG("a");
  LOG_WARN("b");
  LOG_ERROR("c", {"n", -1}, {"u", UINT64_MAX}, {"i", INT64_MIN});
  EXPECT_EQ(
      taken(),
      R"({"time":"2026-11-21T09:00:00.123Z","level":"DEBUG","msg":"a"})"
      "\n"
      R"({"time":"2026-11-21T09:00:00.123Z","level":"WARN","msg":"b"})"
      "\n"
      R"({"time":"2026-11-21T09:00:00.123Z","level":"ERROR","msg":"c","n":-1,"u":18446744073709551615,"i":-9223372036854775808})"
      "\n");
}

// It sees whole texts, before any is cut, and their names.
TEST_F(LogTest, AFilterChangesMessagesAndTexts) {
  struct Hide final : Filter {
    bool change(std::string_view key, std::string_view text, std::string& out) override {
      keys.append(key).append(" ");
      const std::size_t at = text.find("hunter2");
      if (at == text.npos) return false;
      out.append(text.substr(0, at)).append("*").append(text.substr(at + 7));
      return true;
    }
    std::string keys;
  } hide;
  configure({Level::debug, Format::json, 2});
  EXPECT_EQ(set_filter(&hide), nullptr);
  const std::string long_text = std::string(3068, 'x') + "hunter2";
  LOG_INFO("a hunter2", {"b", "hunter2 c"}, {"n", 7}, {"d", "e"}, {"f", long_text});
  EXPECT_EQ(set_filter(nullptr), &hide);
  const std::string line = taken();
  EXPECT_EQ(hide.keys, "msg b d f ");
  EXPECT_NE(line.find(R"("msg":"a *","b":"* c","n":7,"d":"e",)"), line.npos) << line;
  EXPECT_EQ(line.find("hunt"), line.npos) << line;
  LOG_INFO("hunter2");
  EXPECT_NE(taken().find("hunter2"), std::string::npos);
}

TEST_F(LogTest, TextIsForPeople) {
  configure({Level::debug, Format::text, 2});
  LOG_INFO("msg", {"key", "value"}, {"n", 3});
  EXPECT_EQ(taken(), "09:00:00.123 INFO  msg key=value n=3\n");
  LOG_ERROR("two words", {"k", "a b"}, {"empty", ""}, {"q", "a=\"b\""}, {"nl", "x\ny"},
            {"u", "\xC3\xA4"});
  EXPECT_EQ(taken(),
            "09:00:00.123 ERROR two words k=\"a b\" empty=\"\" q=\"a=\\\"b\\\"\" nl=\"x\\ny\" "
            "u=\xC3\xA4\n");
  LOG_WARN("w\n2");
  LOG_DEBUG("d");
  EXPECT_EQ(taken(), "09:00:00.123 WARN  w?2\n09:00:00.123 DEBUG d\n");
}

TEST_F(LogTest, ArgumentsOfADisabledLevelAreNotEvaluated) {
  configure({Level::warn, Format::json, 2});
  int evaluated = 0;
  LOG_DEBUG("x", {"n", ++evaluated});
  LOG_INFO("x", {"n", ++evaluated});
  EXPECT_EQ(evaluated, 0);
  EXPECT_EQ(taken(), "");
  LOG_WARN("x", {"n", ++evaluated});
  EXPECT_EQ(evaluated, 1);
  EXPECT_FALSE(enabled(Level::info));
  EXPECT_TRUE(enabled(Level::error));
}

TEST_F(LogTest, LongLinesAreCutAndStayValid) {
  configure({Level::info, Format::json, 2});
  json::Document doc;
  const std::string euros = [] {
    std::string s;
    for (int i = 0; i < 5000; ++i)
      s += "\u20ac";
    return s;
  }();
  const std::string controls(20'000, '\x01');
  LOG_INFO("one long", {"body", euros});
  LOG_INFO("hopeless", {"a", controls}, {"b", controls}, {"c", controls});
  LOG_INFO(controls);
  const std::string all = taken();
  const auto parts = split(all, '\n');
  ASSERT_EQ(parts.size(), 4U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_LT(parts[i].size(), kLineBytes);
    EXPECT_TRUE(doc.parse(parts[i])) << parts[i];
  }
  ASSERT_TRUE(doc.parse(parts[0]));
  EXPECT_GT(doc.root()["body"].str().size(), 3000U);
  EXPECT_TRUE(doc.root()["body"].str().ends_with("\u20ac\u2026"));
  ASSERT_TRUE(doc.parse(parts[1]));
  EXPECT_TRUE(doc.root()["log_truncated"].bool_or(false));
  EXPECT_FALSE(doc.root()["a"]);
  configure({Level::info, Format::text, 2});
  LOG_INFO(controls, {"a", controls});
  EXPECT_LE(taken().size(), kLineBytes);
}

struct Pipe {
  Pipe() {
    int ends[2];
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    reader = Fd(ends[0]);
    writer = Fd(ends[1]);
  }
  std::string drained() const {
    const int flags = ::fcntl(reader.get(), F_GETFL);
    EXPECT_EQ(::fcntl(reader.get(), F_SETFL, flags | O_NONBLOCK), 0);
    std::string out;
    char piece[4096];
    ssize_t n = 0;
    while ((n = ::read(reader.get(), piece, sizeof piece)) > 0)
      out.append(piece, static_cast<std::size_t>(n));
    return out;
  }
  Fd reader;
  Fd writer;
};

TEST_F(LogTest, AFullPipeDropsLinesAndTheNextOneSaysHowMany) {
  capture(nullptr);
  const Pipe pipe;
  configure({Level::info, Format::json, pipe.writer.get()});
  const std::string body(900, 'x');
  const int written = 1000;  // 1 MB into a blocking pipe of 64 KiB that nobody reads: a write that
                             // blocked would hang here
  for (int i = 0; i < written; ++i)
    LOG_INFO("filling", {"i", i}, {"body", body});
  const std::string first = pipe.drained();
  json::Document doc;
  int arrived = 0;
  for (const std::string_view line : split(first, '\n')) {
    if (line.empty()) continue;
    ASSERT_TRUE(doc.parse(line)) << line;
    EXPECT_EQ(doc.root()["i"].as_int(), arrived++);
    EXPECT_FALSE(doc.root()["log_dropped"]);
  }
  EXPECT_GT(arrived, 10);
  EXPECT_LT(arrived, written);
  LOG_INFO("again");
  LOG_INFO("and again");
  const std::string rest = pipe.drained();
  const auto lines = split(rest, '\n');
  ASSERT_EQ(lines.size(), 3U);
  ASSERT_TRUE(doc.parse(lines[0]));
  EXPECT_EQ(doc.root()["log_dropped"].as_int(), written - arrived);
  ASSERT_TRUE(doc.parse(lines[1]));
  EXPECT_FALSE(doc.root()["log_dropped"]);
}

TEST_F(LogTest, AClosedReaderDoesNotKillTheProcess) {
  capture(nullptr);
  Pipe pipe;
  pipe.reader.reset();
  configure({Level::info, Format::json, pipe.writer.get()});
  struct sigaction before {};
  struct sigaction standard {};
  standard.sa_handler = SIG_DFL;
  ASSERT_EQ(::sigaction(SIGPIPE, &standard, &before), 0);
  LOG_INFO("nobody reads");
  ASSERT_EQ(::sigaction(SIGPIPE, &before, nullptr), 0);
  capture(&lines_);
  LOG_INFO("here");
  EXPECT_NE(lines_.find("\"log_dropped\":1"), std::string::npos) << lines_;
}

TEST_F(LogTest, EachLineIsOneWrite) {
  capture(nullptr);
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC | O_DIRECT), 0);  // packet mode: one read gives one write
  const Fd reader(ends[0]);
  const Fd writer(ends[1]);
  configure({Level::info, Format::json, writer.get()});
  LOG_INFO("a", {"body", std::string(2000, 'x')});
  LOG_INFO("b");
  char piece[8192];
  const ssize_t n = ::read(reader.get(), piece, sizeof piece);
  ASSERT_GT(n, 2000);
  const std::string_view line(piece, static_cast<std::size_t>(n));
  EXPECT_EQ(line.find('\n'), line.size() - 1);
}

TEST(LogLevel, ReadsNamesInAnyCase) {
  EXPECT_EQ(*parse_level("debug"), Level::debug);
  EXPECT_EQ(*parse_level("INFO"), Level::info);
  EXPECT_EQ(*parse_level("Warn"), Level::warn);
  EXPECT_EQ(*parse_level("warning"), Level::warn);
  EXPECT_EQ(*parse_level("error"), Level::error);
  EXPECT_EQ(*parse_level("TRACE"), Level::debug);
  EXPECT_EQ(*parse_level("FATAL"), Level::error);
  const auto bad = parse_level("loud\n");
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().what(), "unknown log level \"loud?\": use debug, info, warn or error");
}

}  // namespace
}  // namespace base::log
