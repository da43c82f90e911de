// The plan of objects.apply: a server-side apply of each object of a manifest.
#pragma once

#include <memory>

#include "base/error.h"
#include "change/context.h"
#include "change/plan.h"
#include "objects/write_arguments.h"

namespace objects {

base::Result<std::unique_ptr<change::Planner>> plan_apply(change::Context& context,
                                                          WriteArguments arguments);

}  // namespace objects
