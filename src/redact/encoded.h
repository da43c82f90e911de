// A base64 text within a text, as a kubeconfig, a key or a file of cloud-init is written.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "redact/chars.h"

namespace redact {

// The base64 text that begins at `at`, over several lines if it is wrapped; empty when none begins
// there. `decoded`: what it encodes.
Found encoded_at(std::string_view text, std::size_t at, std::string& decoded);
// Is it compressed (gzip), so that nothing can be read in it?
bool is_compressed(std::string_view decoded);

}  // namespace redact
