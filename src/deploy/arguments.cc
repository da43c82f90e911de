#include "deploy/arguments.h"

namespace deploy {

static mcp::Field volume_field() {
  return mcp::field<&Machines::root_volume_size>(
      {.name = "rootVolumeSize", .minimum = 0, .show_limits = false});
}
mcp::Fields AwsMachines::fields() {
  return {mcp::field<&Machines::instance_type>({.name = "instanceType", .required = true}),
          volume_field()};
}
mcp::Fields AzureMachines::fields() {
  return {mcp::field<&Machines::vm_size>({.name = "vmSize", .required = true}), volume_field()};
}
mcp::Fields GcpMachines::fields() {
  return {mcp::field<&Machines::instance_type>({.name = "instanceType", .required = true}),
          mcp::field<&Machines::image>({.name = "image"}), volume_field()};
}
mcp::Fields Network::fields() {
  return {mcp::field<&Network::name>({.name = "name", .required = true})};
}
mcp::Fields ServiceSource::fields() {
  using S = ServiceSource;
  return {
      mcp::field<&S::kind>({.name = "kind", .required = true, .one_of = {"ConfigMap", "Secret"}}),
      mcp::field<&S::name>({.name = "name", .required = true})};
}
mcp::Fields ServiceDependency::fields() {
  using S = ServiceDependency;
  return {mcp::field<&S::name>({.name = "name", .required = true}),
          mcp::field<&S::ns>({.name = "namespace"})};
}

}  // namespace deploy
