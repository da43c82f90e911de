// Who is asking, and the interface that finds it out. mcp/ knows no Kubernetes: the authenticators
// that ask an API server live in tools/.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/delegate.h"

namespace mcp {

// `identity` may be compared and logged; sessions, subscriptions and watch keys belong to it.
// `bearer`: what the caller's API calls travel with, whole; empty: the server's own credentials.
struct Caller {
  std::string identity;
  std::string bearer;
};

// Why a request is turned away before anything of it is read.
struct Refusal {
  int status = 401;       // 401, 403, 503
  std::string challenge;  // WWW-Authenticate's value; "" : none
  std::string message;    // plain text for people
};

struct Verdict {
  std::optional<Refusal> refusal;  // set: refused
  Caller caller;
};

// A question under way; destroying it cancels.
class PendingVerdict {
 public:
  virtual ~PendingVerdict() = default;
};

class Authenticator {
 public:
  using Fn = base::Delegate<void(Verdict)>;
  virtual ~Authenticator() = default;
  // `authorization`: the request's header. The answer at once when it is known (no header needed,
  // malformed header, kept verdict); nullopt: ask().
  virtual std::optional<Verdict> known(std::optional<std::string_view> authorization) = 0;
  // `fn` once, never inside ask().
  virtual std::unique_ptr<PendingVerdict> ask(std::string_view authorization, Fn fn) = 0;
  // Callers carry tokens that can end: sessions with streams are asked about again (known, then
  // ask) every kRecheck.
  virtual bool expires() const = 0;
};

}  // namespace mcp
