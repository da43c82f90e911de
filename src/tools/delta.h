// Delta: one change of one object on its way to one subscriber. All parts are shared bytes.
#pragma once

#include "base/payload.h"
#include "kube/reflector.h"

namespace tools {

struct Delta {
  kube::Change change = kube::Change::added;
  base::Payload key;    // of the object; empty: nothing supersedes it
  base::Payload doc;    // the object as it is told; of deleted ones the last known
  base::Payload frame;  // the notification; empty: to be made of change and doc
};

}  // namespace tools
