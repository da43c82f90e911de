// Who reads a status page, as far as that can be known without asking anybody (tools::Reader):
//
//   owner, or local  from this machine, by a name of its own (a browser's page that was led here
//                    under another name is not), and not through a proxy
//   caller           with a token that was accepted in the last minute, where callers have some
//   stranger         everybody else
// Nothing that a proxy says of the peer (X-Forwarded-For, Forwarded …) is believed; that it says
// something shows that the peer is not the reader.
#pragma once

#include <string>
#include <vector>

#include "http/message.h"
#include "mcp/caller.h"
#include "tools/watch_page.h"

namespace app {

// `hosts`: names besides loopback's that are served, without port.
tools::Reader reader_of(const http::Request& request, const std::vector<std::string>& hosts,
                        mcp::Authenticator& authenticator);

}  // namespace app
