// A question to the client as the modern era sends it: a value of inputRequests, in the answer to a
// call (modern/request_client.h) or in a task (modern/task.h).
#pragma once

#include "base/json.h"
#include "mcp/ask.h"

namespace mcp {

// {"method":…,"params":{…}}
void write_input_request(base::json::Writer& w, const Question& question);

}  // namespace mcp
