// Faults of lists (L01-L14): what a reflector's store and its listener make of them. Paging itself
// is in list_call_test.cc.
#include "base/log.h"
#include "support/reflector_world.h"

namespace {

using base::minutes;
using base::seconds;
using kube::watch::Reflector;
using test::Asked;
using test::bookmark;
using test::frame;
using test::list;
using test::object;
using test::status_text;

class FaultList : public test::ReflectorWorld {
 protected:
  int failures() const { return retry.breaker().failures(); }
  // Synced with a and b, then the cursor is lost: a list is asked for.
  Asked relist() {
    Asked watch = confirmed();
    pass(seconds(2));
    watch.write(frame("ERROR", status_text(410, "Expired", "too old")));
    return asked_list();
  }
  Asked next_page(const Asked& page) { return page ? asked_list() : Asked(); }
};

TEST_F(FaultList, L01AFailedSecondPageChangesNothing) {
  Asked page = relist();
  page.json(list("20", {object("a", "15")}, "page-2"));
  page = asked_list();
  EXPECT_EQ(page.param("continue"), "page-2");
  EXPECT_FALSE(page.has("resourceVersion"));
  page.fail(500, "InternalError", "etcd");
  settle();
  EXPECT_EQ(take(), (Said{"~ns/a=15", "<down>"})) << "b is not deleted";
  EXPECT_EQ(stored(), "ns/a=15 ns/b=2");
  EXPECT_EQ(failures(), 1);
}

TEST_F(FaultList, L02AnExpiredPageBeginsAgainFromTheFirstWithoutAVersion) {
  Asked page = relist();
  page.json(list("20", {object("a", "1")}, "page-2"));
  asked_list().fail(410, "Expired", "the provided continue parameter is too old");
  page = asked_list();
  EXPECT_FALSE(page.has("continue"));
  EXPECT_FALSE(page.has("resourceVersion"));
  EXPECT_EQ(page.param("limit"), "500");
  page.json(list("30", {object("a", "1"), object("b", "2")}));
  asked_watch("30");
  EXPECT_EQ(take(), Said{});
  EXPECT_EQ(failures(), 0);
}

TEST_F(FaultList, L03TheThirdTimeItIsAskedForWhole) {
  Asked page = relist();
  for (int i = 0; i < 2; ++i) {
    page.json(list("20", {object("a", "1")}, "page-2"));
    asked_list().fail(410, "Expired", "too old");
    page = asked_list();
  }
  EXPECT_FALSE(page.has("limit"));
  EXPECT_FALSE(page.has("continue"));
  page.json(list("30", {object("a", "1"), object("b", "2")}));
  asked_watch("30");
  EXPECT_EQ(take(), Said{});
}

TEST_F(FaultList, L04ABodyCutInTheMiddleChangesNothing) {
  Asked page = relist();
  const std::string body = list("20", {object("a", "15"), object("b", "2"), object("c", "16")});
  page.begin();
  page.write(body.substr(0, body.size() / 2));
  page.cut();
  settle();
  EXPECT_EQ(take(), Said{"<down>"});
  EXPECT_EQ(stored(), "ns/a=1 ns/b=2");
  EXPECT_EQ(failures(), 1);
}

TEST_F(FaultList, L05NullItemsAreAnEmptyListAndDeleteAll) {
  relist().json(R"({"kind":"PodList","metadata":{"resourceVersion":"20"},"items":null})");
  asked_watch("20");
  Said told = take();
  std::sort(told.begin(), told.end());
  EXPECT_EQ(told, (Said{"-ns/a=1", "-ns/b=2"}));
}

// Bug: metadata alone made an answer count, and every subscriber was told that all objects were gone.
TEST_F(FaultList, L14AListOfAnotherKindAfterA410DeletesNothing) {
  relist().json(R"({"kind":"ConfigMapList","apiVersion":"v1",)"
                R"("metadata":{"resourceVersion":"99999"},"items":[]})");
  settle();
  EXPECT_EQ(failures(), 1);
  asked_list().json(R"({"kind":"Status","status":"Success","metadata":{"resourceVersion":"77"}})");
  settle();
  EXPECT_EQ(failures(), 2);
  EXPECT_EQ(stored(), "ns/a=1 ns/b=2");
  asked_list().json(list("20", {object("a", "1"), object("b", "2")}));
  asked_watch("20");
  Said told = take();
  std::erase(told, "<down>");
  EXPECT_EQ(told, Said{});
}

TEST_F(FaultList, L06AnObjectMadeAgainDuringAnOutageIsDeletedAndAdded) {
  relist().json(list("20", {object("a", "15", "another uid"), object("b", "2")}));
  asked_watch("20");
  EXPECT_EQ(take(), (Said{"-ns/a=1", "+ns/a=15"}));
}

TEST_F(FaultList, L07AnObjectDeletedDuringAnOutageIsToldWithItsLastKnownState) {
  relist().json(list("20", {object("b", "2")}));
  asked_watch("20");
  EXPECT_EQ(take(), Said{"-ns/a=1"});
}

TEST_F(FaultList, L08AServerThatIgnoresTheLimitIsAccepted) {
  Asked page = relist();
  std::vector<std::string> all;
  for (int i = 0; i < 2000; ++i)
    all.push_back(object("o" + std::to_string(i), std::to_string(100 + i)));
  page.json(list("5000", all));
  asked_watch("5000");
  EXPECT_EQ(reflector.collection().entries().size(), 2000U);
}

TEST_F(FaultList, L09APageTokenThatRepeatsIsAFailure) {
  Asked page = relist();
  page.json(list("20", {object("a", "1")}, "again"));
  page = asked_list();
  page.json(list("20", {object("a", "1")}, "again"));
  settle();
  EXPECT_EQ(take(), Said{"<down>"});
  EXPECT_EQ(last.code, base::Errc::protocol);
  EXPECT_EQ(stored(), "ns/a=1 ns/b=2");
}

TEST_F(FaultList, L10AListOlderThanWhatWasSeenIsAcceptedCountedAndLogged) {
  Asked page = relist();  // 11 was seen
  std::string log;
  base::log::capture(&log);
  page.json(list("9", {object("a", "1")}));
  Asked watch = asked_watch("9");
  base::log::capture(nullptr);
  EXPECT_EQ(take(), Said{"-ns/b=2"}) << "the state that was asked for is the truth";
  EXPECT_EQ(reflector->status().rv_regressions, 1U);
  EXPECT_NE(log.find(R"("resource_version":"9","seen":"11")"), std::string::npos) << log;
  // 100 is newer than 9 and 11, though not in the dictionary; text compares to nothing.
  watch.fail(410, "Expired", "x");
  asked_list().json(list("100", {object("a", "1")}));
  asked_watch("100").fail(410, "Expired", "x");
  asked_list().json(list("v1-abc", {object("a", "1")}));
  asked_watch("v1-abc");
  EXPECT_EQ(reflector->status().rv_regressions, 1U);
}

TEST_F(FaultList, L11AfterARestoreFromABackupASilentWatchIsListedAnewAtItsEnd) {
  Asked watch = confirmed();
  watch.cut();
  // The versions begin anew, far lower: every watch from 11 is accepted and silent, without the
  // bookmarks that came before.
  const base::TimePoint began = loop.now();
  Asked silent = asked_watch("11");
  silent.begin();
  EXPECT_TRUE(quiet(seconds(265)));
  silent.end();
  Asked page = asked_list();
  EXPECT_LE(loop.now() - began, minutes(6)) << "long before the audit";
  EXPECT_EQ(failures(), 0);
  page.json(list("5", {object("a", "3"), object("c", "4")}));
  asked_watch("5");
  EXPECT_EQ(stored(), "ns/a=3 ns/c=4");
  EXPECT_EQ(reflector->status().rv_regressions, 1U);
  // Once, until a bookmark comes: a server that sends none is not listed at each end.
  silent = asked_watch("5");
  silent.begin();
  EXPECT_TRUE(quiet(seconds(265)));
  silent.end();
  asked_watch("5");
}

TEST_F(FaultList, L11AVersionBelowTheCursorIsListedAnewOnce) {
  for (const std::string& old : {bookmark("5"), frame("MODIFIED", object("a", "5"))}) {
    Asked watch = confirmed();
    watch.write(old);
    asked_list().json(list("5", {object("a", "5")}));
    watch = asked_watch("5");
    EXPECT_EQ(failures(), 0);
    EXPECT_EQ(stored(), "ns/a=5");
    // An aggregated API server's versions may come in any order.
    watch.begin();
    watch.write(frame("ADDED", object("b", "4")));
    settle();
    EXPECT_EQ(stored(), "ns/a=5 ns/b=4") << "not again within five minutes";
    watch.cut();
    asked_watch("4");
    reflector.reset();
    take();
  }
}

TEST_F(FaultList, L12AVersionFromTheFutureIsForgottenAndCountsFromTheSecondOn) {
  const std::string too_large =
      R"({"kind":"Status","status":"Failure","reason":"Timeout","code":504,)"
      R"("details":{"causes":[{"reason":"ResourceVersionTooLarge"}],"retryAfterSeconds":1}})";
  Asked watch = confirmed();
  pass(seconds(2));
  watch.end();
  asked_watch("11").json(too_large, 504);
  Asked page = asked_list();
  EXPECT_FALSE(page.has("resourceVersion"));
  EXPECT_EQ(failures(), 0);
  page.json(too_large, 504);
  settle();
  EXPECT_EQ(failures(), 1);
}

TEST_F(FaultList, L13AListThatWorksHidesNoWatchThatDoesNot) {
  start();
  base::TimePoint failed{};
  for (int n = 0; n < 5; ++n) {
    Asked ask = asked();
    if (n > 0) {
      EXPECT_GE(ask.at - failed, seconds(1 << (n - 1))) << "the backoff grows across the cycles";
    }
    if (!ask.is_watch()) {
      ask.json(list("10", {}));
      ask = asked();
    }
    ask.fail(500, "InternalError", "no watch today");
    settle();
    failed = ask.at;
  }
  EXPECT_EQ(failures(), 5);
}

}  // namespace
