#include "change/merge.h"

#include "base/json_members.h"

namespace change {

using base::json::Member;
using base::json::Members;
using base::json::Type;
using base::json::Value;
using base::json::Writer;

static void write_merged(Writer& w, Value target, Value patch) {
  if (!patch.is(Type::object)) return (void)w.raw(patch ? patch.to_json() : target.to_json());
  const Value old = target.is(Type::object) ? target : Value();
  const Members changes(patch), olds(old);
  w.begin_object();
  for (const Member member : old.object()) {
    const Value change = changes[member.key];
    if (change.is(Type::null)) continue;
    w.key(member.key);
    change ? write_merged(w, member.value, change) : (void)w.raw(member.value.to_json());
  }
  for (const Member member : patch.object()) {
    if (olds[member.key] || member.value.is(Type::null)) continue;
    w.key(member.key);
    write_merged(w, {}, member.value);
  }
  w.end_object();
}

std::string merged(Value target, Value patch) {
  std::string out;
  Writer w(out);
  write_merged(w, target, patch);
  return out;
}

}  // namespace change
