// Handler: the program behind a Server. It decides about bodies from their heads, and gets each
// request, complete.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/delegate.h"
#include "http/message.h"
#include "http/reply.h"

namespace http {

// The decision on a request's body.
struct BodyRule {
  bool read = true;             // false: handled now without it, and the connection then closes
  std::size_t most = SIZE_MAX;  // bytes; a larger one gets 413
  // A larger one, and one of unknown length, waits for check_body() instead. Until then no more of it
  // is read than came with its head.
  bool until_checked = false;
};

// A check in progress; destroying it cancels it.
class BodyCheck {
 public:
  virtual ~BodyCheck() = default;
  // Instead of Handler::on_request, after a rule with read = false: answers the request, as there.
  virtual void answer(const Request& request, Reply reply) = 0;
};

// For the server: a body of which no more is read while its head is checked.
struct HeldBody {
  std::unique_ptr<BodyCheck> check;
  std::optional<BodyRule> rule;  // set: the check has ended
  std::size_t announced = 0;     // bytes; 0: of unknown length
};

class Handler {
 public:
  virtual ~Handler() = default;
  // Called before a body that did not arrive with its head is read; `head` has no body yet.
  virtual BodyRule on_head(const Request& head) {
    (void)head;
    return {};
  }
  // After a rule with until_checked. Calls `fn` once, never inside check_body(), with the rule that
  // counts then. The views of `head` are valid until this returns; `peer_key`: as Reply has it.
  using RuleFn = base::Delegate<void(const BodyRule&)>;
  virtual std::unique_ptr<BodyCheck> check_body(const Request& head, std::string_view peer_key,
                                                RuleFn fn) {
    (void)head, (void)peer_key, (void)fn;
    return nullptr;
  }
  // Whether to answer this request even when there are too many connections.
  virtual bool serves_when_full(const Request& request) const {
    (void)request;
    return false;
  }
  // The request's views are valid until this returns; the Reply may be kept longer.
  virtual void on_request(const Request& request, Reply reply) = 0;
};

}  // namespace http
