// Offered: everything that the server can offer, in a registry that is there without a cluster: for
// commands and tests that ask what there is. Nothing of it can be called.
#pragma once

#include <memory>

#include "mcp/registry.h"

namespace app {

class Offered {
 public:
  Offered();
  ~Offered();
  // The writing tools are in it, too.
  const mcp::Registry& registry() const { return registry_; }

 private:
  struct Unused;  // what the tools refer to
  std::unique_ptr<Unused> unused_;
  mcp::Registry registry_;
};

}  // namespace app
