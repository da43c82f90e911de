// Out of memory: writes one line to standard error with the requested size and the memory held,
// then exits with kOutOfMemoryExit. The budgets (base/budgets.h) refuse client requests before
// that; this happens only when the limit is too low for the program itself or the machine has no
// memory left.
//
// Linking this file (main.cc does) replaces the program's operator new, so that the requested size
// is known; it costs one comparison.
#pragma once

#include "base/budgets.h"

namespace app {

constexpr int kOutOfMemoryExit = 3;

// Installs the handler; from here on the line includes the use of *budgets, which must remain live
// until a call with nullptr. `json`: the format of the log lines.
void tell_when_out_of_memory(const base::Budgets* budgets, bool json);

}  // namespace app
