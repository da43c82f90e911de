// The files of a kubeconfig that others rotate, and the check of what such a file may hold.
#pragma once

#include <string>
#include <string_view>

#include "base/watched_file.h"

namespace kube::config {

using base::accept_pem;
using base::kFileCheck;
using base::kSecretFileBytes;
using base::WatchedFile;

// Whether it is printable ASCII without spaces; other bytes could end the header line.
bool is_bearer_token(std::string_view token);
// Blanks that end a token are not sent: net/http drops them from a header's value, too.
std::string_view without_trailing_blanks(std::string_view token);
// Returns the trimmed token; invalid_argument when it is empty or not is_bearer_token. The error
// never contains the token.
base::Result<std::string> accept_token(std::string_view content);

}  // namespace kube::config
