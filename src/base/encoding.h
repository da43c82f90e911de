// Bytes as text and back: hexadecimal, base64, percent-encoding.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace base {

std::string hex(std::string_view bytes);
std::string base64(std::string_view bytes);
// Standard alphabet; white space is skipped (kubeconfig files wrap lines), padding is required;
// nullopt for anything else that is wrong.
std::optional<std::string> parse_base64(std::string_view s);

// Everything except RFC 3986's unreserved characters becomes %XX.
std::string percent_encode(std::string_view s);
// nullopt on a bad or truncated escape. '+' stays '+'.
std::optional<std::string> percent_decode(std::string_view s);

// RFC 4648 section 5, without padding. Parsing returns nullopt for a text that encoding cannot
// produce.
std::string base64url(std::string_view bytes);
std::optional<std::string> parse_base64url(std::string_view text);

}  // namespace base
