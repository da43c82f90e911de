// The tools that the program offers, by name, in the order of tools/list.
export const TOOLS = [
  'k0rdent.mgmt.clusterDeployments.list',
  'k0rdent.mgmt.clusterDeployments.listAll',
  'k0rdent.mgmt.clusterTemplates.list',
  'k0rdent.mgmt.events.list',
  'k0rdent.mgmt.graph.snapshot',
  'k0rdent.mgmt.multiClusterServices.list',
  'k0rdent.mgmt.namespaces.list',
  'k0rdent.mgmt.objects.kinds',
  'k0rdent.mgmt.objects.list',
  'k0rdent.mgmt.podLogs.get',
  'k0rdent.mgmt.providers.list',
  'k0rdent.mgmt.providers.listCredentials',
  'k0rdent.mgmt.providers.listIdentities',
  'k0rdent.mgmt.serviceTemplates.list',
  'k0rdent.pods.list',
];
