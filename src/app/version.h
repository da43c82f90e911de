// The version of this build. The Makefile defines it for version.cc alone, so that a new commit
// recompiles one file.
#pragma once

#include <string>
#include <string_view>

namespace app {

std::string_view version();     // "0.1.0"
std::string_view git_commit();  // "unknown" outside a checkout
std::string_view build_date();  // RFC 3339, or "unknown"
// {"version":…,"gitCommit":…,"buildDate":…}
std::string version_json();
// "k0rdent-mcp/0.1.0 (linux/amd64)"
std::string user_agent();

}  // namespace app
