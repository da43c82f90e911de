// Finds what makes a pod the owner of its node in an object that is to be written, wherever it stands: in a pod,
// in the template of a workload of any kind, known or not, or in a volume.
//
//   hostNetwork, hostPID, hostIPC: true        securityContext.privileged: true
//   hostPath: {path: …}                        windowsOptions.hostProcess: true
//   capabilities.add with ALL, SYS_ADMIN, SYS_MODULE, SYS_PTRACE, SYS_RAWIO, DAC_READ_SEARCH or BPF
//
// (Pod Security Standards, "baseline", without what only weakens the pod's own isolation, such as
// sysctls or hostPort.)
#pragma once

#include <string>
#include <string_view>

namespace policy {

// The field's name ("privileged", "capabilities.add SYS_ADMIN"), or "". A body that is not a JSON object, such as
// a JSON patch, gives "a body that is not an object": what it changes is not known.
std::string node_field(std::string_view body);

}  // namespace policy
