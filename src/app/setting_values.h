// Parsers of single setting values: each checks the value and stores it, or returns an error that
// names what is accepted ("must be …"); the caller prepends the flag or variable. Internal to
// the setting*.cc files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "app/settings.h"
#include "base/error.h"
#include "base/time.h"

namespace app {

base::Error bad(std::string what);  // Errc::invalid_argument

base::Result<void> set_listen(Settings& s, std::string_view value);
base::Result<void> set_tls_client_user(Settings& s, std::string_view value);
base::Result<void> set_rates(Settings& s, std::string_view value);
base::Result<void> set_ops_listen(Settings& s, std::string_view value);
base::Result<void> set_duration(base::Duration& to, std::string_view value, base::Duration least,
                                base::Duration most = base::kForever);
base::Result<void> set_count(std::size_t& to, std::string_view value, std::int64_t least,
                             std::int64_t most);
// Accepts decimal notation without an exponent.
base::Result<void> set_number(double& to, std::string_view value, double least, double most);
// Accepts bytes, also with Kubernetes' suffixes (Ki, Mi, Gi; k, M, G), or "none".
base::Result<void> set_memory_limit(Settings& s, std::string_view value);
base::Result<void> set_connections_per_peer(Settings& s, std::string_view value);
base::Result<void> set_on_off(bool& to, std::string_view value);
base::Result<void> set_file(std::string& file, std::string_view value);
base::Result<void> set_confirm(Settings& s, std::string_view value);
base::Result<void> set_field_owner(Settings& s, std::string_view value);
base::Result<void> set_toolsets(Settings& s, std::string_view value);
base::Result<void> set_tool_names(Settings& s, std::string_view value);
base::Result<void> set_log_level(Settings& s, std::string_view value);
base::Result<void> set_log_format(Settings& s, std::string_view value);
base::Result<void> set_auth_mode(Settings& s, std::string_view value);
base::Result<void> set_namespace_filter(Settings& s, std::string_view value);
base::Result<void> set_system_namespace(Settings& s, std::string_view value);
base::Result<void> set_catalog_url(Settings& s, std::string_view value);
base::Result<void> set_catalog_cache_dir(Settings& s, std::string_view value);
base::Result<void> set_hosts(Settings& s, std::string_view value);
base::Result<void> set_origins(Settings& s, std::string_view value);
base::Result<void> set_audit_key(Settings& s, std::string_view file);
// oauth_values.cc
base::Result<void> set_public_url(Settings& s, std::string_view value);
base::Result<void> set_oauth_issuer(Settings& s, std::string_view value);
base::Result<void> set_oauth_issuers_file(Settings& s, std::string_view file);
base::Result<void> set_clock_skew(Settings& s, std::string_view value);
base::Result<void> set_caller_credentials(Settings& s, std::string_view value);
base::Result<void> set_exchange_text(std::string& text, std::string_view value);
base::Result<void> set_seal_key(Settings& s, std::string_view file);

}  // namespace app
