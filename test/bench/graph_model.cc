// The graph's model alone: memory of 5,000 ClusterDeployments with 10 services each, and the time
// of one change from JSON text to the delta told. Prints "MB µs µs": resident growth, median and
// p99 of a change.
//
// Usage: graph-model [CLUSTERDEPLOYMENTS [SERVICES]]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <unistd.h>

#include "base/json.h"
#include "graph/model/reader.h"
#include "graph/model/store.h"
#include "graph/model/view.h"

namespace {

long resident_pages() {
  long size = 0, resident = 0;
  FILE* file = std::fopen("/proc/self/statm", "r");
  if (!file || std::fscanf(file, "%ld %ld", &size, &resident) != 2) std::abort();
  std::fclose(file);
  return resident;
}

// As the API server gives it, with what the graph has no use for.
std::string deployment(int n, int services, int changes) {
  std::string list, upgrades, states;
  for (int s = 0; s < services; ++s) {
    const std::string comma = s ? "," : "", at = std::to_string(s);
    list += comma + R"({"name":"service-)" + at + R"(","namespace":"ns-)" + at +
            R"(","template":"template-)" + at + R"(-1-2-3","templateChain":"chain-)" + at +
            R"(","values":"replicas: 3\nresources:\n  limits: {}\n"})";
    upgrades += comma + R"({"name":"service-)" + at +
                R"(","namespace":"ns","availableUpgrades":[)" +
                R"({"versions":[{"name":"template-)" + at + R"(-1-2-4"}]}]})";
    states += comma + R"({"type":"Helm","name":"service-)" + at + R"(","template":"template-)" +
              at + R"(-1-2-3","state":"Deployed"})";
  }
  return R"({"apiVersion":"k0rdent.mirantis.com/v1beta1","kind":"ClusterDeployment","metadata":{)"
         R"("name":"cluster-)" +
         std::to_string(n) + R"(","namespace":"kcm-system","uid":"00000000-0000-4000-8000-)" +
         std::to_string(100000000000 + n) + R"(","labels":{"env":")" +
         (changes % 2 ? "prod" : "dev") + R"(","k0rdent.mirantis.com/component":"kcm"}},)" +
         R"("spec":{"template":"aws-standalone-cp-1-0-43","credential":"aws-cred","config":{)" +
         R"("region":"eu-central-1"},"serviceSpec":{"services":[)" + list +
         R"(]}},"status":{"services":[)" + states + R"(],"servicesUpgradePaths":[)" + upgrades +
         R"(],"conditions":[{"type":"Ready","status":"True"}]}})";
}

struct Bench {
  Bench() {
    std::size_t looked = 0;
    view.begin(looked);
  }
  void put(const std::string& json) {
    auto object = doc.parse(json);
    if (!object) std::abort();
    store.put(reader.read(kinds.find((*object)["kind"].str()), *object));
  }
  std::size_t tell() {
    store.prune();
    const graph::model::Turn turn = store.settle();
    const graph::model::Turn* const turns[] = {&turn};
    graph::model::Text text(store);
    std::size_t bytes = 0, looked = 0;
    for (const graph::model::Delta& delta : view.update(turns, text, looked))
      bytes += delta.json(1).size();
    return bytes;
  }
  cluster::NamespaceFilter filter;
  graph::model::Kinds kinds;
  graph::model::IdentityPaths identities;
  graph::model::Reader reader{kinds, identities, "kcm-system"};
  graph::model::Store store{kinds, filter};
  graph::model::View view{store, {}};
  base::json::Document doc;
};

}  // namespace

int main(int argc, char** argv) {
  const int count = argc > 1 ? std::atoi(argv[1]) : 5000;
  const int services = argc > 2 ? std::atoi(argv[2]) : 10;
  Bench bench;
  for (graph::model::KindId i = 0; i < bench.kinds.size(); ++i)
    bench.kinds[i].state = graph::model::KindState::known;
  bench.put(deployment(0, services, 0));
  bench.tell();
  const long before = resident_pages();
  bench.put(
      R"({"apiVersion":"k0rdent.mirantis.com/v1beta1","kind":"MultiClusterService","metadata":{)"
      R"("name":"baseline","uid":"m"},"spec":{"clusterSelector":{"matchLabels":{"env":"dev"}}}})");
  for (int n = 1; n < count; ++n) {
    bench.put(deployment(n, services, 0));
    if (n % 500 == 0) bench.tell();  // a list comes page by page
  }
  bench.tell();
  const double megabytes =
      static_cast<double>((resident_pages() - before) * sysconf(_SC_PAGESIZE)) / 1e6;

  std::vector<double> times;
  for (int change = 1; change <= 2000; ++change) {
    const std::string json = deployment((change * 7919) % count, services, change);
    const auto start = std::chrono::steady_clock::now();
    bench.put(json);
    if (bench.tell() == 0 && change % 2) std::abort();
    const auto end = std::chrono::steady_clock::now();
    times.push_back(std::chrono::duration<double, std::micro>(end - start).count());
  }
  std::sort(times.begin(), times.end());
  std::printf("%.1f %.1f %.1f\n", megabytes, times[times.size() / 2],
              times[times.size() * 99 / 100]);
}
