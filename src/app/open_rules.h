// What an operator must state before a listener is opened to other users or machines: a forgotten
// flag leads to a refusal, not to an open server.
//
//   listener                          is refused                                    unless
//   other machines reach it, itself   with --show-secrets
//   or by a proxy (--behind-tls-proxy,
//   --allowed-hosts, --public-url)
//   other machines reach it           with tokens in plain HTTP                     --behind-tls-proxy
//   any other user or machine         without a stated auth mode, for then all act  AUTH_MODE or auth=
//   (loopback TCP excepted)           as this server
#pragma once

#include <string>
#include <vector>

#include "app/listen.h"
#include "app/settings.h"
#include "base/error.h"

namespace app {

AuthMode auth_of(const Listen& listen, const Settings& settings);
// Is it the mode of a listener, or of those that state none?
bool uses_mode(const Settings& settings, AuthMode mode);
// Is it the mode of a listener?
bool listens_in(const Settings& settings, AuthMode mode);
// Is there a listener whose callers act with their own identities?
bool callers_have_identities(const Settings& settings);
// Is there a listener whose callers bring no token of the API server? For them it is asked with the
// kubeconfig's credentials.
bool needs_credentials(const Settings& settings);
// What Host and Origin may name besides loopback names: as --allowed-hosts and --allowed-origins say, and in
// OAUTH what --public-url says.
std::vector<std::string> served_hosts(const Settings& settings);
std::vector<std::string> served_origins(const Settings& settings);
bool speaks_tls(const Listen& listen, const Settings& settings);
// Passed sockets are judged when they are open: described() says what they are.
base::Result<void> may_open(const Listen& listen, const Settings& settings);
// The same listener with the address, or the file's mode, of the socket `fd`. Errors (invalid_argument): it is
// not a listening stream socket.
base::Result<Listen> described(const Listen& listen, int fd);

}  // namespace app
