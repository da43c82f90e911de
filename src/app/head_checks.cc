#include "app/head_checks.h"

#include <optional>
#include <string>
#include <utility>

namespace app {

namespace {

// Gives the verdict that is there already.
struct Told final : mcp::Authenticator {
  explicit Told(const mcp::Refusal& why) : refusal(why) {}
  std::optional<mcp::Verdict> known(std::optional<std::string_view>) override {
    mcp::Verdict verdict;
    verdict.refusal = refusal;
    return verdict;
  }
  std::unique_ptr<mcp::PendingVerdict> ask(std::string_view, std::string_view, Fn) override {
    return nullptr;  // known() has it
  }
  bool expires() const override { return false; }
  const mcp::Refusal& refusal;
};

}  // namespace

class HeadChecks::Check final : public base::Link, public http::BodyCheck {
 public:
  Check(HeadChecks& owner, http::Handler::RuleFn fn) : owner_(owner), fn_(fn) {}
  ~Check() override { unlink(); }
  void ask(mcp::Authenticator& by, const http::Request& head, std::string_view peer_key) {
    pending_ = by.ask(head.headers.find("authorization").value_or(""), peer_key,
                      mcp::Authenticator::Fn::bind<&Check::on_verdict>(this));
  }
  void end(mcp::Refusal why) {
    pending_.reset();
    refuse(std::move(why));
  }
  void answer(const http::Request& request, http::Reply reply) override {
    Told told(*refusal_);
    owner_.answer_(request, std::move(reply), told);
  }

 private:
  void refuse(mcp::Refusal why) {
    refusal_ = std::move(why);
    fn_({false, 0});
  }
  void on_verdict(mcp::Verdict verdict) {
    unlink();
    if (verdict.refusal) return refuse(*std::move(verdict.refusal));
    fn_({});
  }

  HeadChecks& owner_;
  const http::Handler::RuleFn fn_;
  std::optional<mcp::Refusal> refusal_;
  std::unique_ptr<mcp::PendingVerdict> pending_;
};

std::unique_ptr<http::BodyCheck> HeadChecks::begin(mcp::Authenticator& by,
                                                   const http::Request& head,
                                                   std::string_view peer_key,
                                                   http::Handler::RuleFn fn) {
  auto check = std::make_unique<Check>(*this, fn);
  waiting_.add(*check);
  check->ask(by, head, peer_key);
  return check;
}

void HeadChecks::refuse_all(std::string_view reason) {
  while (Check* const check = waiting_.pop())
    check->end({503, {}, std::string(reason)});
}

}  // namespace app
