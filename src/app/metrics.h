// /metrics: everything a Prometheus server may want to know, read from the parts at the moment of
// the scrape (text exposition format 0.0.4; base/metrics.h). Names begin with k0rdent_mcp_, but for
// the process_ ones that every exporter has.
//
// Labels are few and ours: managers, states, verbs, methods, tools, status codes, error classes. No
// key of a watch, no namespace and no identity is among them, so it is served as the probes are: to
// whoever can reach the port.
#pragma once

#include <string>

#include "base/budgets.h"
#include "http/server.h"
#include "kube/client.h"
#include "kube/retry.h"
#include "loop/loop.h"
#include "mcp/endpoint.h"
#include "tools/register.h"

namespace app {

struct MetricsSources {
  const loop::Loop& loop;
  const http::Server& server;
  const kube::Client& client;
  const kube::RetryTable& retries;
  const mcp::Endpoint& endpoint;
  const tools::Managers& managers;
  const base::Budgets& budgets;
  mcp::AuthStats tokens;
  bool ready;
};

std::string metrics_text(const MetricsSources& from);

}  // namespace app
