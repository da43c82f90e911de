// RequestInfo: what a request to the API server asks for, read from its method, path and query as the API
// server reads them before it authorizes (k8s.io/apiserver, pkg/endpoints/request, RequestInfoFactory):
//
//   /api/V/… , /apis/G/V/…          a resource request; every other path is not one (/version, /apis/G/V)
//   /watch/… , /proxy/… after V     the deprecated prefixes are the verb themselves
//   …/namespaces/NS                 the resource is namespaces, and both `ns` and `name` are NS
//   …/namespaces/NS/status          a subresource of it; so is finalize, everything else is a resource in NS
//   …/PLURAL/NAME/SUB[/…]           what follows SUB is not interpreted
//   GET without a name              watch with watch=true, else list; fieldSelector=metadata.name=N gives `name`
//   DELETE without a name           deletecollection
//
// The path is percent-decoded first, as the API server's HTTP library does, so that an escape cannot
// hide a segment. A policy that is asked about a RequestInfo decides about the request that is executed.
#pragma once

#include <string>
#include <string_view>

namespace kube {

struct RequestInfo {
  // get, list, watch, create, update, patch, delete, deletecollection, proxy; the method in lower case
  // when `is_resource` is false; "" for a method that the API server does not know.
  std::string verb;
  std::string group, version, resource, subresource, ns, name;
  bool is_resource = false;
  // dryRun=All in the query, or in the DeleteOptions of a DELETE with a body, which replace the query.
  bool dry_run = false;
  std::string field_manager;  // fieldManager of the query
  // The path has an escape that does not decode, or an empty, "." or ".." segment between others: a
  // proxy on the way may read it otherwise. Refuse it.
  bool odd_path = false;

  // Whether the request can change nothing: its verb is get, list or watch (or, for what is not a
  // resource, the method GET or HEAD).
  bool reads() const;
  // "secrets", "deployments.apps", "deployments.apps/scale"
  std::string resource_text() const;
};

// `path`: without the cluster's prefix; a '?' in it ends it. `body`: the request's.
RequestInfo request_info(std::string_view method, std::string_view path, std::string_view query,
                         std::string_view body = {});

}  // namespace kube
