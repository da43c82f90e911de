// WriteCall: one write to the API server, and what became of it. A write whose answer is lost may
// have been executed: it is never repeated blindly, and never said to have failed when nobody
// knows.
//
//   the server answers                         done, or failed: no repetition. A conflict of field
//                                              managers says who owns what; nothing is forced
//                                              unasked
//   429, and 503 with Retry-After              rejected before execution: waited and sent again
//                                              (kWriteThrottles times, kWriteWaitCap in all)
//   never sent (dial, TLS, no credentials)     failed
//   sent, no answer; 408, 502, 503, 504;       apply, and remove with a uid: sent once more, on a
//   fresh 500 with Retry-After                       connection (the second one finds what the
//   first did);
//                                              others, and then those too: the object is looked at
//                                              (GET)
//     … it is as was written                   done, `verified`
//     … it is not, or cannot be seen           ambiguous: the write may still complete
//   remove, after an attempt that may have been executed: 404, or 409 for another uid: already gone
//
// remove: `accepted` means that finalizers or a grace period hold the object; its end is for a
// watch to see (DELETED with that uid) or a GET. The object of an answer is that moment's: never
// put it into a watch's store.
//
// apply: `body` is the whole intent of `field_manager`: what it owned and is left out is removed.
// It must not be an object as the server shows it (managedFields, status, resourceVersion).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/delegate.h"
#include "kube/client.h"

namespace kube {

constexpr int kWriteThrottles = 5;
constexpr base::Duration kWriteWaitCap = base::seconds(60);  // the waits of one write, together
// Before a repetition that the server gave no time for.
constexpr base::Duration kWritePause = base::seconds(1);
// kube-apiserver ends patches and deletes after 34 s and all else after 60 s.
constexpr base::Duration kWriteTime = base::seconds(65);
constexpr std::size_t kFieldManagerBytes = 128;  // kube-apiserver's limit

struct WriteSpec {
  enum class Verb : unsigned char {
    apply,        // server-side apply: creates or changes
    create,       // `name` may be "": metadata.generateName stands in the body
    merge_patch,  // RFC 7386
    remove,
  };
  enum class Propagation : unsigned char { background, foreground, orphan };  // to dependents

  Verb verb = Verb::apply;
  Resource resource;
  std::string ns, name;
  std::string body;           // a JSON object; "" for remove
  std::string field_manager;  // required for apply; else "" leaves it to the server
  bool force = false;         // apply: takes fields that others own
  bool dry_run = false;
  std::string uid;  // remove: only the object with this uid; "" for whatever has the name
  Propagation propagation = Propagation::background;
  Credentials credentials = Credentials::configured();
};

// A field that somebody else owns.
struct FieldConflict {
  std::string field;    // ".spec.replicas"
  std::string manager;  // "kubectl"; "" when the server did not say
  std::string message;
};

struct WriteOutcome {
  enum class Result : unsigned char {
    failed,     // nothing was written
    ambiguous,  // nobody knows
    created,
    changed,   // or was so already
    accepted,  // remove: under way
    deleted,
    already_gone,  // remove: an attempt that may have been executed went before
  };
  Result result = Result::failed;
  std::optional<Failure> failure;        // of failed and ambiguous
  std::vector<FieldConflict> conflicts;  // of a failed apply
  std::string object;     // JSON; of created, changed, accepted, and of deleted when it was sent
  bool verified = false;  // the answer was lost; the object was looked at
  std::vector<std::string> warnings;
  std::uint64_t warnings_dropped = 0;  // beyond kWarningsKept

  bool ok() const { return result != Result::failed && result != Result::ambiguous; }
};

// One write at a time; a member of its owner. Never calls back inside start(); the destructor
// cancels, also inside the callback. Cancelled, a write may still be executed.
class WriteCall {
 public:
  using Fn = base::Delegate<void(WriteOutcome)>;
  // Both outlive it.
  WriteCall(loop::Loop& loop, Client& client, Fn fn);
  ~WriteCall();
  WriteCall(const WriteCall&) = delete;
  WriteCall& operator=(const WriteCall&) = delete;
  // Requires: !active(). What cannot be right (no field manager, a body for another object) fails
  // without a request, with status 400 and a text that says what would be right.
  void start(WriteSpec spec);
  void cancel();
  bool active() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kube
