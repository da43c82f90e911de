// doctor's look at the issuers of OAUTH: their metadata and keys, fetched as the server does.
#include <algorithm>

#include "app/doctor_here.h"
#include "app/version.h"
#include "auth/issuers.h"
#include "base/counted.h"

namespace app {

namespace {

constexpr base::Duration kLookAgain = base::milliseconds(20);

class IssuersCheck {
 public:
  IssuersCheck(loop::Loop& loop, net::Resolver& resolver, const Settings& settings)
      : loop_(loop),
        issuers_(loop, resolver, settings.oauth.issuers,
                 {.audience = settings.oauth.public_url, .user_agent = user_agent()}),
        timer_(loop, "doctor issuers", loop::Timer::Fn::bind<&IssuersCheck::on_time>(this)) {}

  // Until each has answered, or a client would have given up.
  std::vector<auth::IssuerStatus> run() {
    end_ = loop_.now() + auth::kKeyPatience;
    issuers_.start();
    timer_.arm(kLookAgain);
    loop_.run();
    issuers_.close();
    return status_;
  }

 private:
  void on_time() {
    status_ = issuers_.status();
    const bool all = std::all_of(status_.begin(), status_.end(), [](const auto& each) {
      return each.keys > 0 || !each.problem.empty();
    });
    if (all || loop_.now() >= end_)
      loop_.stop();
    else
      timer_.arm(kLookAgain);
  }

  loop::Loop& loop_;
  auth::Issuers issuers_;
  base::TimePoint end_{};
  std::vector<auth::IssuerStatus> status_;
  loop::Timer timer_;
};

}  // namespace

void check_issuers(Findings& findings, loop::Loop& loop, net::Resolver& resolver,
                   const Settings& settings) {
  if (settings.auth_mode != AuthMode::oauth || settings.oauth.issuers.empty()) return;
  for (const auth::IssuerStatus& each : IssuersCheck(loop, resolver, settings).run()) {
    const std::string what = "issuer";
    if (each.keys > 0)
      findings.ok(what, each.issuer + " gives " + base::counted(each.keys, "key"));
    else
      findings.fail(
          what,
          each.issuer + ": " +
              (each.problem.empty() ? "no answer in " + base::format_duration(auth::kKeyPatience)
                                    : each.problem),
          "Check the URL, its ca-file and the proxy: no token of it can be checked");
  }
}

}  // namespace app
