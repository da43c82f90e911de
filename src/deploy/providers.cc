// deploy in the words of aws, azure and gcp, as the original's tools have them: the friendly
// arguments become the template's config.
#include <string>
#include <string_view>
#include <utility>

#include "deploy/deploy_planner.h"

namespace deploy {

using base::json::Writer;
using change::wrong;

namespace {

// What the original filled in.
constexpr std::int64_t kControlPlanes = 3, kWorkers = 2;

struct Provider {
  std::string_view name;
  std::string_view size_key;    // of a machine: "instanceType"
  std::string_view volume_key;  // of its root volume: "rootVolumeSize"
  std::int64_t volume_gb;
};
// GCP's templates call it rootDeviceSize.
constexpr Provider kAws = {"aws", "instanceType", "rootVolumeSize", 32};
constexpr Provider kAzure = {"azure", "vmSize", "rootVolumeSize", 30};
constexpr Provider kGcp = {"gcp", "instanceType", "rootDeviceSize", 30};

void write_machines(Writer& w, std::string_view key, const Machines& machines,
                    const Provider& provider) {
  w.key(key).begin_object();
  w.field(provider.size_key,
          provider.size_key == "vmSize" ? machines.vm_size : machines.instance_type);
  const std::int64_t volume = machines.root_volume_size.value_or(0);
  w.field(provider.volume_key, volume == 0 ? provider.volume_gb : volume);
  w.field_if("image", machines.image).end_object();
}

base::Result<void> check_counts(const Arguments& arguments) {
  const std::int64_t control = arguments.control_plane_number.value_or(kControlPlanes);
  if (control != 0 && control % 2 == 0)
    return wrong("'controlPlaneNumber' must be odd, for etcd's majority; got " +
                 std::to_string(control));
  return {};
}

struct WantedMachines {
  const Provider& provider;
  const Machines& control_plane;
  const Machines& worker;
};

// `own` writes the members that only this provider has.
template <class Own>
PlannerResult plan(change::Context& context, Arguments arguments, const WantedMachines& wanted,
                   Own own) {
  const Provider& provider = wanted.provider;
  if (auto ok = check_counts(arguments); !ok) return std::move(ok).error();
  std::string config;
  Writer w(config);
  w.begin_object();
  own(w);
  const std::int64_t control = arguments.control_plane_number.value_or(0);
  w.field("controlPlaneNumber", control == 0 ? kControlPlanes : control);
  w.field("workersNumber", arguments.workers_number.value_or(kWorkers));
  write_machines(w, "controlPlane", wanted.control_plane, provider);
  write_machines(w, "worker", wanted.worker, provider);
  w.end_object();
  arguments.config.text = std::move(config);
  arguments.provider = arguments.template_name.empty() ? std::string(provider.name) : std::string();
  return plan_deploy(context, std::move(arguments));
}

}  // namespace

PlannerResult plan_aws(change::Context& context, Arguments arguments) {
  const Arguments given = arguments;
  return plan(context, std::move(arguments), {kAws, given.aws_control_plane, given.aws_worker},
              [&](Writer& w) { w.field("region", given.region); });
}

PlannerResult plan_azure(change::Context& context, Arguments arguments) {
  const Arguments given = arguments;
  return plan(context, std::move(arguments),
              {kAzure, given.azure_control_plane, given.azure_worker}, [&](Writer& w) {
                w.field("location", given.location).field("subscriptionID", given.subscription_id);
              });
}

PlannerResult plan_gcp(change::Context& context, Arguments arguments) {
  const Arguments given = arguments;
  return plan(context, std::move(arguments), {kGcp, given.gcp_control_plane, given.gcp_worker},
              [&](Writer& w) {
                w.field("project", given.project).field("region", given.region);
                w.key("network").begin_object().field("name", given.network.name).end_object();
              });
}

}  // namespace deploy
