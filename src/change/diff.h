// Diff: which fields of an object a write changes, and which field managers own them. Made of the
// object as it is and of what the API server's dry run makes of it.
//
// Fields that only the API server writes (status, metadata.managedFields, resourceVersion,
// generation, uid, creationTimestamp) do not count. Elements of lists are matched by their name (and
// namespace), type or uid where all have one; other lists count as one value.
//
// Owners are read from metadata.managedFields (holdings.h).
//
// A diff is made in pieces, because one of two large objects takes tens of milliseconds.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace change {

// A diff of more is counted, not listed: it is about to be read by a person or a model.
constexpr std::size_t kChanges = 400;
// The bytes of a value that are shown; the whole one is in the object.
constexpr std::size_t kShownValueBytes = 300;

struct Change {
  enum class Kind : unsigned char { removed, changed, added };
  Kind kind;
  std::string path;  // ".spec.serviceSpec.services[name=x,namespace=y].values"
  // JSON, cut to kShownValueBytes around the first difference; "": there is none.
  std::string before, after;
  // The managers of the field before the write, without our own.
  std::vector<std::string> owners;
  // One of them owns it by server-side apply, and may set it back.
  bool applied = false;
  bool takes = false;  // something is gone after it: the field, its value, or elements of a list
  // The write takes the field away (an apply leaves it out, a merge patch says null), and it is not
  // gone: the API server puts its default there. Once it is, the same write changes nothing.
  bool defaulted = false;
};

struct Diff {
  std::vector<Change> changes;  // what is removed first, then by path
  std::size_t left_out = 0;     // beyond kChanges
  std::size_t removed = 0;      // of all: those that take something away
  // One of all takes a finalizer away. It guards what its controller has still to do; without it that
  // stays behind.
  bool takes_finalizer = false;
  std::string digest;  // of all, whole values included
  // The first kChanges of all that fields of server-side appliers are in, however many changes
  // there are.
  std::vector<Change> contested;
  bool empty() const { return changes.empty(); }
};

// `before` and `after` may be absent: the object is made, or goes. `wish`: the body of an apply,
// `patch`: of a merge patch; absent: the write is none.
struct States {
  base::json::Value before, after, wish = {}, patch = {};
};

class Differ {
 public:
  // `managed`: metadata.managedFields of the object before. `ours`: the field manager of the write.
  // The documents of all Values must outlive this; `ours` is not kept.
  Differ(const States& states, base::json::Value managed, std::string_view ours);
  ~Differ();

  // What a member costs besides the bytes of its values, in their unit: the time for so many.
  static constexpr std::size_t kMemberBytes = 256;
  // Compares about so many bytes more; at least one value. True: all is compared.
  bool advance(std::size_t bytes);
  // Requires: advance() has returned true. Once.
  Diff take();

 private:
  class Walk;
  std::unique_ptr<Walk> walk_;
};

// The whole at once.
Diff diff(const States& states, base::json::Value managed, std::string_view ours);

std::string_view to_string(Change::Kind kind);
// "- .spec.replicas: 3 (owner: kubectl)"
std::string line_of(const Change& change);

}  // namespace change
