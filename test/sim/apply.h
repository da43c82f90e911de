// Server-side apply: which manager owns which field, and what follows from it
// (kubernetes.io, "Server-Side Apply"). Lists are owned whole.
#pragma once

#include <string>

#include "base/json.h"
#include "sim/answer.h"
#include "sim/request.h"
#include "sim/store.h"

namespace sim {

// `body`: the whole intent of the fieldManager in the query. Creates (201), changes or leaves as it
// is (200, the version stays); 409 with a cause for each field that another manager owns with
// another value, unless force=true.
Answer answer_apply(Store& store, View view, const ApiRequest& request, base::json::Value body);

// What differs between `before` (absent for none) and `after` was written otherwise (create,
// update, patch): it is the request's manager's.
void note_owner(View view, const ApiRequest& request, base::json::Value before,
                base::json::Value after);

// RFC 7386.
std::string merged(base::json::Value target, base::json::Value patch);

}  // namespace sim
