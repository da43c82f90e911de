// The list tools: a row each (answer/list_row.h).
#pragma once

#include <span>

#include "answer/list_row.h"

namespace tools {

std::span<const answer::ListRow> lists();

}  // namespace tools
