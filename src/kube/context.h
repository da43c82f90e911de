// Context: what every watch and log stream is constructed with. The parent's Scope is
// required, so that ending the parent ends them.
#pragma once

#include "kube/client.h"
#include "kube/discovery.h"
#include "loop/lifecycle.h"
#include "loop/loop.h"

namespace kube {

// All members must outlive the watches made with it.
struct Context {
  loop::Loop& loop;
  Client& client;
  loop::Scope& parent;
  // Drops its cached entry of a collection that answers 404. nullptr: no discovery cache is used.
  Discovery* discovery = nullptr;
};

}  // namespace kube
