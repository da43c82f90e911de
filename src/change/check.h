// Checks: what the tools of one kind of object check, and say, before they change it, for the tools
// that take any kind, so that an object gets the same care by whichever tool it is changed.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/delegate.h"
#include "change/dry_run.h"
#include "change/plan.h"

namespace change {

class Check {
 public:
  // "": nothing is wrong.
  using Fn = base::Delegate<void(const std::string& problem)>;
  virtual ~Check() = default;  // cancels
  // Calls `fn` once, also inside, as the last statement.
  virtual void start(const mcp::Caller& caller, Fn fn) = 0;
  // What follows from the change, for its confirmation, once nothing is wrong.
  virtual std::vector<std::string> consequences() const { return {}; }
  // And what it weighs by them.
  virtual Weight weight() const { return Weight::ordinary; }
  // What could not be found out.
  virtual std::vector<std::string> notes() const { return {}; }
};

class Checks {
 public:
  virtual ~Checks() = default;
  // `steps` and `tried` must outlive the Check.
  virtual std::unique_ptr<Check> make(const std::vector<Step>& steps,
                                      const std::vector<Tried>& tried) = 0;
};

}  // namespace change
