// The kinds that descriptions are made of.
#pragma once

#include <string_view>

#include "cluster/collection.h"

namespace describe {

constexpr std::string_view kGroup = "k0rdent.mirantis.com", kVersions = "v1beta1,v1alpha1";

constexpr cluster::ListedKind kClusterTemplates = {"clustertemplates", kGroup, kVersions},
                              kServiceTemplates = {"servicetemplates", kGroup, kVersions},
                              kClusterTemplateChains = {"clustertemplatechains", kGroup, kVersions},
                              kServiceTemplateChains = {"servicetemplatechains", kGroup, kVersions},
                              kClusterDeployments = {"clusterdeployments", kGroup, kVersions},
                              kCredentials = {"credentials", kGroup, kVersions},
                              kServiceSets = {"servicesets", kGroup, kVersions},
                              kMultiClusterServices = {"multiclusterservices", kGroup, kVersions,
                                                       false},
                              kManagements = {"managements", kGroup, kVersions, false},
                              kReleases = {"releases", kGroup, kVersions, false},
                              kRegions = {"regions", kGroup, kVersions, false},
                              kAccessManagements = {"accessmanagements", kGroup, kVersions, false},
                              kStateManagementProviders = {"statemanagementproviders", kGroup,
                                                           kVersions, false},
                              kConfigMaps = {"configmaps", "", "v1"}, kPods = {"pods", "", "v1"};

}  // namespace describe
