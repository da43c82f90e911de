#include "change/digest.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "change/members.h"

namespace change {

using base::json::Member;
using base::json::Type;
using base::json::Value;

namespace {

constexpr std::string_view kByItself[] = {"managedFields", "resourceVersion", "generation", "uid",
                                          "creationTimestamp"};

bool changes_by_itself(std::string_view member_of_metadata) {
  return std::find(std::begin(kByItself), std::end(kByItself), member_of_metadata) !=
         std::end(kByItself);
}

// The element of `list` that takes the place of `element` (at `index`) of another list.
Value counterpart(Value list, std::size_t size, std::size_t index) {
  return list.is(Type::array) && list.size() == size ? list.at(index) : Value();
}

class After {
 public:
  std::string run(Value before, Value after, Value wish) {
    for (const Member member : after.object()) {
      if (member.key == "status") continue;
      if (member.key != "metadata") {
        walk("." + std::string(member.key), before[member.key], member.value, wish[member.key]);
        continue;
      }
      for (const Member each : member.value.object())
        if (!changes_by_itself(each.key))
          walk(".metadata." + std::string(each.key), before["metadata"][each.key], each.value,
               wish["metadata"][each.key]);
    }
    return std::move(out_);
  }

 private:
  void walk(const std::string& path, Value before, Value after, Value wish) {
    if (before && before.to_json() == after.to_json()) return;
    out_.append(path);
    if (!wish) {
      out_.append(" is set\n");
    } else if (after.is(Type::object) && wish.is(Type::object)) {
      out_.append("\n");
      const Members was(before), wished(wish);
      for (const Member member : after.object())
        walk(path + "." + std::string(member.key), was[member.key], member.value,
             wished[member.key]);
    } else if (after.is(Type::array) && wish.is(Type::array) && wish.size() == after.size()) {
      out_.append("\n");
      std::size_t i = 0;
      for (const Value element : after.array()) {
        walk(path + "[" + std::to_string(i) + "]", counterpart(before, after.size(), i), element,
             wish.at(i));
        ++i;
      }
    } else {
      out_.append(": ").append(after.to_json()).append("\n");
    }
  }
  std::string out_;
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
