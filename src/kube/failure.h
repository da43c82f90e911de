// Failure: why a call to the API server did not give what was asked: a Status of the server, or the
// transport's error. The one place that maps HTTP status and Status.reason to an Errc
// (a known reason wins over the code, as in k8s.io/apimachinery).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "base/time.h"

namespace kube {

// A longer Retry-After is cut to this (a proxy's absurd value must not park a stream for a day) and
// said in the log.
constexpr base::Duration kRetryAfterCap = base::seconds(300);
constexpr std::size_t kMessageBytes = 2048;  // of a server's text; client-go's cap
// Of an answer that is no Status: enough to recognise a proxy's page.
constexpr std::size_t kSnippetBytes = 256;

// details.causes of a Status: how many are kept, of as many as there are.
constexpr std::size_t kCausesKept = 32;

struct FailureCause {
  std::string reason;   // e.g. FieldManagerConflict
  std::string message;  // printable, at most kSnippetBytes
  std::string field;    // ".spec.replicas"
};

struct Failure {
  base::Errc code = base::Errc::internal;
  int status = 0;       // HTTP or Status.code; 0: no answer (transport)
  std::string reason;   // Status.reason, "" when none
  std::string message;  // printable, at most kMessageBytes
  std::string cause;    // details.causes[0].reason, e.g. ResourceVersionTooLarge
  std::optional<base::Duration> retry_after;
  std::vector<FailureCause> causes;  // details.causes
  bool unsent = false;               // no byte of the request can have reached the API server
  // An answer that is no Status object: the word of a proxy, a balancer, a portal. It says nothing of
  // what was asked for, whatever its code: the way there failed.
  bool foreign = false;

  bool transport() const { return status == 0; }
  // The API server itself says this.
  bool says(int code_said) const { return status == code_said && !foreign; }
  bool expired() const { return code == base::Errc::gone; }  // 410, reason Expired or Gone
  base::Error error() const { return base::Error(code, message); }

  // From a Status object (of an answer's body or of an ERROR frame; its kind may be missing);
  // anything else gives a generic 500 with a snippet. `http_status` counts when the object has no
  // code of its own and is an error status; never 0 in the result.
  static Failure from_status(base::json::Value status, int http_status);
  // From an answer that is not 2xx: Status in JSON, or foreign (plain text, HTML), whose code is that
  // of a server out of reach unless it says that it is busy or ill. `retry_after_header`: whole
  // seconds only, dates are ignored; it wins over the Status's details.retryAfterSeconds.
  static Failure from_response(int http_status, std::string_view body,
                               std::optional<std::string_view> retry_after_header);
  // No answer, or one that broke off.
  static Failure from_error(const base::Error& error);
  // A 2xx answer that is not what was asked (HTML, no JSON, another kind): Errc::protocol, "`what`:
  // <snippet of the body>".
  static Failure from_bad_answer(int http_status, std::string_view what, std::string_view body);
};

}  // namespace kube
