// The plan of serviceTemplates.delete: the ServiceTemplate of a chart version, where nothing uses it,
// and the HelmRepository that install_from_catalog made, where no other template or chart refers to
// it.
//
//   uses a ServiceTemplate   ClusterDeployments and ServiceTemplateChains of its namespace,
//                            MultiClusterServices of the cluster, and templates elsewhere that refer
//                            to its HelmChart (AccessManagement makes them)
//   cannot be known          refused: what uses it could not be read
//
// An app that is not in the catalog any more can still be deleted: the index is not read.
#pragma once

#include <memory>

#include "catalog/namespaced_planner.h"

namespace catalog {

// `context` must outlive the planner.
std::unique_ptr<change::Planner> plan_delete(change::Context& context, InstallArguments arguments);

}  // namespace catalog
