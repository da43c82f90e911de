// The arguments that all writing tools share.
#pragma once

#include <string>

#include "mcp/schema.h"

namespace change {

// Derive a tool's arguments from it, as the first base.
struct CommonArguments {
  bool dry_run = false;
  bool force = false;
  std::string confirm;
  std::string cluster;

  enum class Force : unsigned char { no, yes };
  // Appends their fields. `force`: the tool can meet fields of other managers.
  static void add_to(mcp::Fields& fields, Force force) {
    using C = CommonArguments;
    fields.push_back(
        mcp::field<&C::dry_run>({.name = "dryRun", .description = "only show what would change"}));
    if (force == Force::yes) {
      fields.push_back(mcp::field<&C::force>(
          {.name = "force", .description = "take over fields that other managers own"}));
    }
    fields.push_back(mcp::field<&C::confirm>(
        {.name = "confirm", .description = "the token of the answer that asked for it"}));
    fields.push_back(
        mcp::field<&C::cluster>({.name = "cluster", .description = "must be this cluster's name"}));
  }
};

}  // namespace change
