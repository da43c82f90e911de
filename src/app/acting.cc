#include "app/acting.h"

#include <utility>

#include "base/check.h"
#include "base/file.h"
#include "policy/parse.h"

namespace app {

Acting::Acting(loop::Loop& loop, const Settings& settings, base::log::Filter& filter)
    : loop_(loop),
      settings_(settings),
      filter_(filter),
      timer_(loop, "policy file", loop::Timer::Fn::bind<&Acting::on_time>(this)) {}

base::Result<void> Acting::start(std::string cluster) {
  auto policy = read_policy();
  if (!policy) return std::move(policy).error();
  CHECK(*policy);  // nothing was read before
  gate_ = std::make_unique<cluster::PolicyGate>(**std::move(policy), std::move(cluster));
  if (!settings_.audit_file.empty()) {
    auto log = audit::Log::open(loop_, settings_.audit_file, settings_.audit_key);
    if (!log) return std::move(log).error().within("--audit-file");
    audit_ = *std::move(log);
    audit_->set_filter(&filter_);
    gate_->set_audit(audit_.get());
  }
  if (!settings_.policy_file.empty()) timer_.arm(kPolicyCheck);
  offered_ = !gate_->policy().writes_off();
  const policy::Mode& mode = gate_->policy().mode();
  if (!mode.allow_writes || mode.read_only) return {};
  LOG_INFO("writes are allowed", {"policy_file", settings_.policy_file},
           {"rules", gate_->policy().rules()}, {"no_destructive", mode.no_destructive},
           {"audit_file", settings_.audit_file});
  if (!audit_) LOG_WARN("writes are not recorded: --audit-file names no file");
  return {};
}

policy::Mode Acting::mode() const {
  return {settings_.allow_writes, settings_.read_only, settings_.no_destructive};
}

// nullopt: the file is as it was when it was read last.
base::Result<std::optional<policy::Policy>> Acting::read_policy() {
  if (settings_.policy_file.empty()) return std::optional(policy::Policy(mode()));
  auto text = base::read_regular_file(settings_.policy_file, policy::kFileBytes);
  if (!text) return std::move(text).error().within("--policy-file");
  if (read_ && *text == content_) {
    if (!bad_content_) return std::optional<policy::Policy>();
    return base::Error(*bad_content_);
  }
  read_ = true;
  content_ = *std::move(text);
  bad_content_.reset();
  auto policy = policy::Policy::parse(mode(), content_);
  if (policy) return std::optional(*std::move(policy));
  bad_content_ = std::move(policy).error().within(settings_.policy_file);
  return base::Error(*bad_content_);
}

void Acting::on_time() {
  check();
  timer_.arm(kPolicyCheck);
}

void Acting::check() {
  auto policy = read_policy();
  if (!policy) {
    if (policy.error().what() == problem_) return;
    problem_ = policy.error().what();
    LOG_WARN("the policy file is unusable; the policy before it stays in use", {"error", problem_},
             {"generation", generation_});
    return;
  }
  problem_.clear();
  if (!*policy) return;
  gate_->set_policy(**std::move(policy));
  ++generation_;
  LOG_INFO("the policy changed", {"rules", gate_->policy().rules()}, {"generation", generation_});
  if (changed_) changed_();
}

void Acting::adopt_mode() {
  const policy::Mode now = mode();
  if (gate_->policy().mode() == now) return;
  gate_->set_mode(now);
  ++generation_;
  LOG_INFO("what may be written changed", {"allow_writes", now.allow_writes},
           {"read_only", now.read_only}, {"no_destructive", now.no_destructive},
           {"generation", generation_});
  if (!offered_ && !gate_->policy().writes_off())
    LOG_WARN("the tools that write are offered after a restart");
  if (changed_) changed_();
}

void Acting::reload() {
  if (!settings_.policy_file.empty()) check();
  if (!audit_) return;
  if (auto ok = audit_->reopen(); !ok)
    LOG_WARN("the audit file cannot be opened again; the one before stays in use",
             {"error", ok.error()});
}

Acting::Stats Acting::stats() const {
  const policy::Policy& policy = gate_->policy();
  return {policy.mode().allow_writes && !policy.mode().read_only,
          policy.has_file(),
          problem_.empty(),
          policy.rules(),
          generation_,
          gate_->stats(),
          audit_ ? audit_->stats() : audit::Log::Stats{}};
}

}  // namespace app
