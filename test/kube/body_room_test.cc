// What bodies of single answers hold while they are read: which stand, and that each is read in the end.
#include "kube/body_room.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "support/fake_api.h"
#include "support/kube_world.h"

namespace {

using base::limits::kKiB;
using kube::BodyRoom;
using test::FakeAnswer;
using test::Seen;

struct KubeBodyRoom : testing::Test {
  struct Body {
    Body(KubeBodyRoom& of, char as)
        : test(of), name(as), place(of.room, BodyRoom::Place::Fn::bind<&Body::go_on>(this)) {}
    void go_on() { test.told += name; }
    KubeBodyRoom& test;
    const char name;
    BodyRoom::Place place;
  };
  KubeBodyRoom() { room.set_budget(&budget); }
  base::Budget budget{1000 * kKiB};
  BodyRoom room;
  std::string told;
};

TEST_F(KubeBodyRoom, OfThoseThatStandOneGoesOnWhenNoneIsRead) {
  Body a(*this, 'a'), b(*this, 'b'), c(*this, 'c'), small(*this, 's');
  EXPECT_TRUE(a.place.grow(600 * kKiB)) << "alone, it is read whatever there is";
  EXPECT_FALSE(b.place.grow(300 * kKiB));
  EXPECT_FALSE(c.place.grow(400 * kKiB));
  EXPECT_TRUE(small.place.grow(BodyRoom::kSmallBytes)) << "never stands";
  EXPECT_TRUE(a.place.grow(3000 * kKiB));
  EXPECT_LT(budget.used(), budget.limit()) << "others have to go on";
  b.place.release();  // it is cancelled while it stands
  EXPECT_EQ(told, "");
  a.place.release();
  EXPECT_EQ(told, "c");
  EXPECT_TRUE(c.place.grow(2000 * kKiB));
  c.place.release();
  small.place.release();
  EXPECT_EQ(budget.used(), 0u);
}

TEST_F(KubeBodyRoom, AsManyGoOnAsHaveRoomTogether) {
  Body a(*this, 'a'), b(*this, 'b'), c(*this, 'c'), d(*this, 'd');
  EXPECT_TRUE(a.place.grow(200 * kKiB));
  EXPECT_TRUE(b.place.grow(200 * kKiB));
  EXPECT_FALSE(a.place.grow(500 * kKiB));
  EXPECT_FALSE(c.place.grow(250 * kKiB));
  EXPECT_FALSE(d.place.grow(150 * kKiB));
  b.place.release();
  EXPECT_EQ(told, "a") << "first come; then there is no room";
  a.place.release();
  EXPECT_EQ(told, "acd");
}

class KubeBodies : public test::KubeWorld {};

TEST_F(KubeBodies, ManyLargeAnswersAtOnceAreAllReadWithinTheBudget) {
  const std::string body = R"({"text":")" + std::string(2048 * kKiB, 'x') + "\"}";
  base::Budget budget(512 * kKiB);
  test::FakeApi api(loop);
  api.answer = [&](const Seen&) { return FakeAnswer{.body = body}; };
  auto client = make(api.config());
  client->body_room().set_budget(&budget);
  std::vector<std::unique_ptr<test::Get>> gets;
  for (int i = 0; i < 6; ++i) {
    gets.push_back(std::make_unique<test::Get>(*client));
    gets.back()->start(kube::config::Credentials::configured());
  }
  gets[2]->call.cancel();
  for (const int i : {0, 1, 3, 4, 5}) {
    ASSERT_TRUE(finish(*gets[static_cast<std::size_t>(i)])) << i;
    EXPECT_TRUE(gets[static_cast<std::size_t>(i)]->ok()) << i;
    EXPECT_EQ(gets[static_cast<std::size_t>(i)]->out->body.size(), body.size()) << i;
  }
  EXPECT_EQ(budget.used(), 0u);
  EXPECT_LT(budget.peak(), budget.limit());
  EXPECT_GT(budget.peak(), budget.limit() / 2);
}

}  // namespace
