// What goes wrong with leader election: candidates that meet, renewals that fail, clocks that
// differ, a lease that vanishes, a loop that stands still.
#include "kube/lease.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kube/lease_record.h"
#include "support/tools_world.h"

namespace {

using base::milliseconds;
using base::seconds;
using sim::AnswerFault;

constexpr const char* kKey = "kcm-system/mcp";
constexpr const char* kPath = "/leases";

class FaultLease : public test::ToolsWorld {
 protected:
  base::Random random{7};
  // One replica: its candidate, and what it is told.
  struct Replica : kube::LeaseHandler {
    Replica(FaultLease& w, std::string who) : world(w), name(std::move(who)) {
      kube::LeaseSpec spec;
      spec.ns = "kcm-system";
      spec.name = "mcp";
      spec.identity = name;
      spec.clock = base::Delegate<base::TimePoint()>::bind<&Replica::now>(this);
      EXPECT_TRUE(spec.check().has_value());
      lease = std::make_unique<kube::Lease>(kube::Context{w.loop, *w.client, w.scope}, w.random,
                                            *this, spec);
      lease->start();
    }
    base::TimePoint now() { return world.clock.now() + suspended; }
    void on_started_leading() override {
      ++starts;
      working = true;
      EXPECT_TRUE(lease->leading());
      world.check();
    }
    void on_stopped_leading() override {
      ++stops;
      working = false;
      stopped_at = world.loop.now();
    }
    void on_leader(std::string_view who) override { leaders.emplace_back(who); }
    void on_released() { released = true; }
    FaultLease& world;
    std::string name;
    base::Duration suspended{};
    int starts = 0, stops = 0;
    bool working = false, released = false;
    base::TimePoint stopped_at{};
    std::vector<std::string> leaders;
    std::unique_ptr<kube::Lease> lease;
  };

  ~FaultLease() override {
    replicas.clear();
    loop.run_once();
  }
  Replica& replica(const std::string& name) {
    replicas.push_back(std::make_unique<Replica>(*this, name));
    return *replicas.back();
  }
  // Never two at once.
  void check() {
    const auto working = std::count_if(replicas.begin(), replicas.end(), [](const auto& r) {
      return r->working && r->lease->leading();
    });
    EXPECT_LE(working, 1);
  }
  void pass_checked(base::Duration time) {
    for (base::Duration done{}; done < time; done += milliseconds(250)) {
      pass(milliseconds(250));
      check();
    }
  }
  Replica* leader() {
    for (const auto& one : replicas)
      if (one->lease->leading()) return one.get();
    return nullptr;
  }
  sim::View view() { return {&api.store().of("Lease"), 0}; }
  std::string holder() {
    const sim::Object* object = api.store().get(view(), kKey);
    if (!object) return "(no lease)";
    return std::string(spec_of(*object)["holderIdentity"].str());
  }
  base::json::Value spec_of(const sim::Object& object) {
    return (*doc.parse(view().json(object)))["spec"];
  }
  void put(const std::string& who, base::WallTime renewed) {
    std::string json;
    base::json::Writer w(json);
    w.begin_object().key("metadata").begin_object().field("name", "mcp");
    w.field("namespace", "kcm-system").end_object().key("spec").begin_object();
    w.field("holderIdentity", who).field("leaseDurationSeconds", 15);
    w.field("acquireTime", base::format_rfc3339(renewed, 6));
    w.field("renewTime", base::format_rfc3339(renewed, 6)).field("leaseTransitions", 3);
    w.end_object().end_object();
    api.store().put(view(), json);
  }
  void refuse_writes() {
    AnswerFault one;
    one.match = {.verb = "update", .path = kPath, .count = -1};
    one.answer = sim::refuse(sim::internal_error("etcdserver: no leader"));
    api.faults().add(one);
  }

  base::json::Document doc;
  std::vector<std::unique_ptr<Replica>> replicas;
};

TEST_F(FaultLease, K01OfCandidatesThatMeetOneLeadsAndTheOthersKeepWaiting) {
  for (const char* name : {"a", "b", "c"})
    replica(name);
  pass_checked(seconds(10));
  ASSERT_NE(leader(), nullptr);
  EXPECT_EQ(holder(), leader()->name);
  // Both see at the same time that the holder is gone: the update of the slower is a 409.
  Replica& first = *leader();
  first.lease->stop();
  first.working = false;
  api.forget_seen();
  AnswerFault slow;
  slow.match = {.verb = "update", .path = kPath, .count = 2};
  slow.delay = seconds(3);  // so that both have read the same version
  api.faults().add(slow);
  pass_checked(base::minutes(10));
  ASSERT_NE(leader(), nullptr);
  EXPECT_NE(leader()->name, first.name);
  EXPECT_EQ(leader()->starts, 1);
  int waiting = 0;
  for (const auto& one : replicas)
    if (one.get() != leader() && one.get() != &first) waiting += one->stops == 0 ? 1 : 0;
  EXPECT_EQ(waiting, 1) << "the loser was never told that it led";
  EXPECT_EQ(spec_of(*api.store().get(view(), kKey))["leaseTransitions"].int_or(-1), 1);
}

TEST_F(FaultLease, K02ALeaderThatCannotRenewIsToldBeforeItsLeaseEnds) {
  Replica& a = replica("a");
  pass_checked(seconds(5));
  ASSERT_TRUE(a.lease->leading());
  Replica& b = replica("b");
  pass_checked(seconds(5));
  base::TimePoint last{};
  for (const auto& seen : api.seen())
    if (seen.verb == "update") last = seen.at;
  refuse_writes();
  ASSERT_TRUE(run_until([&] { return a.stops == 1; }));
  EXPECT_LE(a.stopped_at - last, kube::kLeaseRenewDeadline);
  EXPECT_LT(a.stopped_at - last, kube::kLeaseTime);
  EXPECT_FALSE(a.lease->leading());
  EXPECT_FALSE(b.lease->leading());
  api.faults().clear();
  pass_checked(base::minutes(1));
  ASSERT_NE(leader(), nullptr);
  EXPECT_EQ(a.starts + b.starts, 2);
  // An API server that never answers is no different.
  Replica& now = *leader();
  const int stops = now.stops;
  api.faults().add({.match = {.path = kPath, .count = -1}, .never = true});
  pass_checked(seconds(11));
  EXPECT_EQ(now.stops, stops + 1);
}

TEST_F(FaultLease, K03AHoldersClockThatIsAnHourAheadOrBehindChangesNothing) {
  const base::WallTime now = loop.wall_now();
  put("gone", {now.ns + base::Duration(base::hours(1)).count()});
  Replica& a = replica("a");
  pass_checked(milliseconds(14500));
  EXPECT_FALSE(a.lease->leading()) << "waited out from when it was first seen";
  pass_checked(seconds(6));
  EXPECT_TRUE(a.lease->leading());
  EXPECT_EQ(spec_of(*api.store().get(view(), kKey))["leaseTransitions"].int_or(-1), 4);
  a.lease->stop();
  a.working = false;
  // One that is alive, by a clock an hour behind, is never taken from.
  put("alive", {now.ns - base::Duration(base::hours(1)).count()});
  Replica& b = replica("b");
  for (int i = 0; i < 60; ++i) {
    pass_checked(seconds(10));
    put("alive", {now.ns - base::Duration(base::hours(1)).count() + (i + 1) * 10000000000});
    ASSERT_EQ(b.starts, 0);
  }
  // Ours that jumps by an hour does not either.
  clock.step_wall(base::hours(1));
  pass_checked(seconds(10));
  EXPECT_EQ(b.starts, 0);
  EXPECT_EQ(b.lease->holder(), "alive");
}

TEST_F(FaultLease, K04ALeaseThatIsDeletedIsMadeAgainOrLostCleanly) {
  Replica& a = replica("a");
  pass_checked(seconds(5));
  ASSERT_TRUE(a.lease->leading());
  replica("b");
  for (int round = 0; round < 10; ++round) {
    pass_checked(seconds(7) + milliseconds(430) * round);
    api.store().remove(view(), kKey);
    pass_checked(seconds(7));
    ASSERT_NE(leader(), nullptr);
    EXPECT_EQ(holder(), leader()->name);
  }
  for (const auto& one : replicas)
    EXPECT_EQ(one->starts - one->stops, one->lease->leading() ? 1 : 0);
  // Taken from it by force: told at once, not at the deadline.
  Replica& was = *leader();
  const int stops = was.stops;
  put("usurper", loop.wall_now());
  pass(milliseconds(2100));
  EXPECT_EQ(was.stops, stops + 1);
}

TEST_F(FaultLease, K05ALoopThatStandsStillDemotesItself) {
  Replica& a = replica("a");
  pass_checked(seconds(5));
  ASSERT_TRUE(a.lease->leading());
  api.forget_seen();
  clock.advance(seconds(12));
  EXPECT_FALSE(a.lease->leading()) << "before any timer had its turn";
  EXPECT_EQ(a.stops, 0);
  loop.run_once();
  loop.run_once();
  EXPECT_EQ(a.stops, 1);
  EXPECT_EQ(api.count("update", kPath), 0) << "not renewed behind its own back";
  pass_checked(seconds(10));
  EXPECT_EQ(a.starts, 2) << "nobody else wanted it";
  // Suspended: no timer of the loop knows.
  a.suspended = base::hours(1);
  EXPECT_FALSE(a.lease->leading());
  pass(seconds(3));
  EXPECT_EQ(a.stops, 2);
}

TEST_F(FaultLease, K06ItIsGivenAwayOnlyAfterTheWorkHasEnded) {
  Replica& a = replica("a");
  pass_checked(seconds(5));
  ASSERT_TRUE(a.lease->leading());
  Replica& b = replica("b");
  pass_checked(seconds(20));  // the work takes its time to end: renewed meanwhile
  EXPECT_EQ(holder(), "a");
  a.working = false;
  a.lease->release(base::Delegate<void()>::bind<&Replica::on_released>(&a));
  EXPECT_FALSE(a.released) << "never inside";
  ASSERT_TRUE(run_until([&] { return a.released; }));
  EXPECT_EQ(holder(), "");
  EXPECT_FALSE(a.lease->leading());
  const base::TimePoint given = loop.now();
  ASSERT_TRUE(run_until([&] { return b.working; }));
  EXPECT_LE(loop.now() - given, milliseconds(4500)) << "nobody waits out what was given away";
  EXPECT_EQ(a.stops, 0) << "it ended by its own will";
  // Refused by the server: bounded by the renew deadline.
  refuse_writes();
  const base::TimePoint asked = loop.now();
  b.lease->release(base::Delegate<void()>::bind<&Replica::on_released>(&b));
  ASSERT_TRUE(run_until([&] { return b.released; }));
  EXPECT_LE(loop.now() - asked, kube::kLeaseRenewDeadline);
  // Never led, or never started: over at once.
  Replica& c = replica("c");
  c.lease->release(base::Delegate<void()>::bind<&Replica::on_released>(&c));
  ASSERT_TRUE(run_until([&] { return c.released; }));
}

TEST_F(FaultLease, ItsTimesMustFitTogether) {
  const auto error = [](auto change) {
    kube::LeaseSpec spec;
    spec.ns = "a";
    spec.name = "b";
    spec.identity = "c";
    change(spec);
    const auto ok = spec.check();
    return ok ? std::string() : ok.error().what();
  };
  EXPECT_EQ(error([](auto&) {}), "");
  EXPECT_NE(error([](auto& s) { s.lease = seconds(10); }).find("15s"), 0U);
  EXPECT_EQ(error([](auto& s) { s.lease = seconds(10); }),
            "lease: its duration (10s) must be longer than the renew deadline (10s)");
  EXPECT_EQ(error([](auto& s) { s.renew_deadline = milliseconds(2400); }).find("lease: the renew"),
            0U);
  EXPECT_NE(error([](auto& s) { s.retry = milliseconds(900); }), "");
  EXPECT_NE(error([](auto& s) { s.identity.clear(); }), "");
  EXPECT_NE(error([](auto& s) { s.ns = "A B"; }), "");
}

TEST_F(FaultLease, AnAnswerThatComesAfterASuspensionMakesNoLeader) {
  Replica one(*this, "one");
  ASSERT_TRUE(run_until([&] { return api.count("create", "leases") == 1; }));
  one.suspended = base::minutes(1);
  settle();
  EXPECT_EQ(one.starts, 0);
  EXPECT_TRUE(run_until([&] { return one.starts == 1; }));
}

TEST(FaultLeaseRecord, AReleasedLeaseIsFreeAfterASecond) {
  kube::LeaseRecord record;
  record.holder = "one";
  record.metadata = "{}";
  record.transitions = 3;
  const auto written = [&](const std::string& who) {
    return record.written("ns", "mcp", who, seconds(15), base::WallTime{});
  };
  EXPECT_NE(written("").find(R"("leaseDurationSeconds":1,)"), std::string::npos) << written("");
  EXPECT_NE(written("one").find(R"("leaseDurationSeconds":15,)"), std::string::npos);
  EXPECT_NE(written("").find(R"("leaseTransitions":3)"), std::string::npos);
  EXPECT_NE(written("two").find(R"("leaseTransitions":4)"), std::string::npos);
}

}  // namespace
