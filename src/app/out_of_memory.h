// Out of memory: one line on standard error that says what was asked for and what is held, then the
// end with kOutOfMemoryExit. Whatever clients do is refused by the budgets before (base/budgets.h);
// this is what is left when the limit is too low for the program itself, or the machine has no more.
//
// The program's operator new is replaced here (main.cc links it), so that the size asked for is
// known; it costs one comparison.
#pragma once

#include "base/budgets.h"

namespace app {

constexpr int kOutOfMemoryExit = 3;

// From here on the line tells what `budgets` count; they outlive it, or are taken away by nullptr.
// `json`: the form of the log's lines.
void tell_when_out_of_memory(const base::Budgets* budgets, bool json);

}  // namespace app
