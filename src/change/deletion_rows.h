// The table of deletions that take more with them than the object, or that nothing protects from: what
// follows, and what is counted, for the question that confirms it. Internal to the folder.
#pragma once

#include <span>
#include <string_view>

#include "base/json.h"

namespace change {

// Whether an object of a list counts; `deleted`: what goes.
using Counts = bool (*)(base::json::Value object, base::json::Value deleted);

struct CountRow {
  std::string_view one, many;   // "cluster uses it", "clusters use it"
  std::string_view kind;        // of what is counted, a row of kinds/table.h
  bool everywhere = false;      // in all namespaces, not only in the deleted object's
  Counts counts = nullptr;      // nullptr: all
  std::string_view label = {};  // only objects in which it has the deleted object's name; "": all
};

struct DeletionRow {
  std::string_view group, kind;  // kind_match.h
  std::string_view says;         // "": nothing
  std::span<const CountRow> counts = {};
  bool of_kcm = false;  // only objects that KCM handles, by their label
};

// The first that fits; nullptr: nothing is known of it.
const DeletionRow* deletion_row_of(std::string_view group, std::string_view kind,
                                   base::json::Value deleted);

}  // namespace change
