// WatchContext: what every watch and log stream is made with. Without a parent's Scope none can be
// made: whatever ends the parent ends them.
#pragma once

#include "kube/client.h"
#include "kube/discovery.h"
#include "loop/lifecycle.h"
#include "loop/loop.h"

namespace kube {

// All outlive what is made with it.
struct WatchContext {
  loop::Loop& loop;
  Client& client;
  loop::Scope& parent;
  // What it keeps of a collection is forgotten when that answers 404. nullptr: nobody does.
  Discovery* discovery = nullptr;
};

}  // namespace kube
