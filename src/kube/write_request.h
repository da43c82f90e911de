// What a WriteSpec is as a request, and whether an object shows what was written. Pure.
#pragma once

#include "base/error.h"
#include "base/json.h"
#include "kube/client.h"
#include "kube/write_call.h"

namespace kube {

// invalid_argument: it cannot be right; the text says what would be.
base::Result<ApiRequest> write_request(const WriteSpec& spec);

// Does `live` show all that `sent` says? Members that only the server sets (metadata.managedFields,
// resourceVersion, generation, creationTimestamp; status) do not count; null means absent; lists
// must be equal element by element.
bool shows(base::json::Value live, base::json::Value sent);

}  // namespace kube
