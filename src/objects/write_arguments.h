// The arguments of the tools that write objects of any kind; each tool takes some of them.
#pragma once

#include <cstdint>
#include <string>

#include "change/arguments.h"
#include "mcp/schema.h"

namespace objects {

struct WriteArguments : change::CommonArguments {
  std::string kind, name, ns;
  std::string uid;  // delete: only the object that has it
  mcp::Json manifest, patch, annotations, labels;
  std::int64_t replicas = -1;
  std::string propagation, field_manager;
  std::string type{"merge"};  // of `patch`: merge or json
};

}  // namespace objects
