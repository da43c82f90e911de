// List<T>.
#include "base/list.h"

#include <string>

#include <gtest/gtest.h>

namespace {

class Node : private base::Link {
 public:
  explicit Node(char of) : name(of) {}
  using base::Link::linked;
  using base::Link::unlink;
  const char name;

 private:
  friend class base::List<Node>;
};

std::string names(const base::List<Node>& list) {
  std::string out;
  for (const Node& node : list)
    out += node.name;
  return out;
}

TEST(BaseList, ObjectsComeAndGoInOrder) {
  Node a('a'), b('b'), c('c');
  base::List<Node> list;
  EXPECT_TRUE(list.empty());
  EXPECT_EQ(list.first(), nullptr);
  EXPECT_EQ(list.pop(), nullptr);
  list.add(a);
  list.add(b);
  list.add(c);
  EXPECT_EQ(names(list), "abc");
  list.move_here(a);
  EXPECT_EQ(names(list), "bca");
  c.unlink();
  EXPECT_EQ(names(list), "ba");
  EXPECT_EQ(list.pop(), &b);
  EXPECT_FALSE(b.linked());
  EXPECT_EQ(list.first(), &a);
  list.clear();
  EXPECT_TRUE(list.empty());
  EXPECT_FALSE(a.linked());
}

TEST(BaseList, ALoopMayTakeOutWhatItLooksAt) {
  Node a('a'), b('b'), c('c');
  base::List<Node> list, other;
  for (Node* each : {&a, &b, &c})
    list.add(*each);
  std::string seen;
  for (Node& each : list) {
    seen += each.name;
    if (&each != &b) other.move_here(each);
  }
  EXPECT_EQ(seen, "abc");
  EXPECT_EQ(names(list), "b");
  EXPECT_EQ(names(other), "ac");
  list.clear();
  list.take(other);
  EXPECT_EQ(names(list), "ac");
  EXPECT_TRUE(other.empty());
  list.clear();
}

}  // namespace
