// Delta: one change of one object on its way to one subscriber. Its parts are shared bytes: copying
// a Delta copies no text.
#pragma once

#include "base/payload.h"
#include "kube/watch/change.h"

namespace fanout {

struct Delta {
  kube::watch::Change change = kube::watch::Change::added;
  base::Payload key;    // identifies the object; empty: no later delta supersedes this one
  base::Payload doc;    // the object as clients see it; if deleted, as it was last known
  base::Payload frame;  // the notification; empty: still to be made from change and doc
};

}  // namespace fanout
