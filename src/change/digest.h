// What of a change a confirmation is bound to, as texts to hash.
#pragma once

#include <string>

#include "base/json.h"

namespace change {

// An object without what changes by itself (status, resourceVersion …), so that a controller that
// reports its progress does not void a confirmation. The dry run of a create invents uid and time
// anew each time; the uid of an object that is there is confirmed beside this.
std::string confirmed_before(base::json::Value object);

// What a dry run makes of an object: with their values the fields that `wish` (the body of the
// write) mentions; those that the API server or a webhook changes beside it by their places only:
// it may choose them at random, another value in each dry run (a Service's clusterIP, a nodePort).
// What stays as it is in `before` is left out.
std::string confirmed_after(base::json::Value before, base::json::Value after,
                            base::json::Value wish);

}  // namespace change
