// The arguments that all writing tools share.
#pragma once

#include <cstddef>
#include <string>

#include "mcp/schema.h"

namespace change {

// Derive a tool's arguments from it, as the first base.
struct CommonArguments {
  bool dry_run = false;
  bool force = false;
  bool can_force = false;  // the tool takes `force`
  std::string confirm;
  std::string cluster;
  std::size_t given_bytes = 0;  // of all arguments of the call (schema_tool.h)

  enum class Force : unsigned char { no, yes };
  // Appends their fields. `force`: the tool can meet fields of other managers.
  static void add_to(mcp::Fields& fields, Force force) {
    using C = CommonArguments;
    // Nearly without descriptions: a client puts them before its model once for each tool.
    fields.push_back(mcp::field<&C::dry_run>({.name = "dryRun"}));
    if (force == Force::yes) fields.push_back(mcp::field<&C::force>({.name = "force"}));
    fields.push_back(
        mcp::field<&C::confirm>({.name = "confirm", .description = "token of an answer"}));
    fields.push_back(mcp::field<&C::cluster>({.name = "cluster"}));
  }
};

}  // namespace change
