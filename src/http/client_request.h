// A ClientRequest as bytes, and whether it may be sent at all.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "http/client.h"

namespace http {

// invalid_argument, naming the part and never showing a header's value (it may be a token).
base::Result<void> check_request(const ClientRequest& request);

// Request line and headers, to the empty line. Requires: check_request() found nothing.
std::string request_head(const ClientRequest& request, std::string_view host_header);

}  // namespace http
