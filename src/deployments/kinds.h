// The kinds behind a ClusterDeployment, and where a reference leads.
#pragma once

#include <string_view>

#include "base/json.h"
#include "cluster/collection.h"
#include "deployments/rows.h"

namespace deployments {

constexpr std::string_view kClusterApi = "cluster.x-k8s.io",
                           kClusterApiVersions = "v1beta2,v1beta1";

constexpr cluster::ListedKind kClusterTemplates = {"clustertemplates", kGroup, kVersions},
                              kCredentials = {"credentials", kGroup, kVersions},
                              kServiceSets = {"servicesets", kGroup, kVersions},
                              kHelmReleases = {"helmreleases", "helm.toolkit.fluxcd.io",
                                               "v2,v2beta2"},
                              kClusters = {"clusters", kClusterApi, kClusterApiVersions},
                              kMachineDeployments = {"machinedeployments", kClusterApi,
                                                     kClusterApiVersions},
                              kMachinePools = {"machinepools", kClusterApi, kClusterApiVersions},
                              kMachineSets = {"machinesets", kClusterApi, kClusterApiVersions},
                              kMachines = {"machines", kClusterApi, kClusterApiVersions},
                              kClusterSummaries = {"clustersummaries", "config.projectsveltos.io",
                                                   "v1beta1,v1alpha1"},
                              kSveltosClusters = {"sveltosclusters", "lib.projectsveltos.io",
                                                  "v1beta1,v1alpha1"},
                              kEvents = {"events", "", "v1"};

// Of {apiVersion or apiGroup, kind, …}: Cluster API requires of its kinds that the plural follows
// from the kind (contract "CRD naming"). Without a version the usual ones are looked for.
cluster::Collection collection_of(base::json::Value reference);
// "infrastructure.cluster.x-k8s.io".
std::string_view group_of(base::json::Value reference);

}  // namespace deployments
