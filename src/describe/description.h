// Description: one kind of "describe" answer: which objects it is made of, and what it says of
// them. tools.cc has the table of the tools; each runs
//
//   1 begin()   asks for the object itself, and what else is known to be needed
//   2 more()    once these are there: asks for what they name; again, until it asks for nothing
//   3 write()   fills the report
//
// A named object that is not there is answered with the nearest names instead.
#pragma once

#include <memory>
#include <string>

#include "answer/report.h"
#include "base/time.h"
#include "cluster/gather.h"

namespace describe {

struct Named {
  std::string ns, name;
};

class Description {
 public:
  virtual ~Description() = default;
  // The part without which there is no answer; nullptr: there is none.
  virtual cluster::Part* begin(cluster::Gather& gather, const Named& named) = 0;
  // Whether it asked for anything.
  virtual bool more(cluster::Gather& /*gather*/) { return false; }
  virtual void write(answer::Report& report, base::WallTime now) = 0;
};

std::unique_ptr<Description> describe_cluster_template();
std::unique_ptr<Description> describe_service_template();
std::unique_ptr<Description> describe_credential();
std::unique_ptr<Description> describe_multi_cluster_service();
std::unique_ptr<Description> describe_management();
std::unique_ptr<Description> describe_pod();

}  // namespace describe
