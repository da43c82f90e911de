// ClientCertAuthenticator (CLIENT_CERT): the caller is the user of the certificate that its TLS
// connection has shown (net/peer_identity.h), and the server acts as that user and its groups by
// impersonation. A bearer is ignored. Refused, with 403: a connection without a certificate, one
// whose certificate names no user, and users and groups that may not be impersonated
// (kube/config/impersonation.h), "system:masters" among them.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "mcp/caller.h"

namespace auth {

class ClientCertAuthenticator final : public mcp::Authenticator {
 public:
  std::optional<mcp::Verdict> known(std::optional<std::string_view>) override;
  std::optional<mcp::Verdict> known_on(const net::PeerIdentity* peer,
                                       std::optional<std::string_view>) override;
  std::unique_ptr<mcp::PendingVerdict> ask(std::string_view, std::string_view, Fn) override;
  // The connection ends with the certificate; there is nothing to ask again.
  bool expires() const override { return false; }
};

}  // namespace auth
