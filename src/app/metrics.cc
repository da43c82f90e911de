#include "app/metrics.h"

#include <algorithm>
#include <map>
#include <utility>

#include "app/process_stats.h"
#include "app/version.h"
#include "base/metrics.h"

namespace app {

using base::metrics::Kind;
using base::metrics::Writer;

namespace {

// Every state and manager has its series from the start, so that graphs have no gaps.
constexpr std::string_view kManagers[] = {"cluster-monitor", "events", "graph", "objects",
                                          "podlogs"};
constexpr std::string_view kStates[] = {"stopped", "discovering", "listing",   "connecting",
                                        "looking", "open",        "confirmed", "waiting"};

double number(std::uint64_t n) {
  return static_cast<double>(n);
}

void write_build(Writer& w, const MetricsSources& from) {
  w.family("k0rdent_mcp_build_info", Kind::gauge, "Version of the running build; always 1.")
      .sample({{"version", version()}, {"commit", git_commit()}, {"build_date", build_date()}}, 1);
  w.family("k0rdent_mcp_ready", Kind::gauge,
           "1 when /readyz reports ready: the API server is reachable and no shutdown has begun.")
      .sample(from.ready ? 1 : 0);
}

void write_watches(Writer& w, const MetricsSources& from) {
  std::map<std::pair<std::string_view, std::string_view>, double> states;
  std::map<std::string_view, double> subscribers, stale;
  for (std::string_view manager : kManagers) {
    subscribers[manager] = stale[manager] = 0;
    for (std::string_view state : kStates)
      states[{manager, state}] = 0;
  }
  base::Duration longest{};
  for (const fanout::WatchInfo& watch : from.managers.watches()) {
    ++states[{watch.manager, watch.status.state}];
    subscribers[watch.manager] += number(watch.subscribers);
    stale[watch.manager] += watch.status.down_since ? 1 : 0;
    if (watch.status.next_attempt)
      longest = std::max(longest, *watch.status.next_attempt - from.loop.now());
  }
  w.family("k0rdent_mcp_watches", Kind::gauge, "Watches and log streams of the API server.");
  for (const auto& [key, n] : states)
    w.sample({{"manager", key.first}, {"state", key.second}}, n);
  w.family("k0rdent_mcp_stale_watches", Kind::gauge,
           "Watches that failed and have not been confirmed again.");
  for (const auto& [manager, n] : stale)
    w.sample({{"manager", manager}}, n);
  w.family("k0rdent_mcp_subscribers", Kind::gauge, "Subscribers of the watches.");
  for (const auto& [manager, n] : subscribers)
    w.sample({{"manager", manager}}, n);
  w.family("k0rdent_mcp_next_attempt_seconds", Kind::gauge,
           "Longest remaining wait of a watch before its next attempt.")
      .sample(base::metrics::to_seconds(longest));
}

void write_retries(Writer& w, const MetricsSources& from) {
  const kube::watch::WatchCounts& counts = from.retries.counts();
  w.family("k0rdent_mcp_watch_restarts_total", Kind::counter,
           "Reconnections of watches and log streams.")
      .sample(number(counts.restarts));
  w.family("k0rdent_mcp_watch_errors_total", Kind::counter,
           "Failed attempts, refusals and broken streams by error class.");
  for (std::size_t i = 0; i < counts.errors.size(); ++i)
    w.sample({{"class", base::to_string(static_cast<base::Errc>(i))}}, number(counts.errors[i]));
  const auto name = [](std::size_t i) {
    return watchutil::to_string(static_cast<watchutil::CircuitBreaker::State>(i));
  };
  const auto breakers = from.retries.breakers();
  w.family("k0rdent_mcp_circuit_breakers", Kind::gauge,
           "Circuit breakers by state, one for each watch key that is in use or failed recently.");
  for (std::size_t i = 0; i < breakers.size(); ++i)
    w.sample({{"state", name(i)}}, number(breakers[i]));
  w.family("k0rdent_mcp_circuit_breaker_changes_total", Kind::counter,
           "State changes of circuit breakers by the new state.");
  for (std::size_t i = 0; i < counts.breaker_changes.size(); ++i)
    w.sample({{"state", name(i)}}, number(counts.breaker_changes[i]));
  w.family("k0rdent_mcp_watch_backoff_seconds", Kind::histogram,
           "Delays before the next attempt, one for each failure that counts.")
      .sample(counts.delays);
}

void write_notifications(Writer& w, const MetricsSources& from,
                         const mcp::endpoint::EndpointStats& stats) {
  fanout::QueueStats queues;
  from.managers.for_each([&](const fanout::Manager& manager) {
    queues.folded += manager.stats().folded;
    queues.dropped += manager.stats().dropped;
  });
  w.family("k0rdent_mcp_notifications_sent_total", Kind::counter,
           "Notifications handed to a client's stream.")
      .sample(number(stats.delivered));
  w.family(
       "k0rdent_mcp_notifications_dropped_total", Kind::counter,
       "Notifications lost to a full queue or a gone client; the client is informed of the gap.")
      .sample(number(queues.dropped + stats.dropped));
  w.family("k0rdent_mcp_notifications_folded_total", Kind::counter,
           "Notifications replaced by a later one for the same object before they were sent.")
      .sample(number(queues.folded));
  w.family("k0rdent_mcp_queue_bytes", Kind::gauge,
           "Bytes that wait for slow subscribers; shared updates count once.")
      .sample(number(from.budgets.queues.used()));
  w.family("k0rdent_mcp_queue_limit_bytes", Kind::gauge, "Limit of k0rdent_mcp_queue_bytes.")
      .sample(number(from.budgets.queues.limit()));
  w.family("k0rdent_mcp_queued_notifications", Kind::gauge,
           "Notifications that clients have not read yet.")
      .sample(number(stats.queued_frames));
}

void write_tls(Writer& w, const door::Handshakes& tls) {
  w.family("k0rdent_mcp_tls_handshakes_under_way", Kind::gauge,
           "Connections to the listeners that speak TLS whose handshake is not done.")
      .sample(number(tls.under_way()));
  w.family("k0rdent_mcp_tls_handshakes_total", Kind::counter,
           "TLS handshakes by their end; crowded: there was no room.");
  for (std::size_t i = 0; i < door::Handshakes::kResults; ++i) {
    const auto result = static_cast<door::Handshakes::Result>(i);
    w.sample({{"result", door::to_string(result)}}, number(tls.count(result)));
  }
  w.family("k0rdent_mcp_tls_certificate_end_timestamp_seconds", Kind::gauge,
           "When the server's certificate in use ends to be valid.")
      .sample(static_cast<double>(tls.files().context().valid_until()));
}

void write_pace(Writer& w, const mcp::shared::Pace& pace) {
  w.family("k0rdent_mcp_paced_callers", Kind::gauge, "Callers whose requests a second are counted.")
      .sample(number(pace.callers()));
  w.family("k0rdent_mcp_rate_refusals_total", Kind::counter,
           "Requests refused because their caller made too many, by class and limit (--rate).");
  for (std::size_t i = 0; i < mcp::shared::kClasses; ++i) {
    const auto which = static_cast<mcp::shared::Class>(i);
    const std::string_view name = mcp::shared::kClassNames[i];
    w.sample({{"class", name}, {"limit", "a-second"}}, number(pace.refused_rate(which)));
    w.sample({{"class", name}, {"limit", "at-once"}}, number(pace.refused_at_once(which)));
  }
}

void write_requests(Writer& w, const mcp::shared::RequestStats& requests,
                    const mcp::endpoint::EndpointStats& stats) {
  w.family("k0rdent_mcp_sessions", Kind::gauge, "Open sessions.").sample(number(stats.sessions));
  w.family("k0rdent_mcp_streams", Kind::gauge, "Event streams that clients hold open.")
      .sample(number(stats.streams));
  w.family("k0rdent_mcp_subscriptions", Kind::gauge, "Client subscriptions.")
      .sample(number(stats.subscriptions));
  w.family("k0rdent_mcp_calls", Kind::gauge, "Tool calls and resource reads in progress.")
      .sample(number(stats.calls));

  const auto outcomes = [&](const char* label, std::string_view name,
                            const mcp::shared::RequestCount& count) {
    for (std::size_t i = 0; i < count.ended.size(); ++i) {
      w.sample({{label, name},
                {"outcome", mcp::shared::to_string(static_cast<mcp::shared::Outcome>(i))}},
               number(count.ended[i]));
    }
  };
  w.family("k0rdent_mcp_requests_total", Kind::counter, "MCP requests by method and outcome.");
  requests.for_each_method([&](std::string_view name, const mcp::shared::RequestCount& count) {
    outcomes("method", name, count);
  });
  w.family("k0rdent_mcp_request_duration_seconds", Kind::histogram,
           "Time from the arrival of an MCP request to its response.");
  requests.for_each_method([&](std::string_view name, const mcp::shared::RequestCount& count) {
    w.sample({{"method", name}}, count.duration);
  });
  w.family("k0rdent_mcp_tool_calls_total", Kind::counter, "tools/call by tool and outcome.");
  requests.for_each_tool([&](std::string_view name, const mcp::shared::RequestCount& count) {
    outcomes("tool", name, count);
  });
  w.family("k0rdent_mcp_tool_call_duration_seconds", Kind::histogram,
           "Time from the arrival of a tools/call to its response, by tool.");
  requests.for_each_tool([&](std::string_view name, const mcp::shared::RequestCount& count) {
    w.sample({{"tool", name}}, count.duration);
  });
}

void write_tokens(Writer& w, const mcp::AuthStats& tokens) {
  w.family("k0rdent_mcp_token_reviews", Kind::gauge, "Token reviews at the API server, by state.")
      .sample({{"state", "asking"}}, number(tokens.asking))
      .sample({{"state", "waiting"}}, number(tokens.waiting));
  w.family("k0rdent_mcp_token_reviews_total", Kind::counter,
           "Token reviews by outcome; full: refused without a review because too many waited.")
      .sample({{"outcome", "accepted"}}, number(tokens.accepted))
      .sample({{"outcome", "refused"}}, number(tokens.refused))
      .sample({{"outcome", "failed"}}, number(tokens.failed))
      .sample({{"outcome", "full"}}, number(tokens.full));
  w.family("k0rdent_mcp_token_verdicts", Kind::gauge, "Tokens whose verdict is cached.")
      .sample({{"verdict", "accepted"}}, number(tokens.accepted_kept))
      .sample({{"verdict", "refused"}}, number(tokens.refused_kept));
}

// The label is the issuer's place in the settings: its URL is not shown without authentication.
void write_issuers(Writer& w, const std::vector<auth::IssuerStatus>& issuers) {
  if (issuers.empty()) return;
  const auto each = [&](std::string_view name, Kind kind, std::string_view help, auto value) {
    w.family(name, kind, help);
    for (std::size_t i = 0; i < issuers.size(); ++i)
      w.sample({{"issuer", std::to_string(i)}}, value(issuers[i]));
  };
  using Status = auth::IssuerStatus;
  each("k0rdent_mcp_issuer_keys", Kind::gauge, "Usable keys of an issuer of access tokens.",
       [](const Status& s) { return number(s.keys); });
  each("k0rdent_mcp_issuer_keys_age_seconds", Kind::gauge,
       "Age of an issuer's key set; -1: none was fetched yet.", [](const Status& s) {
         return s.age ? static_cast<double>(base::to_ms(*s.age)) / 1000 : -1.0;
       });
  each("k0rdent_mcp_issuer_fetches_total", Kind::counter, "Fetches of an issuer's keys.",
       [](const Status& s) { return number(s.fetches); });
  each("k0rdent_mcp_issuer_fetch_failures_total", Kind::counter,
       "Fetches of an issuer's keys that failed.",
       [](const Status& s) { return number(s.failures); });
}

void write_exchanges(Writer& w, const auth::ExchangedTokens::Counts& counts) {
  w.family("k0rdent_mcp_token_exchanges_total", Kind::counter,
           "Exchanges of callers' tokens at their issuers.")
      .sample({{"outcome", "exchanged"}}, number(counts.exchanged))
      .sample({{"outcome", "refused"}}, number(counts.refused))
      .sample({{"outcome", "failed"}}, number(counts.failed))
      .sample({{"outcome", "full"}}, number(counts.full));
  w.family("k0rdent_mcp_token_exchanges_waiting", Kind::gauge,
           "Exchanges that wait for their turn at an issuer.")
      .sample(number(counts.waiting));
  w.family("k0rdent_mcp_exchanged_tokens", Kind::gauge,
           "Callers' tokens that are kept with what they were exchanged for.")
      .sample(number(counts.kept));
}

void write_http(Writer& w, const http::Server& server) {
  w.family("k0rdent_mcp_http_connections", Kind::gauge, "Client connections.")
      .sample(number(server.connections()));
  w.family("k0rdent_mcp_http_responses_total", Kind::counter,
           "HTTP responses by status; a stream counts when it begins.");
  server.answers().for_each([&](std::string_view code, std::uint64_t n) {
    w.sample({{"code", code}}, number(n));
  });
}

void write_kube(Writer& w, const kube::Client& client) {
  const auto for_each_verb = [&](auto fn) {
    for (int i = 0; i < kube::kVerbs; ++i) {
      const auto verb = static_cast<kube::Verb>(i);
      if (client.stats(verb).answers.total() > 0) fn(to_string(verb), client.stats(verb));
    }
  };
  w.family("k0rdent_mcp_kube_connections", Kind::gauge, "Connections to the API server.")
      .sample(number(client.stats().connections));
  w.family("k0rdent_mcp_kube_requests_total", Kind::counter,
           "Requests to the API server by verb and status; none: no response arrived.");
  for_each_verb([&](std::string_view verb, const kube::VerbStats& stats) {
    stats.answers.for_each([&](std::string_view code, std::uint64_t n) {
      w.sample({{"verb", verb}, {"code", code}}, number(n));
    });
  });
  w.family("k0rdent_mcp_kube_request_duration_seconds", Kind::histogram,
           "Time from the start of a request to the API server to its response head.");
  for_each_verb([&](std::string_view verb, const kube::VerbStats& stats) {
    w.sample({{"verb", verb}}, stats.head_time);
  });
}

// The budgets of what clients and API servers can make the server hold (base/budgets.h). A part
// without a limit has no k0rdent_mcp_budget_limit sample.
void write_budgets(Writer& w, const base::Budgets& budgets) {
  w.family("k0rdent_mcp_budget_used", Kind::gauge,
           "What clients and API servers make the server hold, by part: watches, sessions, "
           "streams, calls and descriptors in numbers, the others in bytes; memory is the sum of "
           "the latter.");
  budgets.for_each([&](std::string_view part, const base::Budget& budget) {
    w.sample({{"part", part}}, number(budget.used()));
  });
  w.family("k0rdent_mcp_budget_peak", Kind::gauge,
           "Peak of k0rdent_mcp_budget_used since the start.");
  budgets.for_each([&](std::string_view part, const base::Budget& budget) {
    w.sample({{"part", part}}, number(budget.peak()));
  });
  w.family("k0rdent_mcp_budget_limit", Kind::gauge, "Limit of k0rdent_mcp_budget_used.");
  budgets.for_each([&](std::string_view part, const base::Budget& budget) {
    if (budget.limit() != base::Budget::kNone) w.sample({{"part", part}}, number(budget.limit()));
  });
  w.family("k0rdent_mcp_budget_share", Kind::gauge,
           "The most that one caller or peer may hold of each part.");
  budgets.for_each([&](std::string_view part, const base::Budget& budget) {
    if (budget.share() < budget.limit()) w.sample({{"part", part}}, number(budget.share()));
  });
  w.family("k0rdent_mcp_budget_owners", Kind::gauge,
           "Callers and peers that hold something of each part, where they are told apart.");
  budgets.for_each([&](std::string_view part, const base::Budget& budget) {
    w.sample({{"part", part}}, number(budget.owners()));
  });
  w.family("k0rdent_mcp_budget_largest", Kind::gauge, "What the largest of these holds.");
  budgets.for_each([&](std::string_view part, const base::Budget& budget) {
    w.sample({{"part", part}}, number(budget.largest()));
  });
  w.family("k0rdent_mcp_budget_refusals_total", Kind::counter,
           "Requests for room that were refused, by part.");
  budgets.for_each([&](std::string_view part, const base::Budget& budget) {
    w.sample({{"part", part}}, number(budget.refused()));
  });
}

void write_acting(Writer& w, const Acting::Stats& acting) {
  w.family("k0rdent_mcp_writes_enabled", Kind::gauge,
           "1 with --allow-writes and without --read-only.")
      .sample(acting.allow_writes ? 1 : 0);
  w.family("k0rdent_mcp_policy_rules", Kind::gauge, "Rules of the policy file in use.")
      .sample(number(acting.rules));
  w.family("k0rdent_mcp_policy_generation", Kind::gauge,
           "1 for the policy of the start, and one more for each changed file.")
      .sample(number(acting.generation));
  w.family("k0rdent_mcp_policy_reload_success", Kind::gauge,
           "0 while the policy file is unusable and an older one stays in use.")
      .sample(acting.last_reload_good ? 1 : 0);
  w.family("k0rdent_mcp_policy_decisions_total", Kind::counter,
           "Requests to the API server that the policy decided; allowed reads are not counted.")
      .sample({{"verb", "write"}, {"decision", "allowed"}}, number(acting.decisions.allowed_writes))
      .sample({{"verb", "write"}, {"decision", "refused"}}, number(acting.decisions.refused_writes))
      .sample({{"verb", "read"}, {"decision", "refused"}}, number(acting.decisions.refused_reads));
  w.family("k0rdent_mcp_audit_lines_total", Kind::counter, "Lines of the audit log.")
      .sample({{"result", "written"}}, number(acting.audit.written))
      .sample({{"result", "failed"}}, number(acting.audit.failed));
  w.family("k0rdent_mcp_audit_sequence", Kind::gauge, "Sequence number of its last line.")
      .sample(number(acting.audit.seq));
}

void write_process(Writer& w, const loop::Loop& loop) {
  w.family("k0rdent_mcp_loop_turn_duration_seconds", Kind::histogram,
           "Duration of the event loop's turns, without the wait for events.")
      .sample(loop.turns());
  w.family("k0rdent_mcp_slow_callbacks_total", Kind::counter,
           "Callbacks that used more than 20 ms of CPU time.")
      .sample(number(loop.over_limit()));
  w.family("k0rdent_mcp_loop_timers", Kind::gauge, "Armed timers.").sample(number(loop.timers()));
  const ProcessStats stats = read_process_stats();
  w.family("process_cpu_seconds_total", Kind::counter, "User and system CPU time.")
      .sample(stats.cpu_seconds);
  w.family("process_resident_memory_bytes", Kind::gauge, "Resident memory.")
      .sample(number(stats.resident_bytes));
  w.family("process_virtual_memory_bytes", Kind::gauge, "Virtual memory.")
      .sample(number(stats.virtual_bytes));
  w.family("process_open_fds", Kind::gauge, "Open file descriptors.")
      .sample(number(stats.open_fds));
  w.family("process_max_fds", Kind::gauge, "Limit of open file descriptors.")
      .sample(number(stats.max_fds));
  w.family("process_start_time_seconds", Kind::gauge,
           "Start time of the process in seconds since 1970.")
      .sample(stats.start_time);
}

}  // namespace

std::string metrics_text(const MetricsSources& from) {
  std::string out;
  Writer w(out);
  const mcp::endpoint::EndpointStats stats = from.endpoint.stats();
  write_build(w, from);
  write_watches(w, from);
  write_retries(w, from);
  write_notifications(w, from, stats);
  write_requests(w, from.endpoint.requests(), stats);
  write_pace(w, from.endpoint.pace());
  write_tokens(w, from.tokens);
  write_issuers(w, from.issuers);
  if (from.exchanged) write_exchanges(w, from.exchanged->counts());
  write_http(w, from.server);
  if (from.tls) write_tls(w, *from.tls);
  write_kube(w, from.client);
  write_acting(w, from.acting);
  write_budgets(w, from.budgets);
  write_process(w, from.loop);
  return out;
}

}  // namespace app
