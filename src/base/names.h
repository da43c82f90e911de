// The forms of Kubernetes names.
#pragma once

#include <string_view>

namespace base {

// RFC 1123 label, for namespaces and containers: [a-z0-9]([-a-z0-9]*[a-z0-9])?, at most 63
// characters.
bool is_dns_label(std::string_view s);
// RFC 1123 subdomain, for pods and most objects: labels joined by dots, at most 253 characters in
// all (Kubernetes sets no limit for each label).
bool is_dns_subdomain(std::string_view s);
// A user's or group's, as the API server takes it in a header: UTF-8 of any script, without blanks at
// its ends and without what moves a terminal (utf8.h).
bool is_identity_name(std::string_view s);

}  // namespace base
