// Times of an orderly shutdown (app.h has its stages).
#pragma once

#include "base/time.h"

namespace app {

// Calls in flight get this long before they get an error: a clean shutdown stays under 5 s.
constexpr base::Duration kCallGrace = base::seconds(3);

// A client or proxy that has just sent a request cannot know of the shutdown; without an answer it
// must not send it again. Longer than a round trip over slow links; at most a quarter of the timeout.
constexpr base::Duration kLateTime = base::milliseconds(250);

}  // namespace app
