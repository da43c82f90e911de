// Failure: why a call to the API server failed: a Status of the server, or the transport's error.
// The only place that maps HTTP status and Status.reason to an Errc (a known reason takes
// precedence over the code, as in k8s.io/apimachinery).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "base/time.h"

namespace kube {

// A longer Retry-After is cut to this, so that a proxy's absurd value does not stop a stream for a
// day; the cut is logged.
constexpr base::Duration kRetryAfterCap = base::seconds(300);
constexpr std::size_t kMessageBytes = 2048;  // of a server's text; client-go's cap
// Kept of an answer that is not a Status: enough to recognise a proxy's page.
constexpr std::size_t kSnippetBytes = 256;

// The number of a Status's details.causes that are kept.
constexpr std::size_t kCausesKept = 32;

struct FailureCause {
  std::string reason;   // e.g. FieldManagerConflict
  std::string message;  // printable, at most kSnippetBytes
  std::string field;    // ".spec.replicas"
};

struct Failure {
  base::Errc code = base::Errc::internal;
  int status = 0;       // HTTP or Status.code; 0: a transport error
  std::string reason;   // Status.reason, "" when none
  std::string message;  // printable, at most kMessageBytes
  std::string cause;    // details.causes[0].reason, e.g. ResourceVersionTooLarge
  std::optional<base::Duration> retry_after;
  std::vector<FailureCause> causes;  // details.causes
  bool unsent = false;               // no byte of the request can have reached the API server
  // The answer is not a Status object, so it comes from a proxy, a load balancer or a captive
  // portal. Whatever its code, it is no statement of the API server about the resource: something
  // on the way failed.
  bool foreign = false;

  bool transport() const { return status == 0; }
  // The API server itself answered with this code.
  bool says(int code_said) const { return status == code_said && !foreign; }
  bool expired() const { return code == base::Errc::gone; }  // 410, reason Expired or Gone
  base::Error error() const { return base::Error(code, message); }

  // From a Status object (in an answer's body or an ERROR frame; its kind may be missing); anything
  // else becomes a generic 500 with a snippet. `http_status` is used when it is an error status and
  // the object has no code; the result's status is never 0.
  static Failure from_status(base::json::Value status, int http_status);
  // From an answer other than 2xx: a Status in JSON, or a foreign one (plain text, HTML), whose
  // code is that of an unreachable server unless its HTTP status reports overload or an internal
  // error. `retry_after_header`: whole seconds, dates are ignored; takes precedence over the
  // Status's details.retryAfterSeconds.
  static Failure from_response(int http_status, std::string_view body,
                               std::optional<std::string_view> retry_after_header);
  // From a transport error: no answer, or one that was cut.
  static Failure from_error(const base::Error& error);
  // From a 2xx answer with unexpected content (HTML, not JSON, another kind): Errc::protocol,
  // "`what`: <snippet of the body>".
  static Failure from_bad_answer(int http_status, std::string_view what, std::string_view body);
};

}  // namespace kube
