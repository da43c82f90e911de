// The plan of serviceTemplates.install_from_catalog: in each namespace the HelmRepository of the chart
// and a ServiceTemplate, both by server-side apply, and neither where it is as it should be.
//
//   a HelmRepository of that name with another URL    refused: other templates use it
//   a ServiceTemplate of that name of another chart   refused: a template's spec cannot change
#pragma once

#include <memory>

#include "catalog/catalog.h"
#include "catalog/namespaced_planner.h"

namespace catalog {

// Both must outlive the planner.
std::unique_ptr<change::Planner> plan_install(change::Context& context, Catalog& catalog,
                                              InstallArguments arguments);

}  // namespace catalog
