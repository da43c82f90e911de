// WriteCall: one write to the API server, and its outcome. A write whose answer is lost may have
// been executed: it is never repeated blindly, and never reported as failed when its outcome is
// unknown.
//
//   the server's answer                     result
//   a definitive one                        done or failed, never repeated; a conflict reports the
//                                           fields' managers, and nothing is forced unless asked
//   429, or 503 with Retry-After            rejected before execution: waits and sends it again
//                                           (kWriteThrottles times, kWriteWaitCap in all)
//   never sent (dial, TLS, no credentials)  failed
//   lost: no answer; 408, 502, 503, 504;    apply, and remove with a uid: sends it once more (the
//   500 with Retry-After; a proxy's page    second attempt finds what the first did); other writes,
//                                           and a repetition that is lost, too: reads the object
//     GET: the object is as written         done, `verified`
//     GET: it differs, or cannot be read    ambiguous: the write may still complete
//   404, or 409 for another uid, to a       already_gone
//   remove after an attempt that may have
//   been executed
//
// remove: `accepted` means that finalizers or a grace period hold the object; a watch (DELETED with
// that uid) or a GET shows its end. The object in an answer is a snapshot: never put it into a
// watch's store.
//
// apply: `body` is the complete intent of `field_manager`: fields that it owned and that are left
// out are removed. The body must not be an object as the server returns it (managedFields, status,
// resourceVersion).
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
constexpr base::Duration kWriteWaitCap = base::seconds(60);  // all waits of one write
// The wait before a repetition without a Retry-After.
constexpr base::Duration kWritePause = base::seconds(1);
// kube-apiserver ends patches and deletes after 34 s and other requests after 60 s.
constexpr base::Duration kWriteTime = base::seconds(65);
constexpr std::size_t kFieldManagerBytes = 128;  // kube-apiserver's limit
constexpr std::size_t kAuditIdBytes = 64;        // kube-apiserver's limit; mostly a UUID

struct WriteSpec {
  enum class Verb : unsigned char {
    apply,        // server-side apply: creates or changes
    create,       // `name` may be "" with metadata.generateName in the body
    merge_patch,  // RFC 7386
    remove,
  };
  enum class Propagation : unsigned char { background, foreground, orphan };  // to dependents

  Verb verb = Verb::apply;
  Resource resource;
  std::string ns, name;
  std::string body;           // a JSON object; "" for remove
  std::string field_manager;  // required for apply; otherwise "" : the server's choice
  bool force = false;         // apply: takes over fields that other managers own
  bool dry_run = false;
  std::string uid;  // remove: only the object with this uid; "" : any with the name
  Propagation propagation = Propagation::background;
  config::Credentials credentials = config::Credentials::configured();
};

// A field that another manager owns.
struct FieldConflict {
  std::string field;    // ".spec.replicas"
  std::string manager;  // "kubectl"; "" when the server did not name it
  std::string message;
};

struct WriteOutcome {
  enum class Result : unsigned char {
    failed,     // nothing was written
    ambiguous,  // unknown whether it was executed
    created,
    changed,   // or unchanged, because it was so already
    accepted,  // remove: deletion has begun
    deleted,
    already_gone,  // remove: gone after an attempt that may have been executed
  };
  Result result = Result::failed;
  std::optional<Failure> failure;        // for failed and ambiguous
  std::vector<FieldConflict> conflicts;  // for a failed apply
  std::string object;     // JSON; for created, changed, accepted; for deleted if it was sent
  bool verified = false;  // the answer was lost; the object was read instead
  std::vector<std::string> warnings;
  std::uint64_t warnings_dropped = 0;  // beyond kWarningsKept
  // The Audit-Id of the last attempt's answer, printable, at most kAuditIdBytes; "": none.
  std::string audit_id;

  bool ok() const { return result != Result::failed && result != Result::ambiguous; }
};

// One write at a time; a member of its owner. The callback is never called inside start(). The
// destructor cancels, also inside the callback. A cancelled write may still be executed.
class WriteCall {
 public:
  using Fn = base::Delegate<void(WriteOutcome)>;
  // Both must outlive it.
  WriteCall(loop::Loop& loop, Client& client, Fn fn);
  ~WriteCall();
  WriteCall(const WriteCall&) = delete;
  WriteCall& operator=(const WriteCall&) = delete;
  // Requires: !active(). An invalid spec (no field manager, a body for another object) fails
  // without a request, with status 400 and a text that names what is required.
  void start(WriteSpec spec);
  void cancel();
  bool active() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kube
