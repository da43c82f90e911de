// The answer to every path that is not served: 404 with a JSON object, whose member `error` is the
// one that OAuth clients read (RFC 6749, section 5.2). After a 401 the MCP SDKs look for an
// authorization server at /.well-known/... and then try to register at /register; any other answer
// would hide the cause from their users.
#pragma once

#include "app/settings.h"
#include "http/server.h"

namespace app {

void answer_not_found(const http::Request& request, http::Reply& reply, AuthMode auth_mode);

}  // namespace app
