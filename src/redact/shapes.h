// Secrets that are known by their shape, whatever they are called: private keys in PEM, passwords in
// URLs, secret keys of AWS. Tokens: tokens.h.
//
// Each function looks at the place that an anchor has found and returns what is secret there.
// `floor`: nothing before it is looked at, so that a text is read once.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "redact/chars.h"

namespace redact {

// The end of the head or foot line "-----BEGIN … PRIVATE KEY-----" that begins at `begin`; 0: none
// does.
std::size_t pem_line_end(std::string_view text, std::size_t begin);
// The block from BEGIN to END, or what there is of a block that is cut.
Found pem_at(std::string_view text, std::size_t at, std::size_t floor);
// The body of a private key whose lines have other text before them, behind its BEGIN: the runs of
// base64 before its END or, when that is missing, those that are as long as a line of PEM.
std::vector<Found> key_runs(std::string_view text, std::size_t from);
// The end of what was found for another reason (its name, a manifest), or of the private key that
// begins in it: without its BEGIN the rest of the block shows nothing by itself.
std::size_t end_with_key(std::string_view text, const Found& found);
// The password in scheme://user:password@host, and in user:password@tcp(host).
Found url_at(std::string_view text, std::size_t at);
Found dsn_at(std::string_view text, std::size_t at, std::size_t floor);
// 40 characters behind an AWS access key's id: the secret key that belongs to it.
Found aws_secret_after(std::string_view text, std::size_t at);

}  // namespace redact
