// Translates a WriteSpec into a request, and checks whether an object shows what was written. Pure.
#pragma once

#include "base/error.h"
#include "base/json.h"
#include "kube/client.h"
#include "kube/write_call.h"

namespace kube {

// Errc::invalid_argument for an invalid spec; the text names what is required.
base::Result<ApiRequest> write_request(const WriteSpec& spec);

// Whether `live` contains everything in `sent`. Members that only the server sets
// (metadata.managedFields, resourceVersion, generation, creationTimestamp; status) do not count;
// null means absent; lists must be equal element by element.
bool shows(base::json::Value live, base::json::Value sent);

// The same of any value, where each member counts.
bool contains(base::json::Value live, base::json::Value sent);

}  // namespace kube
