#include "change/digest.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include "base/json_members.h"

namespace change {

using base::json::Member;
using base::json::Members;
using base::json::Type;
using base::json::Value;

namespace {

constexpr std::string_view kByItself[] = {"managedFields", "resourceVersion", "generation", "uid",
                                          "creationTimestamp"};

bool changes_by_itself(std::string_view member_of_metadata) {
  return std::find(std::begin(kByItself), std::end(kByItself), member_of_metadata) !=
         std::end(kByItself);
}

// The next element or member of another list or object, and whether there is one.
template <class Range>
class Beside {
 public:
  explicit Beside(Range range) : at_(range.begin()), end_(range.end()) {}
  auto next() {
    decltype(*at_) out{};
    if (at_ != end_) {
      out = *at_;
      ++at_;
    }
    return out;
  }

 private:
  decltype(std::declval<Range>().begin()) at_, end_;
};

class After {
 public:
  std::string run(Value before, Value after, Value wish) {
    for (const Member member : after.object()) {
      if (member.key == "status") continue;
      if (member.key != "metadata") {
        below(".", member.key, before[member.key], member.value, wish[member.key]);
        continue;
      }
      for (const Member each : member.value.object())
        if (!changes_by_itself(each.key))
          below(".metadata.", each.key, before["metadata"][each.key], each.value,
                wish["metadata"][each.key]);
    }
    return std::move(out_);
  }

 private:
  bool below(std::string_view sign, std::string_view name, Value before, Value after, Value wish) {
    const std::size_t size = path_.size();
    path_.append(sign).append(name);
    const bool same = walk(before, after, wish);
    path_.resize(size);
    return same;
  }

  // Whether both are the same, their order included. What is compared below a place is not compared
  // there once more: its line is taken back if nothing below differs.
  bool walk(Value before, Value after, Value wish) {
    if (after.is(Type::object) && wish.is(Type::object)) return walk_object(before, after, wish);
    if (after.is(Type::array) && wish.is(Type::array) && wish.size() == after.size())
      return walk_list(before, after, wish);
    const std::string is = after.to_json();
    if (before && before.to_json() == is) return true;
    out_.append(path_);
    wish ? out_.append(": ").append(is).append("\n") : out_.append(" is set\n");
    return false;
  }

  bool walk_object(Value before, Value after, Value wish) {
    const std::size_t mark = out_.size();
    out_.append(path_).append("\n");
    const Members was(before), wished(wish);
    bool same = before.is(Type::object) && before.size() == after.size();
    Beside beside(before.object());
    for (const Member member : after.object()) {
      same = same && beside.next().key == member.key;
      same = below(".", member.key, was[member.key], member.value, wished[member.key]) && same;
    }
    if (same) out_.resize(mark);
    return same;
  }

  // An element takes the place of the one at its index, if there are as many.
  bool walk_list(Value before, Value after, Value wish) {
    const std::size_t mark = out_.size();
    out_.append(path_).append("\n");
    const bool as_many = before.is(Type::array) && before.size() == after.size();
    bool same = as_many;
    Beside was(as_many ? before.array() : Value().array()), wished(wish.array());
    std::size_t i = 0;
    for (const Value element : after.array())
      same = below("[", std::to_string(i++) + "]", was.next(), element, wished.next()) && same;
    if (same) out_.resize(mark);
    return same;
  }

  std::string out_, path_;
};

}  // namespace

std::string confirmed_before(Value object) {
  std::string out;
  base::json::Writer w(out);
  w.begin_object();
  for (const Member member : object.object()) {
    if (member.key == "status") continue;
    w.key(member.key);
    if (member.key != "metadata") {
      w.raw(member.value.to_json());
      continue;
    }
    w.begin_object();
    for (const Member each : member.value.object())
      if (!changes_by_itself(each.key)) w.key(each.key).raw(each.value.to_json());
    w.end_object();
  }
  w.end_object();
  return out;
}

std::string confirmed_after(Value before, Value after, Value wish) {
  return After().run(before, after, wish);
}

}  // namespace change
