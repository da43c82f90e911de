// Gate: is shown every request to the API server before a byte of it is sent (Client::set_gate):
// lists, watches, logs, discovery, reviews and writes alike, and each repetition of one again. No
// code that sends a request can go round it.
#pragma once

#include <optional>

#include "kube/failure.h"

namespace kube {

struct ApiRequest;

// Status.reason of a gate's refusal; the API server has none of this name.
constexpr std::string_view kPolicyDenied = "PolicyDenied";

class Gate {
 public:
  virtual ~Gate() = default;
  // Why the request must not be sent; nullopt: it may. The call then fails with this Failure, which has
  // code forbidden, status 403, reason kPolicyDenied, and unsent = true. Must not call the Client.
  virtual std::optional<Failure> objection(const ApiRequest& request) = 0;
};

// A Failure as objection() returns it.
Failure policy_denied(std::string_view message);
// Whether it is one, and not the API server's own 403.
bool is_policy_denied(const Failure& failure);

}  // namespace kube
