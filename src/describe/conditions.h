// The conditions of an object in a description: all as members, as lines those that are not as they
// should be.
#pragma once

#include "answer/report.h"
#include "base/json.h"
#include "base/time.h"

namespace describe {

void write_conditions(answer::Report& report, base::json::Value conditions, base::WallTime now);

}  // namespace describe
