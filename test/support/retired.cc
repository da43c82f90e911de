// Every loop of the tests looks closely at what is retired.
#include "loop/loop.h"

namespace {

[[maybe_unused]] const bool looks = (loop::Loop::check_retired(), true);

}  // namespace
