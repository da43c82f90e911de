// Classifies the reader of a status page, without a request to the API server (tools::Reader):
//
//   owner, local  connects from this machine under one of its names (not a browser's page that
//                 reached it under another name) and not through a proxy; owner when all callers
//                 share the server's identity, local when callers have their own
//   caller        sends a token that was accepted in the last minute; only where callers have their
//                 own identities
//   stranger      any other reader
//
// Proxy headers about the peer (X-Forwarded-For, Forwarded …) are not trusted; their presence shows
// that the peer is not the reader.
#pragma once

#include <string>
#include <vector>

#include "fanout/status_page.h"
#include "http/message.h"
#include "mcp/caller.h"

namespace app {

// `hosts`: the names that are served besides loopback names, without port. `own_identities`: callers
// act with their own.
fanout::Reader reader_of(const http::Request& request, const std::vector<std::string>& hosts,
                         mcp::Authenticator& authenticator, bool own_identities);

}  // namespace app
