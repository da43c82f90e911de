// The plans of the tools that change or delete one object of any kind: patch, delete, scale, restart,
// annotate, label. The object is read first; the write has its uid and resourceVersion.
#pragma once

#include <memory>

#include "base/error.h"
#include "base/json.h"
#include "change/context.h"
#include "change/plan.h"
#include "objects/write_arguments.h"

namespace objects {

using PlannerResult = base::Result<std::unique_ptr<change::Planner>>;

PlannerResult plan_patch(change::Context& context, WriteArguments arguments);
PlannerResult plan_delete(change::Context& context, WriteArguments arguments);
PlannerResult plan_scale(change::Context& context, WriteArguments arguments);
PlannerResult plan_restart(change::Context& context, WriteArguments arguments);
PlannerResult plan_annotate(change::Context& context, WriteArguments arguments);
PlannerResult plan_label(change::Context& context, WriteArguments arguments);

}  // namespace objects
