// Recent warnings (events) about exactly the objects of one ClusterDeployment, as reasons. Internal
// to reasons.cc.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/time.h"
#include "deployments/joined.h"
#include "deployments/update.h"

namespace deployments {

// An event says what was; what is older than this is in the conditions by now.
constexpr base::Duration kEventAge = base::hours(1);

class EventReasons {
 public:
  // `joined` must outlive this.
  EventReasons(Joined& joined, base::WallTime now) : joined_(joined), now_(now) {}
  // An object whose events count. Machines and their infrastructure are known.
  void know(base::json::Value object);
  // The latest first. Not those about a former object of the same name, nor of a conflict that its
  // controller tries again, nor those from before the last step of the object that went well.
  std::vector<Reason> reasons();

 private:
  const Machines::Known* find(std::string_view kind, std::string_view name) const;

  Joined& joined_;
  const base::WallTime now_;
  std::map<std::string, Machines::Known, std::less<>> known_;  // by "Kind/name"
};

}  // namespace deployments
