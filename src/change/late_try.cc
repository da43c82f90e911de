#include "change/late_try.h"

#include <string>
#include <utility>

namespace change {

LateTry::LateTry(cluster::Cluster& cluster, Fn fn)
    : loop_(cluster.loop),
      fn_(fn),
      dry_run_(cluster, DryRun::Fn::bind<&LateTry::on_tried>(this)),
      again_(cluster.loop, "late dry run", loop::Timer::Fn::bind<&LateTry::try_now>(this)) {}

void LateTry::start(const mcp::Caller& caller, const Step& step, DryRun::Options options) {
  caller_ = caller;
  steps_.assign(1, step);
  options_ = std::move(options);
  until_ = loop_.now() + kServedTime;
  try_now();
}

void LateTry::try_now() {
  dry_run_.start(caller_, steps_, options_);
}

void LateTry::on_tried() {
  if (!tried().waits_for.empty() && loop_.now() < until_) return again_.arm(kServedPause);
  fn_();
}

std::optional<kube::Failure> LateTry::refusal() const {
  const auto conflict = [](std::string what) {
    return kube::Failure::from_error(base::Error(base::Errc::conflict, std::move(what)));
  };
  const Tried& late = tried();
  if (late.failure) return late.failure;
  if (!late.waits_for.empty())
    return conflict("its kind is not served " + base::format_duration(kServedTime) +
                    " after it was defined: the conditions of CustomResourceDefinition " +
                    step().defined_by + " say why");
  const bool others = late.exists && (late.diff.removed > 0 || !late.conflicts.empty());
  if (dry_run_.failed() || others)
    return conflict("it is there by now, with other content: make this call again");
  return {};
}

}  // namespace change
