// Renewed tokens in the kubeconfig that they came from: an issuer that gives a new refresh token
// voids the old one, and kubectl reads the same file.
//
// The old text is replaced where it stands; comments, order and quoting stay. The file is replaced as
// a whole (rename), by one of the same owner and mode, under kubectl's lock (FILE.lock).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/error.h"

namespace kube::config {

// Shorter ones could stand in the file for something else.
constexpr std::size_t kReplacedBytes = 16;

// Each old text and its new one. Errors: conflict when the lock is held or the file changed meanwhile;
// invalid_argument when a text is too short or would need quotes; else the system's (read-only). The
// file is then as it was. Blocks, for a small local file.
base::Result<void> replace_tokens(const std::string& file,
                                  const std::vector<std::pair<std::string, std::string>>& changes);

}  // namespace kube::config
