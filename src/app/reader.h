// Classifies the reader of a status page, without a request to the API server (tools::Reader):
//
//   owner, local  connects from this machine under one of its names (not a browser's page that
//                 reached it under another name) and not through a proxy; owner when all callers
//                 share the server's identity, local when callers have their own
//   caller        sends a token that was accepted in the last minute, or has a certificate; only
//                 where callers have their own identities
//   stranger      any other reader
//
// Proxy headers about the peer (X-Forwarded-For, Forwarded …) are not trusted; their presence shows
// that the peer is not the reader. Their absence shows nothing: a proxy on this machine may add none.
// So there is no local reader where one is known to be (--behind-tls-proxy), and where callers have
// identities only at the listener of --ops-listen, to which clients are not sent.
#pragma once

#include <string>
#include <vector>

#include "fanout/status_page.h"
#include "http/message.h"
#include "mcp/caller.h"

namespace app {

struct ReaderRules {
  const std::vector<std::string>& hosts;  // names served besides loopback names, without port
  bool own_identities;                    // callers act with their own
  bool local;                             // a reader on this machine may be owner or local
};

// `authenticators`: those whose callers are known at this listener. Requires: none is nullptr.
fanout::Reader reader_of(const http::Request& request, const ReaderRules& rules,
                         const std::vector<mcp::Authenticator*>& authenticators);

}  // namespace app
