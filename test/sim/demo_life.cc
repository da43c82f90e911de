#include "sim/demo_life.h"

namespace sim {
namespace {

struct Happening {
  const char *ns, *kind, *object, *reason, *type, *message;
};

// What a management cluster says all day.
constexpr Happening kHappenings[] = {
    {"kcm-system", "ClusterDeployment", "aws-prod", "Reconciled", "Normal",
     "all 2 services are deployed"},
    {"team-a", "ClusterDeployment", "azure-lost", "CredentialNotFound", "Warning",
     "Credential team-a/team-a-azure does not exist"},
    {"kcm-system", "ClusterDeployment", "aws-dev", "Provisioning", "Normal",
     "waiting for the control plane: 1 of 3 machines ready"},
    {"team-a", "ClusterTemplate", "azure-standalone-cp-1-0-45", "TemplateValid", "Normal",
     "the chart was read and its schema stored"},
    {"kcm-system", "ServiceTemplate", "podinfo-6-9-1", "SourceNotReady", "Warning",
     "the Git repository cannot be reached"},
    {"team-a", "Pod", "podinfo-7d9c5f-abcde", "Unhealthy", "Warning",
     "Readiness probe failed: HTTP probe failed with statuscode: 503"},
    {"kcm-system", "ServiceSet", "aws-dev", "Deploying", "Normal",
     "waiting for the cluster to be ready"},
    {"team-a", "Pod", "podinfo-7d9c5f-abcde", "Started", "Normal", "Started container podinfo"},
};

const PodSpec kController{
    "kcm-system", "kcm-controller-manager-6f4b9c-x2x7k", {"manager"}, {}, "", "node-1", true};
const PodSpec kPodinfo{
    "team-a", "podinfo-7d9c5f-abcde", {"podinfo", "proxy"}, {"init"}, "podinfo", "node-2", true};

}  // namespace

DemoLife::DemoLife(loop::Loop& loop, Cluster& cluster)
    : cluster_(cluster),
      event_timer_(loop, "demo event", loop::Timer::Fn::bind<&DemoLife::on_event>(this)),
      line_timer_(loop, "demo log line", loop::Timer::Fn::bind<&DemoLife::on_line>(this)) {
  for (const char* ns : {"default", "kcm-system", "team-a"})
    cluster_.add_namespace(ns);
  cluster_.set_pod(kController);
  cluster_.set_pod(kPodinfo);
  cluster_.set_pod({"team-a", "importer-0", {"importer"}, {}, "", "node-2", false});
  for (std::uint64_t i = 0; i < 20; ++i)
    write_line(++lines_, true);
  for (std::size_t i = 0; i < std::size(kHappenings); ++i)
    on_event();
}

void DemoLife::start(base::Duration events_every, base::Duration lines_every) {
  events_every_ = events_every;
  lines_every_ = lines_every;
  if (events_every_.count() > 0) event_timer_.arm(events_every_);
  if (lines_every_.count() > 0) line_timer_.arm(lines_every_);
}

void DemoLife::on_event() {
  const Happening& h = kHappenings[events_++ % std::size(kHappenings)];
  EventSpec spec;
  spec.ns = h.ns;
  spec.kind = h.kind;
  spec.object = h.object;
  spec.reason = h.reason;
  spec.type = h.type;
  spec.message = h.message;
  spec.legacy = events_ % 2 == 0;
  fresh_.emplace_back(h.ns, cluster_.emit(spec));
  if (fresh_.size() > kDemoEvents) {
    cluster_.delete_event(fresh_.front().first, fresh_.front().second);
    fresh_.pop_front();
  }
  if (events_every_.count() > 0) event_timer_.arm(events_every_);
}

void DemoLife::write_line(std::uint64_t n, bool to_all) {
  const std::string number = std::to_string(n);
  if (to_all || n % 2 == 0) {
    cluster_.log(kController.ns, kController.name, "manager",
                 R"({"level":"info","msg":"reconciled","controller":"clusterdeployment","round":)" +
                     number + "}");
  }
  if (to_all || n % 2 == 1) {
    cluster_.log(kPodinfo.ns, kPodinfo.name, "podinfo", "GET /healthz 200 request=" + number);
    cluster_.log(kPodinfo.ns, kPodinfo.name, "proxy", "upstream ok, request " + number);
  }
}

void DemoLife::on_line() {
  write_line(++lines_, false);
  line_timer_.arm(lines_every_);
}

}  // namespace sim
