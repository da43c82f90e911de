// WriteCall: one write to the API server, and its outcome. A write is sent at most once: after a
// byte of it may have been sent, it is never sent again, and when its answer is lost the object is
// read instead.
//
//   the server's answer                     result
//   a definitive one                        done or failed; a conflict reports the fields'
//                                           managers, and nothing is forced unless asked
//   429, or 503 with Retry-After            rejected before execution: waits and sends it again
//                                           (kWriteThrottles times, kWriteWaitCap in all)
//   never sent (dial, TLS, no credentials)  failed
//   lost: no answer; 408, 502, 503, 504;    reads the object (write_evidence.h), at once and then
//   500 with Retry-After; a proxy's page    at growing intervals while the API server may still
//                                           execute the write
//     it was made, or the lost answer's     done, `verified` if the read showed it
//     head said so
//     it was not, and no longer can be      failed, `verified`
//     neither is proved                     ambiguous
//   lost, of a dry run                      sends it once more
//
// A request carries the time after which the API server gives it up (kWriteServerTime); once that
// has passed since the loss, a write that the object does not show will not be executed. An API
// server or an etcd that stood still executes what waits in its queue when it goes on, so a read
// that is the first answered one decides only with another a second later.
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
#include <string_view>
#include <vector>

#include "base/delegate.h"
#include "kube/client.h"

namespace kube {

constexpr int kWriteThrottles = 5;
constexpr base::Duration kWriteWaitCap = base::seconds(60);  // all waits of one write
// The wait before a dry run is repeated without a Retry-After, and between the first two reads
// after a lost answer; each later one is twice as long.
constexpr base::Duration kWritePause = base::seconds(1);
// The API server gives up a write after this time ("timeout" in the query; its own limit for a
// write is 34 s). Two admission webhooks with the default time limit, 10 s, fit in.
constexpr base::Duration kWriteServerTime = base::seconds(25);
// For the answer. With kWriteServerTime after it, a write ends within a minute, the default limit
// of MCP clients for a call.
constexpr base::Duration kWriteTime = base::seconds(28);
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
  std::string subresource;    // "scale", for merge_patch; `body` and the answer are of its kind
  std::string body;           // a JSON object; "" for remove
  std::string field_manager;  // required for apply; otherwise "" : the server's choice
  bool force = false;         // apply: takes over fields that other managers own
  bool dry_run = false;
  // Preconditions, not for create: only the object with this uid, only in this version; "" : any.
  // When they do not hold the API server answers 409, or 422 for the uid of a patch or an apply;
  // WriteOutcome::stale is true for all of them. An apply with a uid never creates; one with a
  // resource_version alone does.
  std::string uid, resource_version;
  // The object as read before the write (JSON); "" : none was read, or there was none. Compared
  // with the object after a lost answer.
  std::string before;
  std::string audit_id;  // of the API server's audit events; "" : it makes one
  Propagation propagation = Propagation::background;
  config::Credentials credentials = config::Credentials::configured();
};

// A field that another manager owns.
struct FieldConflict {
  std::string field;    // ".spec.replicas"
  std::string manager;  // "kubectl"; "" when the server did not name it
  std::string message;
};

// What an outcome rests on.
enum class WriteEvidence : unsigned char {
  answer,  // the API server's answer
  unsent,  // no byte of the request was sent
  // A read after a lost answer; see write_evidence.h.
  content,
  owner,
  deletion,
  version,
  generation,
  superseded,
  absent,
  none,  // for ambiguous
};
std::string_view to_string(WriteEvidence evidence);  // "answer"

struct WriteOutcome {
  enum class Result : unsigned char {
    failed,     // nothing was written
    ambiguous,  // unknown whether it was executed
    created,
    changed,   // or unchanged, because it was so already
    accepted,  // remove: deletion has begun
    deleted,
    already_gone,  // remove: the answer was lost, and the object is gone
  };
  Result result = Result::failed;
  WriteEvidence evidence = WriteEvidence::answer;
  std::optional<Failure> failure;  // for failed and ambiguous
  bool stale = false;  // failed: a precondition did not hold, or a create's name is taken
  std::vector<FieldConflict> conflicts;  // for a failed apply
  // JSON; for created, changed and accepted, but "" when the answer was cut and the read did not
  // show the write; for deleted if it was sent.
  std::string object;
  bool verified = false;  // the answer was lost, and reading the object instead decided
  std::vector<std::string> warnings;
  std::uint64_t warnings_dropped = 0;  // beyond kWarningsKept
  // The Audit-Id of the last attempt's answer, printable, at most kAuditIdBytes; without an answer
  // that of the spec; "": none.
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
