// ListSource: where the objects of a list tool come from when a plain list of the row's kind is not
// all of it: it chooses among APIs, or selects by arguments of its own.
#pragma once

#include "answer/list_arguments.h"
#include "base/error.h"
#include "mcp/caller.h"

namespace answer {

class ListSource {
 public:
  virtual ~ListSource() = default;  // cancels
  // Gives the objects to its cluster::ListHandler, never inside. An error fails the call. Called
  // once.
  virtual base::Result<void> start(const mcp::Caller& caller, const ListArguments& arguments) = 0;
  // Objects that the namespace filter left out so far.
  virtual std::size_t hidden() const = 0;
};

}  // namespace answer
