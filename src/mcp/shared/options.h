// Options: what the program that embeds the endpoint decides, the same for both eras.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/budgets.h"
#include "base/limits.h"
#include "base/time.h"
#include "mcp/shared/rates.h"

namespace mcp::shared {

// Where the MCP Inspector's page is, with its default port. Any other page on this machine is some
// program's that happens to have a port, and must be named to be let in.
inline std::vector<std::string> inspector_origins() {
  return {"http://localhost:6274", "http://127.0.0.1:6274"};
}

struct Options {
  std::string server_name = "k0rdent-mcp-server";
  std::string server_title = "k0rdent MCP";
  std::string server_version;
  std::string instructions;
  // Hosts (without port, lower case) that Host and Origin may name besides loopback names. Set
  // check_host when the server is bound to loopback or the list is given explicitly. check_host
  // false: any Host is accepted (bound to a real address, behind a service name). Origin is always
  // checked when present (MCP 2025-11-25, Transports, "Security Warning").
  bool check_host = true;
  std::vector<std::string> allowed_hosts;
  std::vector<std::string> allowed_origins = inspector_origins();  // "https://host[:port]", exact
  // The operator's names for these two lists, for the texts of refusals.
  std::string hosts_setting = "allowed_hosts", origins_setting = "allowed_origins";
  std::size_t max_sessions = base::limits::kSessions;
  std::size_t max_sessions_per_caller = base::limits::kSessions;  // for callers with a token
  base::Duration session_idle = base::limits::kSessionIdle;
  // How long a legacy session without a stream keeps its subscriptions, and the rest of an answer
  // whose connection broke.
  base::Duration resume_window = base::limits::kResumeWindow;
  Rates rates = {};  // of each caller; by default no limit
  // Counts what clients can make the server hold. Must outlive the endpoint. nullptr: the endpoint
  // has its own, without a memory limit.
  base::Budgets* budgets = nullptr;
  // Seals the state that modern calls give their clients to carry; replicas behind one address
  // share it. At least base::kSealKeyBytes. "": a random key, so that such a call cannot go on
  // after a restart or in another replica.
  std::string seal_key;
};

}  // namespace mcp::shared
