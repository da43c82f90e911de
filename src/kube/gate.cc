#include "kube/gate.h"

#include <utility>

#include "base/text.h"

namespace kube {

Failure policy_denied(std::string_view message) {
  Failure out;
  out.code = base::Errc::forbidden;
  out.status = 403;
  out.reason = kPolicyDenied;
  out.message = base::printable(message, kMessageBytes);
  out.unsent = true;
  return out;
}

bool is_policy_denied(const Failure& failure) {
  return failure.unsent && failure.reason == kPolicyDenied;
}

}  // namespace kube
