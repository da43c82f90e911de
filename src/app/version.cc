#include "app/version.h"

#include "base/json.h"

#ifndef K0RDENT_MCP_VERSION
#define K0RDENT_MCP_VERSION "dev"
#endif
#ifndef K0RDENT_MCP_COMMIT
#define K0RDENT_MCP_COMMIT "unknown"
#endif
#ifndef K0RDENT_MCP_BUILD_DATE
#define K0RDENT_MCP_BUILD_DATE "unknown"
#endif

namespace app {

std::string_view version() {
  return K0RDENT_MCP_VERSION;
}
std::string_view git_commit() {
  return K0RDENT_MCP_COMMIT;
}
std::string_view build_date() {
  return K0RDENT_MCP_BUILD_DATE;
}

std::string version_json() {
  std::string out;
  base::json::Writer w(out);
  w.begin_object().field("version", version()).field("gitCommit", git_commit());
  w.field("buildDate", build_date()).end_object();
  return out;
}

std::string user_agent() {
#if defined(__aarch64__)
  constexpr const char* kArch = "arm64";
#else
  constexpr const char* kArch = "amd64";
#endif
  return "k0rdent-mcp/" + std::string(version()) + " (linux/" + kArch + ")";
}

}  // namespace app
