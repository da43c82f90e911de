#include "mcp/legacy/batch.h"

#include <utility>

#include "base/check.h"
#include "mcp/legacy/exchange.h"

namespace mcp::legacy {

Batch::Batch(shared::State& core, std::string owner, Exchange& exchange, Run run)
    : core_(core),
      owner_(std::move(owner)),
      exchange_(exchange),
      run_(run),
      held_(core.budgets().bodies),
      next_(core.loop, "mcp batch", loop::Deferred::Fn::bind<&Batch::step>(this)) {}

bool Batch::add(const Message& message, base::json::Value text) {
  std::string copy = text.to_json();
  if (!held_.take(copy.size(), owner_)) return false;
  waiting_.push_back({message.id_json, std::move(copy)});
  return true;
}

void Batch::done() {
  // The session is about to end, and would discard the answers that are not sent by then.
  if (abandoned_) return exchange_.skip();
  next_.schedule();
}

void Batch::step() {
  if (waiting_.empty()) return exchange_.skip();
  const Waiting member = std::move(waiting_.front());
  waiting_.pop_front();
  held_.give(member.text.size());
  id_json_ = member.id_json;
  base::json::Document document;
  const auto value = document.parse(member.text);
  CHECK(value);
  run_(read_message(*value), exchange_);
}

void Batch::cancel(std::string_view id_json) {
  std::erase_if(waiting_, [&](const Waiting& member) {
    if (member.id_json != id_json) return false;
    base::json::Document document;
    const auto value = document.parse(member.text);
    core_.requests.ended((*value)["method"].str(), shared::Outcome::cancelled, {});
    held_.give(member.text.size());
    return true;
  });
}

void Batch::abandon(std::string_view reason) {
  if (std::exchange(abandoned_, true)) return;
  next_.cancel();
  const auto all = std::exchange(waiting_, {});
  held_.release();
  exchange_.expect();
  for (const Waiting& member : all) {
    exchange_.expect();
    exchange_.answer(
        Outgoing::error(member.id_json, {RpcCode::internal_error, std::string(reason), {}}));
  }
  exchange_.skip();
}

}  // namespace mcp::legacy
