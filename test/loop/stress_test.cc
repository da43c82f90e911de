// Random operations from random callbacks: sources that close themselves, each other, and open new
// ones on reused descriptors, in one turn. Each callback checks that it may happen at all. Worth
// most under ASan and UBSan.
#include <map>
#include <memory>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/random.h"
#include "loop/loop.h"

namespace loop {
namespace {

constexpr int kTurns = 4000;
constexpr std::size_t kFewest = 40, kMost = 200;  // peers alive

struct World;

struct Peer {
  World& world;
  const int id;
  bool closed = false;
  long armed_in_turn = -1, scheduled_by_task_in_turn = -1;
  base::Fd fd;
  FdWatch watch;
  Timer timer;
  Deferred task;

  Peer(World& w, int i, int f);
  ~Peer() { close(); }
  void close();
  void arm(Duration in);
  void arm_at_zero();
  void on_ready(std::uint32_t ready);
  void on_timer();
  void on_task();
};

struct World {
  Loop& loop;
  base::Random random;
  std::map<int, std::unique_ptr<Peer>> peers;
  std::map<int, int> seen;  // descriptor numbers
  int next_id = 0;
  long turn = 0;
  bool in_task = false;
  long ready = 0, fired = 0, ran = 0, self_closed = 0, destroyed = 0, reused = 0;
  long stale = 0, unwanted = 0, off_time = 0, same_turn = 0;

  World(Loop& l, std::uint64_t seed) : loop(l), random(seed) {}

  void add_pair() {
    int s[2];
    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, s) == 0);
    for (const int fd : s) {
      if (seen[fd]++ > 0) ++reused;
      const int id = next_id++;
      peers.emplace(id, std::make_unique<Peer>(*this, id, fd));
    }
  }
  // As an owner does from inside the peer's own callback.
  void retire(int id) {
    auto it = peers.find(id);
    if (it == peers.end()) return;
    it->second->close();
    loop.retire(std::move(it->second));
    peers.erase(it);
  }
  Peer& any() {
    auto it = peers.lower_bound(static_cast<int>(random.below(static_cast<unsigned>(next_id))));
    return *(it == peers.end() ? peers.begin() : it)->second;
  }
  Duration some_time() { return Duration(random.below(5000000)); }
  void one_operation(Peer& self);
  void mayhem(Peer& self) {
    for (int i = 0; i < 3 && !self.closed && !peers.empty(); ++i)
      one_operation(self);
    while (peers.size() < kFewest)
      add_pair();
    while (peers.size() > kMost) {
      auto it = peers.begin();
      if (it->second.get() == &self) ++it;
      peers.erase(it);
    }
  }
};

Peer::Peer(World& w, int i, int f)
    : world(w),
      id(i),
      fd(f),
      watch(w.loop, "peer", FdWatch::Fn::bind<&Peer::on_ready>(this)),
      timer(w.loop, "peer", Timer::Fn::bind<&Peer::on_timer>(this)),
      task(w.loop, "peer", Deferred::Fn::bind<&Peer::on_task>(this)) {
  CHECK(watch.start(f, kRead) == 0);
  arm(w.some_time());
}

void Peer::close() {
  closed = true;
  watch.stop();
  timer.cancel();
  task.cancel();
  fd.reset();
}

void Peer::arm(Duration in) {
  timer.arm(in);
  armed_in_turn = world.turn;
}

void Peer::arm_at_zero() {
  timer.arm_at(TimePoint{});
  armed_in_turn = world.turn;
}

void World::one_operation(Peer& self) {
  Peer& p = any();
  switch (random.below(14)) {
    case 0:
      if (&p == &self) {
        ++self_closed;
        retire(p.id);
      } else {
        ++destroyed;
        peers.erase(p.id);  // not on the stack: plain destruction is allowed
      }
      break;
    case 1:
      retire(p.id);
      break;
    case 2:
      add_pair();
      break;
    case 3:
      p.arm(some_time());
      break;
    case 4:
      p.arm(Duration::zero());
      break;
    case 5:
      p.arm_at_zero();
      break;
    case 6:
      p.timer.cancel();
      break;
    case 7:
      if (!p.task.scheduled() && in_task) p.scheduled_by_task_in_turn = turn;
      p.task.schedule();
      break;
    case 8:
      p.task.cancel();
      break;
    case 9:
      CHECK(p.watch.set(static_cast<std::uint32_t>(random.below(4))) == 0);
      break;
    default:
      [[maybe_unused]] const ssize_t n = ::send(p.fd.get(), "x", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
  }
}

void Peer::on_ready(std::uint32_t ready) {
  ++world.ready;
  if (closed) ++world.stale;
  if (ready == 0 || watch.interest() == 0 || (ready & ~(watch.interest() | kHangup)) != 0)
    ++world.unwanted;
  char bytes[64];
  const ssize_t n = ::read(fd.get(), bytes, sizeof bytes);
  if ((ready & kHangup) && n <= 0) return world.retire(id);
  world.mayhem(*this);
  if (!closed && watch.interest() != 0) CHECK(watch.set(kRead) == 0);
}

void Peer::on_timer() {
  ++world.fired;
  if (closed) ++world.stale;
  // Virtual time goes from deadline to deadline and stands still in between.
  if (timer.deadline() != world.loop.now()) ++world.off_time;
  if (armed_in_turn == world.turn) ++world.same_turn;
  world.mayhem(*this);
  if (!closed && !timer.armed()) arm(world.some_time());
  if (!closed && watch.interest() == 0) CHECK(watch.set(kRead) == 0);
}

void Peer::on_task() {
  ++world.ran;
  if (closed) ++world.stale;
  if (scheduled_by_task_in_turn == world.turn) ++world.same_turn;
  world.in_task = true;
  world.mayhem(*this);
  world.in_task = false;
}

class LoopStressTest : public testing::TestWithParam<int> {};

TEST_P(LoopStressTest, NoCallbackIsStaleUnwantedOrOffTime) {
  VirtualClock clock;
  Loop loop(clock);
  World world(loop, static_cast<std::uint64_t>(GetParam()));
  for (int i = 0; i < 50; ++i)
    world.add_pair();
  for (world.turn = 1; world.turn <= kTurns; ++world.turn)
    loop.run_once();

  EXPECT_EQ(world.stale, 0);
  EXPECT_EQ(world.unwanted, 0);
  EXPECT_EQ(world.off_time, 0);
  EXPECT_EQ(world.same_turn, 0);
  // It did happen.
  EXPECT_GT(world.ready, kTurns / 4);
  EXPECT_GT(world.fired, kTurns / 4);
  EXPECT_GT(world.ran, kTurns / 10);
  EXPECT_GT(world.self_closed, 0);
  EXPECT_GT(world.destroyed, 100);
  EXPECT_GT(world.reused, 100);
  EXPECT_EQ(loop.watches(), world.peers.size());
  world.peers.clear();
  EXPECT_EQ(loop.watches(), 0u);
  EXPECT_EQ(loop.timers(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Seeds, LoopStressTest, testing::Range(1, 7));

}  // namespace
}  // namespace loop
