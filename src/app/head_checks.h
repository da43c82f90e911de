// HeadChecks: large requests whose caller's token is being checked before their body is read.
//
//   verdict    the request
//   accepted   its body is read, and it is then served as any other
//   refused    is answered with this very refusal, without its body. Not all are remembered (503 and
//              429 are not), so that a second question could have another answer
#pragma once

#include <memory>
#include <string_view>

#include "base/delegate.h"
#include "base/list.h"
#include "http/handler.h"
#include "mcp/caller.h"

namespace app {

class HeadChecks {
 public:
  // Answers the refused request. The Authenticator knows this one refusal, and ends with the call.
  using AnswerFn = base::Delegate<void(const http::Request&, http::Reply, mcp::Authenticator&)>;
  explicit HeadChecks(AnswerFn fn) : answer_(fn) {}
  // Requires: all checks are gone.
  ~HeadChecks() = default;
  HeadChecks(const HeadChecks&) = delete;
  HeadChecks& operator=(const HeadChecks&) = delete;

  // As http::Handler::check_body. `by` and this must outlive the check.
  std::unique_ptr<http::BodyCheck> begin(mcp::Authenticator& by, const http::Request& head,
                                         std::string_view peer_key, http::Handler::RuleFn fn);
  // Shutdown: refuses those that still wait for a verdict.
  void refuse_all(std::string_view reason);

 private:
  class Check;
  AnswerFn answer_;
  base::List<Check> waiting_;
};

}  // namespace app
