#include "app/setting_flags.h"

#include "app/setting_values.h"

namespace app {

using base::Result;

namespace {

// Longest configurable wait between two attempts: a longer one would leave a watch unattended.
constexpr base::Duration kLongestDelay = base::hours(24);

const Flag kFlags[] = {
    {kConfigFlag, "FILE",
     "configuration file in YAML: the names of these flags without dashes, overridden by the files "
     "FILE.d/*.yaml; read again when one of them changes and at SIGHUP (default: none)",
     "", [](Settings& s, std::string_view v) { return set_file(s.config_file, v); }},
    {"listen", "ADDRESS[,KEY=VALUE]...",
     "where to listen; may be repeated (in the variable: separated by spaces). HOST:PORT (with port "
     "0 the system picks one and the log names it), unix:/PATH, or fd:NAME for sockets that systemd "
     "passes, all of which are used without this flag. Keys: auth=MODE for this listener only; "
     "tls=on|off (default: on for TCP if there is --tls-cert-file); "
     "mode=0660 and owner=USER[:GROUP] of a Unix socket's file, which else only its owner can use "
     "(default 127.0.0.1:6767)",
     "LISTEN_ADDR", set_listen},
    {"ops-listen", "ADDRESS",
     "serve health and metrics on a listener of their own, without authentication, and no longer on "
     "the others (default: on all of --listen)",
     "", set_ops_listen},
    {"tls-cert-file", "FILE",
     "certificate chain (PEM, the server's own first) with which the TCP listeners speak TLS 1.2 "
     "and 1.3; it and the key are read again when they change (default: none, plain HTTP)",
     "", [](Settings& s, std::string_view v) { return set_file(s.tls.cert, v); }},
    {"tls-key-file", "FILE", "its private key (PEM, not encrypted) (default: none)", "",
     [](Settings& s, std::string_view v) { return set_file(s.tls.key, v); }},
    {"tls-client-ca-file", "FILE",
     "authorities (PEM) for clients' certificates: a client must show one that they have signed "
     "(default: none)",
     "", [](Settings& s, std::string_view v) { return set_file(s.tls.client_ca, v); }},
    {"tls-client-user", "cn|uri|dns|email",
     "the part of a client's certificate that is its user's name: the subject's common name, or the "
     "alternative name of this kind, of which there must be one; its groups are the subject's "
     "organizations (default cn)",
     "", set_tls_client_user},
    {"behind-tls-proxy", kSwitch,
     "a proxy in front of the server terminates TLS: bearer tokens may arrive over plain HTTP on an "
     "address that other machines reach (default off)",
     "", [](Settings& s, std::string_view v) { return set_on_off(s.behind_tls_proxy, v); }},
    {"kubeconfig", "FILE",
     "kubeconfig of the management cluster (default: the first of K0RDENT_MGMT_KUBECONFIG_PATH, "
     "KUBECONFIG, the pod's service account and ~/.kube/config)",
     "", [](Settings& s, std::string_view v) { return s.kubeconfig = v, Result<void>(); }},
    {"context", "NAME", "context of the kubeconfig (default: its current-context)",
     "K0RDENT_MGMT_CONTEXT",
     [](Settings& s, std::string_view v) { return s.context = v, Result<void>(); }},
    {"auth-mode", "MODE",
     "OAUTH: access tokens are checked here, and their users impersonated; OIDC_REQUIRED: every "
     "request carries a bearer token of the API server's, is made with it and acts with its "
     "identity; CLIENT_CERT: the users of client certificates are impersonated; DEV_ALLOW_ANY (the "
     "default on loopback): every request acts as the kubeconfig's "
     "identity (doc/AUTHORIZATION.md)",
     "AUTH_MODE", set_auth_mode},
    {"public-url", "URL",
     "(OAUTH) URL by which clients reach the server, e.g. https://mcp.example.com/mcp: what access "
     "tokens must be made for, and what clients are told",
     "", set_public_url},
    {"oauth-issuer", "URL...",
     "(OAUTH) issuer whose access tokens are accepted, byte for byte as they name it; may be "
     "repeated (in the variable: separated by spaces)",
     "", set_oauth_issuer},
    {"oauth-issuers-file", "FILE",
     "(OAUTH) issuers in YAML, with audiences, authorities, claims and algorithms "
     "(doc/AUTHORIZATION.md)",
     "", set_oauth_issuers_file},
    {"oauth-service-accounts", kSwitch,
     "(OAUTH) accept tokens of the cluster's service accounts that were made for --public-url "
     "(default off)",
     "", [](Settings& s, std::string_view v) { return set_on_off(s.oauth.service_accounts, v); }},
    {"oauth-opaque-tokens", kSwitch,
     "(OAUTH) let the API server judge tokens that are no JWT; it does not check for whom they were "
     "made (default off)",
     "", [](Settings& s, std::string_view v) { return set_on_off(s.oauth.opaque_tokens, v); }},
    {"caller-credentials", "impersonate|exchange",
     "(OAUTH) how the API server is told whose request it is: the server's own account impersonates "
     "the user, or the issuer exchanges the user's token for one of the API server's (RFC 8693) "
     "(default impersonate)",
     "", set_caller_credentials},
    {"exchange-client-id", "ID",
     "(OAUTH) client as which the issuer is asked to exchange tokens; for several issuers see "
     "--oauth-issuers-file (default: none)",
     "",
     [](Settings& s, std::string_view v) {
       return set_exchange_text(s.oauth.exchange_by.client_id, v);
     }},
    {"exchange-secret-file", "FILE",
     "(OAUTH) file with that client's secret, read again for each exchange; only its owner may be "
     "able to change it (default: none)",
     "",
     [](Settings& s, std::string_view v) { return set_file(s.oauth.exchange_by.secret_file, v); }},
    {"exchange-audience", "AUDIENCE",
     "(OAUTH) audience for which the API server takes tokens (default: none)", "",
     [](Settings& s, std::string_view v) {
       return set_exchange_text(s.oauth.exchange_by.audience, v);
     }},
    {"clock-skew", "DURATION",
     "(OAUTH) how much later than exp and earlier than nbf a token is accepted; at most 60s "
     "(default 30s)",
     "", set_clock_skew},
    {"namespace-filter", "REGEX",
     "serve only namespaces whose whole name matches this POSIX extended regular expression "
     "(default: all)",
     "K0RDENT_NAMESPACE_FILTER", set_namespace_filter},
    {"system-namespace", "NAME",
     "namespace where k0rdent itself runs; references of its cluster-scoped objects that name no "
     "namespace resolve there (default kcm-system)",
     "", set_system_namespace},
    {"allowed-hosts", "LIST",
     "host names that the Host and Origin headers may carry besides loopback names (OAUTH: and "
     "that of --public-url), separated by commas",
     "", set_hosts},
    {"allowed-origins", "LIST",
     "browser origins (https://host[:port]) whose pages may connect, besides those of "
     "--allowed-hosts (OAUTH: and --public-url), separated by commas "
     "(default http://localhost:6274,http://127.0.0.1:6274, the MCP Inspector)",
     "", set_origins},
    {"tool-names", "dots|underscores",
     "how tool names are listed; calls may use either spelling (default dots)", "", set_tool_names},
    {"toolsets", "LIST",
     "tools to offer, by group, separated by commas: core (namespaces, events, pods, objects), "
     "k0rdent, logs, graph (default: all)",
     "", set_toolsets},
    {"catalog-url", "URL|PATH",
     "index of the add-on catalog: https://HOST/PATH, or a file or directory of an air-gapped site "
     "(default https://catalog.k0rdent.io/latest/index.json)",
     "CATALOG_ARCHIVE_URL", set_catalog_url},
    {"catalog-ca-file", "FILE",
     "certificate authorities (PEM) of the catalog's server (default: the system's)", "",
     [](Settings& s, std::string_view v) { return s.catalog.ca_file = v, Result<void>(); }},
    {"catalog-cache-dir", "DIR",
     "directory that keeps the index while the catalog cannot be reached, or none; one that cannot "
     "be written is not used (default /var/lib/k0rdent-mcp/catalog)",
     "CATALOG_CACHE_DIR", set_catalog_cache_dir},
    {"catalog-cache-ttl", "DURATION", "age from which the index is read again (default 6h)",
     "CATALOG_CACHE_TTL",
     [](Settings& s, std::string_view v) {
       return set_duration(s.catalog.ttl, v, base::seconds(1));
     }},
    {"catalog-timeout", "DURATION",
     "longest time to read the index, redirects included (default 30s)", "CATALOG_DOWNLOAD_TIMEOUT",
     [](Settings& s, std::string_view v) {
       return set_duration(s.catalog.timeout, v, base::milliseconds(1), base::hours(1));
     }},
    {"max-sessions", "N",
     "sessions at once; beyond that an idle session of the same caller ends (default 1000)", "",
     [](Settings& s, std::string_view v) { return set_count(s.max_sessions, v, 1, 1000000); }},
    {"max-sessions-per-caller", "N",
     "sessions of one caller that has a token (default: a quarter of --max-sessions)", "",
     [](Settings& s, std::string_view v) {
       return set_count(s.max_sessions_per_caller, v, 1, 1000000);
     }},
    {"max-watches-per-caller", "N",
     "watches and followed logs of one caller at the API server (default 100)", "",
     [](Settings& s, std::string_view v) {
       return set_count(s.max_watches_per_caller, v, 1, 1000000);
     }},
    {"max-streams-per-caller", "N",
     "event streams that one caller that has a token holds open (default 500)", "",
     [](Settings& s, std::string_view v) {
       return set_count(s.max_streams_per_caller, v, 1, 1000000);
     }},
    {"max-calls-per-caller", "N",
     "calls and reads in progress of one caller that has a token (default 256)", "",
     [](Settings& s, std::string_view v) {
       return set_count(s.max_calls_per_caller, v, 1, 1000000);
     }},
    {"rate", "LIST",
     "requests a second of one caller that has an identity, by class (read, logs, write, other), and "
     "after a colon how many calls of the class at once; 0: no limit; or none. Two seconds' worth may "
     "come in one go; beyond it 429 says when to try again "
     "(default read=200:128,logs=50:64,write=20:32,other=500)",
     "", set_rates},
    {"session-idle", "DURATION",
     "a session without a request or an open stream ends after this time (default 1h)", "",
     [](Settings& s, std::string_view v) {
       return set_duration(s.session_idle, v, base::seconds(1));
     }},
    {"resume-window", "DURATION",
     "how long a session whose event stream broke keeps its subscriptions for a client that "
     "reconnects (default 30s)",
     "",
     [](Settings& s, std::string_view v) {
       return set_duration(s.resume_window, v, base::Duration::zero());
     }},
    {"token-reviews", "N",
     "token reviews that run at the API server at once, at most a quarter of them for one peer; "
     "further ones wait (default 64)",
     "", [](Settings& s, std::string_view v) { return set_count(s.token_reviews, v, 4, 10000); }},
    {"max-connections", "N", "HTTP connections at once; further ones get 503 (default 12000)", "",
     [](Settings& s, std::string_view v) { return set_count(s.max_connections, v, 1, 1000000); }},
    {"max-connections-per-peer", "N",
     "HTTP connections at once from one peer's address, loopback excepted (default: a quarter of "
     "--max-connections); set it to --max-connections when all clients connect through one proxy, "
     "because peers cannot be distinguished then",
     "", set_connections_per_peer},
    {"max-body", "BYTES", "largest request body; larger ones get 413 (default 1048576)", "",
     [](Settings& s, std::string_view v) { return set_count(s.max_body, v, 1024, 1 << 30); }},
    {"answer-bytes", "BYTES",
     "largest answer of a reading tool whose call names no maxBytes: what a model can read "
     "(default 32768)",
     "",
     [](Settings& s, std::string_view v) { return set_count(s.answer_bytes, v, 4096, 1 << 20); }},
    {"subscriber-queue-bytes", "BYTES",
     "bytes that may wait for one slow subscriber before changes are folded and then dropped "
     "(default 1048576)",
     "",
     [](Settings& s, std::string_view v) {
       return set_count(s.subscriber_queue_bytes, v, 1024, 1 << 30);
     }},
    {"subscriber-queue-messages", "N",
     "updates that may wait for one slow subscriber before changes are folded and then dropped "
     "(default 4096)",
     "",
     [](Settings& s, std::string_view v) {
       return set_count(s.subscriber_queue_messages, v, 1, 1000000);
     }},
    {"queue-budget", "BYTES",
     "bytes that may wait for all slow subscribers together, at most a quarter of them for one "
     "caller; a shared update counts once (default 67108864)",
     "",
     [](Settings& s, std::string_view v) {
       return set_count(s.queue_budget, v, 1 << 20, std::int64_t{1} << 40);
     }},
    {"memory-limit", "BYTES",
     "memory that the whole process may use, e.g. 128Mi, or none; what clients and the API server "
     "can make it hold is scaled to this limit and refused beyond it (default: the cgroup's "
     "limit, else none)",
     "", set_memory_limit},
    {"stale-after", "DURATION",
     "how long a watch must be down before its subscribers are notified (default 10s)", "",
     [](Settings& s, std::string_view v) {
       return set_duration(s.stale_after, v, base::milliseconds(1));
     }},
    {"seal-key-file", "FILE",
     "file of mode 0600 with a key of at least 32 bytes; a call that asks its user a question "
     "(MCP 2026-07-28) leaves its state, signed with this key, with the client until the next "
     "request. Replicas behind one address share the key (default: a random key; open questions "
     "become void when the process ends)",
     "", set_seal_key},
    {"drain-timeout", "DURATION", "longest time from SIGTERM to the exit (default 10s)", "",
     [](Settings& s, std::string_view v) {
       return set_duration(s.drain_timeout, v, base::milliseconds(1));
     }},
    {"backoff-initial", "DURATION",
     "delay before the second attempt of a watch or log stream that failed (default 1s)", "",
     [](Settings& s, std::string_view v) {
       return set_duration(s.retry.backoff.initial, v, base::milliseconds(1), kLongestDelay);
     }},
    {"backoff-factor", "NUMBER",
     "each further delay is this many times the previous one (default 2)", "",
     [](Settings& s, std::string_view v) { return set_number(s.retry.backoff.factor, v, 1, 100); }},
    {"backoff-cap", "DURATION", "longest such delay, before the jitter (default 1m)", "",
     [](Settings& s, std::string_view v) {
       return set_duration(s.retry.backoff.cap, v, base::milliseconds(1), kLongestDelay);
     }},
    {"backoff-jitter", "NUMBER",
     "each delay grows by a random fraction of itself, at most this one (default 0.2)", "",
     [](Settings& s, std::string_view v) { return set_number(s.retry.backoff.jitter, v, 0, 1); }},
    {"breaker-threshold", "N",
     "consecutive failures after which the circuit breaker of a watch or log stream opens and "
     "attempts stop for --breaker-cooldown (default 5)",
     "",
     [](Settings& s, std::string_view v) {
       std::size_t n = 0;
       auto ok = set_count(n, v, 1, 1000000);
       if (ok) s.retry.breaker.threshold = static_cast<int>(n);
       return ok;
     }},
    {"breaker-cooldown", "DURATION",
     "how long the circuit breaker stays open; then a single attempt decides whether it closes "
     "(default 30s)",
     "",
     [](Settings& s, std::string_view v) {
       return set_duration(s.retry.breaker.cooldown, v, base::milliseconds(1), kLongestDelay);
     }},
    {"watch-timeout", "DURATION",
     "how long the API server is asked to keep a watch open, plus up to a fifth at random "
     "(default 4m30s; events: 3m20s)",
     "",
     [](Settings& s, std::string_view v) {
       return set_duration(s.watch_timeout, v, base::seconds(5), base::hours(1));
     }},
    {"core-dumps", "on|off",
     "write a core dump at a crash and let debuggers of the same user attach; both expose "
     "callers' tokens (default off)",
     "", [](Settings& s, std::string_view v) { return set_on_off(s.core_dumps, v); }},
    {"sandbox", kSwitch,
     "let the process use only the system calls and files that serving takes, once it serves; a "
     "kubeconfig with exec is refused (default off)",
     "", [](Settings& s, std::string_view v) { return set_on_off(s.sandbox, v); }},
    {"pulse", "DURATION",
     "how often to check that the API server still answers, because a frozen server ends no watch "
     "(default 20s; 0s: never)",
     "",
     [](Settings& s, std::string_view v) {
       return set_duration(s.pulse, v, base::Duration::zero(), base::hours(1));
     }},
    {"max-watch-objects", "N",
     "objects of one kind that a watch or a list may hold; a larger one is refused with an error "
     "(default 100000)",
     "",
     [](Settings& s, std::string_view v) { return set_count(s.max_watch_objects, v, 1, 1 << 30); }},
    {"max-watch-bytes", "BYTES",
     "bytes that the objects of such a watch or list may take in memory (default 268435456)", "",
     [](Settings& s, std::string_view v) {
       return set_count(s.max_watch_bytes, v, 1 << 20, std::int64_t{1} << 40);
     }},
    {"metrics", "on|off",
     "serve /metrics for Prometheus on the same address, without authentication (default on)", "",
     [](Settings& s, std::string_view v) { return set_on_off(s.metrics, v); }},
    {"show-secrets", "on|off",
     "on: show clients the values of Secrets, tokens and passwords instead of their size and "
     "fingerprint; only on a loopback address or standard input and output (default off)",
     "", [](Settings& s, std::string_view v) { return set_on_off(s.show_secrets, v); }},
    {"allow-writes", kSwitch,
     "let tools write to the cluster, as far as the policy allows it; without it the server only "
     "reads (default off)",
     "", [](Settings& s, std::string_view v) { return set_on_off(s.allow_writes, v); }},
    {"confirm", "always|destructive|never",
     "which writes are confirmed first, by the user where the client can ask, else by a token: "
     "every one, costly and destructive ones, or none (default destructive)",
     "", set_confirm},
    {"cluster-name", "NAME",
     "name of this cluster in answers, policy and audit log (default: the kubeconfig's)", "",
     [](Settings& s, std::string_view v) { return s.cluster_name = v, Result<void>(); }},
    {"field-owner", "NAME", "field manager of all writes (default mcp.clusters)",
     "CLUSTER_DEPLOY_FIELD_OWNER", set_field_owner},
    {"read-only", kSwitch, "refuse every write, whatever else allows it (default off)", "",
     [](Settings& s, std::string_view v) { return set_on_off(s.read_only, v); }},
    {"no-destructive", kSwitch, "refuse every deletion (default off)", "",
     [](Settings& s, std::string_view v) { return set_on_off(s.no_destructive, v); }},
    {"policy-file", "FILE",
     "rules that decide which reads and writes may be made, in YAML (doc/POLICY.md); read again "
     "when it changes and at SIGHUP (default: none)",
     "", [](Settings& s, std::string_view v) { return set_file(s.policy_file, v); }},
    {"audit-file", "FILE",
     "file that gets a line for each write and each refused write, or - for standard error; opened "
     "again at SIGHUP. When a line cannot be written, the write is not made (default: none)",
     "", [](Settings& s, std::string_view v) { return set_file(s.audit_file, v); }},
    {"audit-key-file", "FILE",
     "file with a key of at least 32 bytes for the hash chain of the audit file, without which it "
     "shows only accidents (default: no key)",
     "", set_audit_key},
    {"watch-list", "on|off",
     "on: stream the initial state of a watch instead of listing it in pages, where the API "
     "server supports that (default off)",
     "", [](Settings& s, std::string_view v) { return set_on_off(s.watch_list, v); }},
    {"log-level", "LEVEL", "debug, info, warn or error (default info)", "LOG_LEVEL", set_log_level},
    {"log-format", "FORMAT", "json or text (default: text on a terminal, else json)", "",
     set_log_format},
    {"pid-file", "FILE", "file to write the process id to (default: none)", "",
     [](Settings& s, std::string_view v) { return s.pid_file = v, Result<void>(); }},
};

}  // namespace

std::span<const Flag> all_flags() {
  return kFlags;
}

const Flag* find_flag(std::string_view name) {
  for (const Flag& f : kFlags) {
    if (f.name == name) return &f;
  }
  return nullptr;
}

}  // namespace app
