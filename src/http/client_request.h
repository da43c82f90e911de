// Checks and serializes a ClientRequest.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "http/client_call.h"

namespace http {

// Returns invalid_argument when the request must not be sent. The error names the part at fault and
// never contains a header's value (it may be a token).
base::Result<void> check_request(const ClientRequest& request);

// Request line and headers, through the empty line. Requires: check_request() succeeded.
std::string request_head(const ClientRequest& request, std::string_view host_header);

}  // namespace http
