// The layer's smallest parts: errors and results, buffers, payloads, links, delegates, descriptors.
#include <cerrno>
#include <memory>

#include <fcntl.h>
#include <gtest/gtest.h>

#include "base/buffer.h"
#include "base/delegate.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/link.h"
#include "base/payload.h"
#include "base/queue_budget.h"

namespace base {
namespace {

TEST(Error, ContextGoesInFront) {
  const Error error = Error(Errc::not_found, "no such file").within("kubeconfig").within("start");
  EXPECT_EQ(error.what(), "start: kubeconfig: no such file");
  EXPECT_EQ(error.code(), Errc::not_found);
}

TEST(Error, ErrnoGetsTheCodeThatFits) {
  EXPECT_EQ(errno_error("open x", ENOENT).code(), Errc::not_found);
  EXPECT_EQ(errno_error("open x", EACCES).code(), Errc::forbidden);
  EXPECT_EQ(errno_error("connect", ETIMEDOUT).code(), Errc::timeout);
  EXPECT_EQ(errno_error("connect", ECONNREFUSED).code(), Errc::unavailable);
  EXPECT_EQ(errno_error("connect", ECONNREFUSED).what(), "connect: Connection refused");
}

TEST(Result, CarriesMoveOnlyValues) {
  Result<std::unique_ptr<int>> made(std::make_unique<int>(7));
  ASSERT_TRUE(made);
  const std::unique_ptr<int> taken = *std::move(made);
  EXPECT_EQ(*taken, 7);
  Result<void> fine;
  EXPECT_TRUE(fine);
  Result<void> failed = Error(Errc::gone, "x");
  EXPECT_FALSE(failed);
  EXPECT_EQ(failed.error().code(), Errc::gone);
}

TEST(ResultDeathTest, TheWrongSideIsOurBug) {
  Result<int> failed = Error(Errc::gone, "x");
  EXPECT_DEATH(static_cast<void>(*failed), "CHECK failed: has_value");
}

TEST(Buffer, ServesFromTheFrontWhileTheBackGrows) {
  Buffer buffer;
  std::string expected;
  for (int i = 0; i < 1000; ++i) {
    const std::string piece(static_cast<std::size_t>(i % 7), static_cast<char>('a' + i % 26));
    buffer.append(piece);
    expected += piece;
    const std::size_t n = std::min<std::size_t>(buffer.size(), static_cast<std::size_t>(i % 5));
    buffer.consume(n);
    expected.erase(0, n);
    ASSERT_EQ(buffer.view(), expected);
  }
  buffer.consume(buffer.size());
  EXPECT_TRUE(buffer.empty());
}

// Found by a benchmark: 10,000 subscribers with 3,000 small events each to take held 700 MB of
// records under a budget of 64.
TEST(QueueBudget, CountsWhatEachQueueKeepsOfThem) {
  QueueBudget budget(1000);
  const Payload one("x");
  int queues = 0;
  for (; budget.has_room(one, 48); ++queues)
    budget.add(one, 48);
  EXPECT_EQ(queues, 20);
  EXPECT_FALSE(budget.has_room(Payload(), 48));
  EXPECT_TRUE(budget.has_room(Payload(), 39));
  EXPECT_EQ(budget.used(), 961u);
  while (queues-- > 0)
    budget.remove(one, 48);
  EXPECT_EQ(budget.used(), 0u);
}

TEST(QueueBudget, CountsBytesThatWaitInManyQueuesOnce) {
  QueueBudget budget(10);
  const Payload a("12345"), b("678"), c("abc");
  budget.add(a, 0);
  budget.add(a, 0);
  EXPECT_EQ(budget.used(), 5u);
  budget.add(b, 0);
  EXPECT_FALSE(budget.has_room(c, 0));
  EXPECT_TRUE(budget.has_room(a, 0)) << "waits already";
  EXPECT_TRUE(budget.has_room(Payload(), 0));
  budget.remove(a, 0);
  EXPECT_EQ(budget.used(), 8u) << "the other queue still has it";
  budget.remove(a, 0);
  EXPECT_TRUE(budget.has_room(c, 0));
  budget.remove(b, 0);
  EXPECT_EQ(budget.used(), 0u);
}

TEST(Payload, HoldersShareTheSameBytes) {
  Payload a = Payload::concat("data: ", "{}", "\n\n");
  EXPECT_EQ(a.view(), "data: {}\n\n");
  const char* bytes = a.view().data();
  Payload b = a;
  EXPECT_EQ(a.holders(), 2U);
  EXPECT_EQ(b.view().data(), bytes);
  a = Payload("other");
  EXPECT_EQ(b.holders(), 1U);
  Payload c = std::move(b);
  EXPECT_TRUE(b.empty());  // NOLINT(bugprone-use-after-move): a moved-from Payload is empty
  EXPECT_EQ(c.view().data(), bytes);
  EXPECT_EQ(Payload("").holders(), 0U);
}

TEST(Link, ListsJoinLeaveAndTakeInOrder) {
  Link head;
  Link other;
  Link a;
  Link b;
  head.push_back(a);
  head.push_back(b);
  EXPECT_EQ(head.next, &a);
  EXPECT_EQ(a.next, &b);
  other.take(head);
  EXPECT_FALSE(head.linked());
  EXPECT_EQ(other.next, &a);
  EXPECT_EQ(other.prev, &b);
  a.unlink();
  EXPECT_FALSE(a.linked());
  EXPECT_EQ(other.next, &b);
  b.unlink();
  EXPECT_FALSE(other.linked());
}

struct Adder {
  int sum = 0;
  int add(int n) { return sum += n; }
};

TEST(Delegate, CallsTheBoundMember) {
  Adder adder;
  Delegate<int(int)> none;
  EXPECT_FALSE(none);
  const auto add = Delegate<int(int)>::bind<&Adder::add>(&adder);
  ASSERT_TRUE(add);
  EXPECT_EQ(add(2), 2);
  EXPECT_EQ(add(3), 5);
  EXPECT_EQ(adder.sum, 5);
}

TEST(Fd, ClosesOnceAndMoves) {
  const int raw = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ASSERT_GE(raw, 0);
  {
    Fd a(raw);
    Fd b = std::move(a);
    EXPECT_EQ(b.get(), raw);
    EXPECT_NE(::fcntl(raw, F_GETFD), -1);
  }
  EXPECT_EQ(::fcntl(raw, F_GETFD), -1);
  EXPECT_EQ(errno, EBADF);
}

}  // namespace
}  // namespace base
