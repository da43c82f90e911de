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
// The run of base64 around text[at], if it is long, begins at or after `floor`, and what its beginning
// encodes is the beginning of a text or of a structure of ASN.1. `end`: of any run.
Found run_around(std::string_view text, std::size_t at, std::size_t floor, std::size_t& end);
// Is it a private key in DER: PKCS #8, PKCS #1, SEC 1?
bool is_private_key(std::string_view decoded);
// Is it compressed (gzip), so that nothing can be read in it?
bool is_compressed(std::string_view decoded);

}  // namespace redact
