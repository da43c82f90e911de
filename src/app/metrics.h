// /metrics: the server's figures for Prometheus, read from its parts at the moment of the scrape
// (text exposition format 0.0.4; base/metrics.h). Names begin with k0rdent_mcp_, except the
// process_ metrics that every exporter has.
//
// Label values come from small fixed sets: managers, states, verbs, methods, tools, status codes,
// error classes. They hold no watch key, namespace or identity, so /metrics is served like the
// probes, without authentication to every client that can reach the port.
#pragma once

#include <string>
#include <vector>

#include "app/acting.h"
#include "auth/exchanged_tokens.h"
#include "auth/issuers.h"
#include "base/budgets.h"
#include "door/handshakes.h"
#include "http/server.h"
#include "kube/client.h"
#include "kube/watch/retry.h"
#include "loop/loop.h"
#include "mcp/endpoint/endpoint.h"
#include "tools/register.h"

namespace app {

struct MetricsSources {
  const loop::Loop& loop;
  const http::Server& server;
  const kube::Client& client;
  const kube::watch::RetryTable& retries;
  const mcp::endpoint::Endpoint& endpoint;
  const tools::Managers& managers;
  const base::Budgets& budgets;
  mcp::AuthStats tokens;
  Acting::Stats acting;
  std::vector<auth::IssuerStatus> issuers;  // by their place in the settings
  const auth::ExchangedTokens* exchanged;   // nullptr: tokens are not exchanged
  const door::Handshakes* tls;              // nullptr: no listener speaks TLS
  bool ready;
};

std::string metrics_text(const MetricsSources& from);

}  // namespace app
