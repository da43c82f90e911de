// One bad object, page or endless list costs that, and says so; numbers come as they were written.
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

std::string broken(std::string_view name, std::string_view version) {
  std::string out = object(name, version);
  return out.insert(out.size() - 1, ",\"bad\":tru");
}

class ReflectorUnreadable : public test::ReflectorWorld {
 protected:
  void on_unreadable(std::size_t objects, const std::string& first) override {
    note("<unreadable " + std::to_string(objects) + " " + first.substr(0, first.find(':')) + ">");
  }
};

TEST_F(ReflectorUnreadable, AnObjectOfAListCostsItselfAndIsNotTakenForGone) {
  Asked watch = confirmed();
  take();
  watch.cut();
  asked().fail(410, "Expired", "too old");
  asked_list().json(list("20", {broken("a", "15"), object("c", "16")}));
  Asked again = asked_watch("20");
  EXPECT_EQ(take(), (Said{"+ns/c=16", "-ns/b=2", "<unreadable 1 ns/a>"}));
  EXPECT_EQ(stored(), "ns/a=1 ns/c=16") << "as it was seen last";
  // It can be read again.
  again.begin();
  again.write(frame("MODIFIED", object("a", "21")));
  settle();
  EXPECT_EQ(take(), (Said{"<unreadable 0 >", "~ns/a=21"}));
}

// Bug: managedFields repeat what is too deep, and come before the name: the object had none, and one
// caller's object kept every watch of its kind down.
TEST_F(ReflectorUnreadable, AnObjectThatIsTooDeepHasItsNameAllTheSame) {
  Asked watch = confirmed();
  take();
  std::string deep;
  for (int i = 0; i < 600; ++i)
    deep += "{\"f:a\":";
  deep += "1" + std::string(600, '}');
  const std::string poison = R"({"metadata":{"managedFields":[{"fieldsV1":)" + deep +
                             R"(}],"name":"a","namespace":"ns"},"spec":)" + deep + "}";
  watch.write(frame("MODIFIED", poison));
  settle();
  EXPECT_EQ(take(), Said{"<down>"}) << "the way may have spoilt it";
  watch = asked_watch("11");
  watch.begin();
  watch.write(frame("MODIFIED", poison) + frame("ADDED", object("c", "13")) +
              frame("MODIFIED", poison) + frame("MODIFIED", object("b", "14")));
  settle();
  EXPECT_EQ(take(), (Said{"<up>", "<unreadable 1 ns/a>", "+ns/c=13", "~ns/b=14"}));
  EXPECT_EQ(reflector->watches(), 2u);
}

TEST_F(ReflectorUnreadable, WithoutItsNameNothingIsTakenForGone) {
  Asked watch = confirmed();
  take();
  watch.cut();
  asked().fail(410, "Expired", "too old");
  asked_list().json(
      list("20", {"{\"metadata\":{\"name\":\"\xff\"},\"bad\":1}", object("a", "1"), "17"}));
  asked_watch("20");
  EXPECT_EQ(take(), (Said{"<unreadable 2 its name cannot be read either>"}));
  EXPECT_EQ(stored(), "ns/a=1 ns/b=2");
}

TEST_F(ReflectorUnreadable, AFrameCostsItsObjectAndTheStreamGoesOn) {
  Asked watch = confirmed();
  take();
  watch.write(frame("MODIFIED", broken("a", "12")));
  settle();
  EXPECT_EQ(take(), Said{"<down>"}) << "the way may have spoilt it";
  watch = asked_watch("11");
  watch.begin();
  watch.write(frame("MODIFIED", broken("a", "12")) + frame("ADDED", object("c", "13")));
  settle();
  EXPECT_EQ(take(), (Said{"<up>", "<unreadable 1 ns/a>", "+ns/c=13"}));
  EXPECT_EQ(stored(), "ns/a=1 ns/b=2 ns/c=13");
  watch.write(frame("DELETED", broken("a", "14")));
  settle();
  EXPECT_EQ(take(), (Said{"<unreadable 0 >", "-ns/a=1"})) << "seen deleted";
  EXPECT_EQ(reflector->state(), Reflector::State::confirmed);
  EXPECT_EQ(reflector->watches(), 2u);
}

TEST_F(ReflectorUnreadable, AnEndlessListEndsWithAReasonAndIsNotKept) {
  client->set_list_limits({.objects = 100});
  start();
  for (int page = 0; page < 11; ++page) {
    std::vector<std::string> items;
    for (int i = 0; i < 10; ++i)
      items.push_back(object(std::to_string(page) + "-" + std::to_string(i), "1"));
    asked_list().json(list("10", items, "t" + std::to_string(page)));
  }
  settle();
  EXPECT_EQ(said.back(), "<down>");
  EXPECT_EQ(last.code, base::Errc::too_large);
  EXPECT_NE(last.message.find("more than 100 objects (--max-watch-objects)"), std::string::npos)
      << last.message;
  EXPECT_GE(down, seconds(30));
  EXPECT_EQ(stored(), "");
}

TEST_F(ReflectorUnreadable, WhatAWatchKeepsIsBoundedInBytesToo) {
  base::Budget budget(1 << 20);
  client->set_list_limits({.bytes = 5000, .budget = &budget});
  Asked watch = confirmed();
  take();
  EXPECT_GT(budget.used(), 0u);
  for (int i = 0; i < 30 && reflector->state() == Reflector::State::confirmed; ++i) {
    watch.write(frame("ADDED", object("n" + std::to_string(i), std::to_string(20 + i))));
    settle();
  }
  EXPECT_EQ(said.back(), "<down>");
  EXPECT_NE(last.message.find("more than 5000 bytes (--max-watch-bytes)"), std::string::npos)
      << last.message;
  EXPECT_LE(budget.used(), kube::watch::kWatchBytes + 5500u);
  reflector.reset();
  EXPECT_EQ(budget.used(), 0u);
}

TEST_F(ReflectorUnreadable, APageThatIsTooLargeIsAskedForWithFewer) {
  client->set_list_limits({.page_bytes = 2000});
  start();
  std::vector<std::string> items;
  for (int i = 0; i < 40; ++i)
    items.push_back(object("o" + std::to_string(i), "1"));
  for (int limit = 500; limit >= 31; limit /= 2) {
    Asked page = asked_list();
    EXPECT_EQ(page.param("limit"), std::to_string(limit));
    page.json(list("10", items, "t"));
  }
  Asked page = asked_list();
  EXPECT_EQ(page.param("limit"), "15");
  page.json(list("10", {items.begin(), items.begin() + 15}, "15"));
  page = asked_list();
  EXPECT_EQ(page.param("continue"), "15");
  EXPECT_EQ(page.param("limit"), "15");
  // The second page is larger: it goes on where it was, and nothing is told twice.
  std::vector<std::string> large{items.begin() + 15, items.begin() + 30};
  for (std::string& one : large)
    one.insert(one.size() - 1, ",\"x\":\"" + std::string(150, 'x') + "\"");
  page.json(list("10", large, "30"));
  page = asked_list();
  EXPECT_EQ(page.param("limit"), "7");
  EXPECT_EQ(page.param("continue"), "15");
  page.json(list("10", {large.begin(), large.begin() + 7}, "22"));
  asked_list().json(list("10", {large.begin() + 7, large.begin() + 14}));
  asked_watch("10");
  EXPECT_EQ(reflector.collection().entries().size(), 29u);
  EXPECT_EQ(std::count(said.begin(), said.end(), "+ns/o16=1"), 1);
}

// projectNumber: 18446744073709551616 took the whole list away.
TEST_F(ReflectorUnreadable, ANumberBeyondSixtyFourBitsIsAnObjectLikeAnother) {
  start();
  std::string large = object("a", "1");
  large.insert(large.size() - 1, ",\"config\":{\"projectNumber\":18446744073709551616}");
  asked_list().json(list("10", {large}));
  asked_watch("10");
  EXPECT_EQ(take(), (Said{"+ns/a=1", "<synced>"}));
}

// One HTML 400 or 405 on a watch that had worked ended it for good.
TEST_F(ReflectorUnreadable, AProxysPageIsTriedAgainByTheBackoff) {
  Asked watch = confirmed();
  take();
  watch.cut();
  for (const int status : {400, 405, 404, 403}) {
    Asked again = asked_watch("11");
    again.reply.send(status, "text/html", "<html>nginx</html>");
    settle();
    EXPECT_EQ(take(), Said{"<down>"}) << status;
    // The cut was a failure, too: the last of these is the fifth in a row, and the breaker's.
    EXPECT_LE(down, status == 403 ? seconds(34) : seconds(10)) << status;
  }
  watch = asked_watch("11");
  watch.begin();
  watch.write(bookmark("12"));
  settle();
  EXPECT_EQ(take(), Said{"<up>"});
  watch.cut();
  asked_watch("12").fail(400, "BadRequest", "of an API server of another version");
  settle();
  EXPECT_EQ(take(), Said{"<down>"});
  asked_watch("12", minutes(1)).begin();
}

}  // namespace
