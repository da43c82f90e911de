// A list that follows another: it is compared with the store, and only a whole one deletes.
#include <algorithm>

#include "support/reflector_world.h"

namespace {

using test::Asked;
using test::bookmark;
using test::frame;
using test::list;
using test::object;

using base::minutes;
using base::seconds;

// Whatever ends the cursor: the next list is compared with the store.
class Relist : public test::ReflectorWorld {
 protected:
  // The list that follows a 410.
  Asked relist() {
    Asked watch = confirmed();
    watch.write(frame("ERROR", test::status_text(410, "Expired", "too old")));
    return asked_list();
  }
};

TEST_F(Relist, SameUidAndVersionAreNotTold) {
  relist().json(list("50", {object("a", "1"), object("b", "2")}));
  asked_watch("50");
  EXPECT_EQ(take(), Said{});
}

TEST_F(Relist, L05AnEmptyListDeletesAll) {
  relist().json(R"({"kind":"PodList","metadata":{"resourceVersion":"50"},"items":null})");
  asked_watch("50");
  Said got = take();
  std::sort(got.begin(), got.end());
  EXPECT_EQ(got, (Said{"-ns/a=1", "-ns/b=2"})) << "with the last document known";
  EXPECT_EQ(stored(), "");
}

TEST_F(Relist, L06AnObjectMadeAgainIsDeletedAndAdded) {
  relist().json(list("50", {object("a", "40", "another"), object("b", "2")}));
  asked_watch("50");
  EXPECT_EQ(take(), (Said{"-ns/a=1", "+ns/a=40"}));
}

// A cluster that was restored from a backup counts its versions anew.
TEST_F(Relist, AnotherObjectOfTheSameNameAndVersionIsAnother) {
  relist().json(list("50", {object("a", "1", "another"), object("b", "2")}));
  asked_watch("50");
  EXPECT_EQ(take(), (Said{"-ns/a=1", "+ns/a=1"}));
}

TEST_F(Relist, L07WhatVanishedIsDeletedAfterWhatIsThere) {
  relist().json(list("50", {object("a", "30"), object("c", "31")}));
  asked_watch("50");
  EXPECT_EQ(take(), (Said{"~ns/a=30", "+ns/c=31", "-ns/b=2"}));
  EXPECT_EQ(stored(), "ns/a=30 ns/c=31");
}

TEST_F(Relist, L01AListThatFailsOnItsSecondPageDeletesNothing) {
  relist().json(list("50", {object("c", "31")}, "2"));
  asked().fail(500, "InternalError", "etcd");
  settle();
  EXPECT_EQ(take(), (Said{"+ns/c=31", "<down>"}));
  EXPECT_EQ(stored(), "ns/a=1 ns/b=2 ns/c=31");
  asked_list().json(list("60", {object("a", "1"), object("c", "31")}));
  Asked watch = asked_watch("60");
  EXPECT_EQ(take(), Said{"-ns/b=2"});
  watch.begin();
  watch.write(bookmark("61"));
  settle();
  EXPECT_EQ(take(), Said{"<up>"});
}

TEST_F(Relist, L02WhatOnlyTheExpiredPagesShowedIsGone) {
  relist().json(list("50", {object("a", "1"), object("b", "2")}, "2"));
  asked().fail(410, "Expired", "too old");
  asked_list().json(list("60", {object("a", "1")}));
  asked_watch("60");
  EXPECT_EQ(take(), Said{"-ns/b=2"});
}

TEST_F(Relist, L04ATruncatedListDeletesNothing) {
  Asked ask = relist();
  ask.begin();
  ask.write(list("50", {object("a", "1")}).substr(0, 50));
  settle();
  ask.cut();
  settle();
  EXPECT_EQ(take(), Said{"<down>"});
  EXPECT_EQ(stored(), "ns/a=1 ns/b=2");
}

TEST_F(Relist, AnAuditListFindsWhatNoWatchTold) {
  Asked watch = confirmed();
  const base::TimePoint listed = watch.at;
  // An etcd restored from backup: watches from its future are silent for ever.
  for (;;) {
    Asked ask = asked();
    if (!ask.is_watch()) {
      EXPECT_GE(ask.at - listed, minutes(29));
      EXPECT_LE(ask.at - listed, minutes(61));
      ask.json(list("5", {object("a", "1"), object("z", "4")}));
      break;
    }
    ask.begin();
    ask.write(bookmark("11"));
    if (quiet(seconds(260))) ask.end();
  }
  asked_watch("5");
  EXPECT_EQ(reflector->lists(), 2U);
  const Said got = take();
  EXPECT_EQ(Said(got.end() - 2, got.end()), (Said{"+ns/z=4", "-ns/b=2"}));
}

}  // namespace
