// Impersonation: the user on whose behalf a request is made with the server's own credentials
// (Kubernetes, Authenticating, "User impersonation"). The user comes from a verified token alone,
// never from what a client says beside it.
//
// RBAC cannot limit impersonation by a prefix: a service account that may impersonate users may be
// any user, system:kube-controller-manager among them. So that no token makes it one, a user or group
// of "system:" is refused here, with one exception: a service account, which the API server itself
// named, with the groups that the API server gives it.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/payload.h"

namespace kube::config {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

// All header lines of one user. A token of 14 KiB that lists nothing but groups of a few letters needs
// more, but the API server asks its authorizer for each group at each request.
constexpr std::size_t kImpersonationBytes = 16 * 1024;
constexpr std::size_t kImpersonationGroups = 256;

struct Impersonation {
  std::string user;
  std::string uid = {};                                        // "": not sent
  std::vector<std::string> groups = {};                        // without system:authenticated
  std::map<std::string, std::vector<std::string>> extra = {};  // keys as the API server shows them
};

// The user as header lines "Name: value\n", the same for the same user whatever the order of its
// groups. Errors (invalid_argument) are for the log: they name the member that cannot be sent,
// because it is of "system:", too long, empty, or no UTF-8 without control characters and without
// blanks at its ends (a header would carry another value, or a second header).
base::Result<base::Payload> impersonation_lines(const Impersonation& who);

// Appends what impersonation_lines() returned.
void add_impersonation(std::string_view lines, HeaderList& to);

// "system:serviceaccount:NAMESPACE:NAME"
bool is_service_account(std::string_view user);

// "Impersonate-Extra-<key>": the key in lower case, with '%' and the bytes that are not allowed in
// a header name escaped as %xx.
std::string impersonate_extra_name(std::string_view key);

}  // namespace kube::config
