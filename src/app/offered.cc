#include "app/offered.h"

#include <string>
#include <utility>

#include "app/version.h"
#include "base/budgets.h"
#include "base/check.h"
#include "catalog/catalog.h"
#include "change/context.h"
#include "cluster/cluster.h"
#include "kube/client.h"
#include "kube/discovery.h"
#include "loop/clock.h"
#include "loop/loop.h"
#include "net/resolve.h"
#include "tools/register.h"

namespace app {

namespace {

std::unique_ptr<kube::Client> make_client(loop::Loop& loop, net::Resolver& resolver) {
  kube::config::Config config;
  config.cluster.host = "localhost";
  config.cluster.tls = false;
  auto client = kube::Client::create(loop, resolver, std::move(config), user_agent());
  CHECK(client.has_value());
  return *std::move(client);
}

}  // namespace

struct Offered::Unused {
  loop::RealClock clock;
  loop::Loop loop{clock};
  net::Resolver resolver{loop};
  std::unique_ptr<kube::Client> client = make_client(loop, resolver);
  kube::Discovery discovery{loop, *client};
  kube::watch::RetryTable retries{{}, loop, 1};
  cluster::NamespaceFilter filter;
  base::Budgets budgets{base::Budget::kNone, base::kQueueBudget, base::Budget::kNone};
  loop::Scope scope{"offered"};
  cluster::Cluster cluster{{loop, *client, discovery, retries, filter, scope}};
  tools::Managers managers{fanout::Context{cluster, budgets.queues, {}, &budgets}};
  catalog::Catalog catalog{loop, resolver, {}};
  change::Context change{cluster, budgets};
};

Offered::Offered() : unused_(std::make_unique<Unused>()) {
  tools::register_all(registry_, unused_->cluster, unused_->managers, unused_->catalog);
  tools::register_writes(registry_, unused_->change, unused_->catalog);
}

Offered::~Offered() = default;

}  // namespace app
