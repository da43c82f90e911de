// Settings: the command line, the environment and the configuration file, parsed and checked. A flag
// overrides a variable, a variable the file (config_file.h), the file the default; a variable that is
// overridden is not checked. Each flag --some-name has the variable K0RDENT_MCP_SOME_NAME; some have
// an older variable besides (LISTEN_ADDR, AUTH_MODE, LOG_LEVEL …), which the new one overrides. An
// empty variable counts as not set.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/auth_mode.h"
#include "app/listen.h"
#include "app/oauth_settings.h"
#include "base/budgets.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/time.h"
#include "catalog/catalog.h"
#include "change/confirm.h"
#include "door/certificate_files.h"
#include "door/passed_sockets.h"
#include "kube/pulse.h"
#include "kube/watch/retry.h"
#include "mcp/registry.h"
#include "mcp/shared/options.h"

namespace app {

// in_process: neither listens nor has a command line; its connections are adopted (cli/session.h).
enum class Command : unsigned char { serve, stdio, in_process, check, print_config, version, help };

// A value that is in use and no default. `by`: "--listen", "K0RDENT_MCP_LISTEN",
// "/etc/k0rdent-mcp.yaml:3".
struct Given {
  std::string_view flag;
  std::string value, by;
};

// A configuration file or a drop-in, as it was read.
struct ConfigText {
  std::string path, text;
  friend bool operator==(const ConfigText&, const ConfigText&) = default;
};

struct Settings {
  Command command = Command::serve;
  Command help_for = Command::help;  // with Command::help: whose help; `help`: the overview
  base::log::Level log_level = base::log::Level::info;
  base::log::Format log_format = base::log::Format::json;
  bool watch_list = false;  // initial states are streamed, not listed in pages
  AuthMode auth_mode = AuthMode::dev_allow_any;
  bool auth_mode_said = false;  // set by a flag or variable, not by default
  OAuthSettings oauth;
  mcp::ToolNames tool_names = mcp::ToolNames::dots;  // as tools/list spells them
  bool memory_limit_said = false;                    // set; otherwise main uses the cgroup's limit
  bool show_secrets = false;                         // nothing is redacted
  bool metrics = true;                               // serve /metrics
  bool sandbox = false;                              // app/sandboxing.h
  bool core_dumps = false;  // allow them and debuggers; otherwise base::keep_memory_private()

  std::vector<Listen> listens{Listen{}};
  bool listen_said = false;                  // set by a flag or variable, not by default
  std::optional<Listen> ops_listen;          // health and metrics are served there, and only there
  door::CertificateFileNames tls;            // no certificate: no listener speaks TLS
  bool behind_tls_proxy = false;             // tokens may arrive over plain HTTP
  std::vector<door::PassedSocket> passed{};  // by socket activation; main sets them
  std::string kubeconfig;                    // "" : the search order of kube/config/kubeconfig.h
  std::string context;
  std::string pid_file;
  base::Duration drain_timeout = base::seconds(10);
  kube::watch::RetryParameters retry;  // for every watch and log stream
  base::Duration watch_timeout{};      // zero: kube::Client's default
  base::Duration pulse = kube::kPulsePeriod;
  std::size_t max_watch_objects = kube::ListLimits{}.objects;
  std::size_t max_watch_bytes = kube::ListLimits{}.bytes;
  std::string namespace_filter;
  std::string system_namespace = "kcm-system";  // where k0rdent itself runs
  std::vector<std::string> toolsets;            // tools/toolsets.h; none: all
  catalog::Settings catalog{.cache_dir = std::string(catalog::kUsualCacheDir)};
  std::vector<std::string> allowed_hosts;
  std::vector<std::string> allowed_origins = mcp::shared::inspector_origins();
  std::size_t max_sessions = base::limits::kSessions;
  std::size_t max_sessions_per_caller = 0;  // 0: a quarter of max_sessions
  std::size_t max_watches_per_caller = base::kWatchesPerCaller;
  std::size_t max_streams_per_caller = base::limits::kStreamsPerCaller;
  std::size_t max_calls_per_caller = base::limits::kCallsPerCaller;
  // Far above what agents do; a program in a loop meets them.
  mcp::shared::Rates rates = {{{200, 128}, {50, 64}, {20, 32}, {500, 0}}};
  base::Duration session_idle = base::limits::kSessionIdle;
  base::Duration resume_window = base::limits::kResumeWindow;
  std::size_t token_reviews = 64;  // running at once (tools::kReviewsUnderWay)
  std::size_t max_connections = base::limits::kConnections;
  std::size_t max_connections_per_peer = 0;  // 0: a quarter of max_connections
  std::size_t max_body = base::limits::kBodyBytes;
  std::size_t answer_bytes = 32 * 1024;  // answer::kDefaultAnswerBytes
  std::size_t subscriber_queue_bytes = base::limits::kStreamQueueBytes;
  std::size_t subscriber_queue_messages = base::limits::kStreamQueueMessages;
  std::size_t queue_budget = base::kQueueBudget;
  std::size_t memory_limit = base::Budget::kNone;
  std::size_t descriptors = base::Budget::kNone;  // for sockets; main derives it (RLIMIT_NOFILE)
  base::Duration stale_after = base::seconds(10);
  std::uint64_t random_seed = 0;  // seeds jitter, for reproducible tests; 0: from the system
  change::Confirm confirm = change::Confirm::destructive;
  std::string cluster_name;                  // "": the kubeconfig's
  std::string field_owner = "mcp.clusters";  // the field manager of writes
  bool allow_writes = false, read_only = false, no_destructive = false;  // policy/policy.h
  std::string policy_file;                                               // "": none
  std::string audit_file;                  // "-": standard error; "": none
  std::string audit_key;                   // content of --audit-key-file; "": the chain has no key
  std::string seal_key;                    // content of --seal-key-file; "" : a random key
  std::string config_file;                 // "": none
  std::vector<ConfigText> config_texts{};  // its texts
  std::vector<Given> given;  // of a flag that is repeated each; for print-config and reloads
};

using Getenv = const char* (*)(const char*);

// `args`: without the program's name. `stderr_is_terminal` decides the default log format. An error
// is one line that names the flag or variable and the accepted values (for an unknown flag: the
// nearest one); the program prints it and exits with 2.
base::Result<Settings> parse_settings(const std::vector<std::string>& args, Getenv getenv,
                                      bool stderr_is_terminal);

// The text of --help for a command; for Command::help the overview.
std::string help_text(Command command);

}  // namespace app
