// Family: a family of k0rdent://HOST… resources about what is in a cluster. It parses the URI once
// for reads and subscriptions, and refuses a subscription to a namespace that is not allowed (a read
// is refused by the operation that it starts).
#pragma once

#include <memory>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "cluster/cluster.h"
#include "cluster/rpc_error.h"
#include "cluster/uri.h"
#include "mcp/resource.h"

namespace cluster {

// `Request`: what a URI asks for.
template <class Request>
class Family : public mcp::ResourceFamily {
 public:
  // `cluster` must outlive this. `host`: a literal.
  Family(Cluster& cluster, std::string_view host, mcp::ResourceInfo info)
      : cluster_(cluster), host_(host), info_(std::move(info)) {}

  const mcp::ResourceInfo& info() const final { return info_; }
  bool owns(std::string_view uri) const override { return is_resource_uri(uri, host_); }

  std::unique_ptr<mcp::ToolRun> read(const mcp::Caller& caller, std::string_view uri,
                                     mcp::ReadReply& reply) final {
    base::Result<Request> request = request_of(uri);
    if (!request) return fail(reply, request.error());
    auto run = start_read(*std::move(request), caller, reply);
    if (!run) return fail(reply, run.error());
    return *std::move(run);
  }

  std::unique_ptr<mcp::Feed> subscribe(mcp::Subscriber& subscriber) final {
    base::Result<Request> request = allowed_request(subscriber.uri());
    if (request) return follow(subscriber, *std::move(request));
    refuse(subscriber, request.error());
    return nullptr;
  }

  bool completes() const final { return true; }

 protected:
  virtual base::Result<Request> request_of(std::string_view uri) const = 0;
  // "": of no single namespace.
  virtual std::string_view ns_of(const Request& request) const = 0;
  // An error fails the read. nullptr: it is answered.
  virtual base::Result<std::unique_ptr<mcp::ToolRun>> start_read(Request request,
                                                                 const mcp::Caller& caller,
                                                                 mcp::ReadReply& reply) = 0;
  virtual std::unique_ptr<mcp::Feed> follow(mcp::Subscriber& subscriber, Request request) = 0;

  Cluster& cluster() const { return cluster_; }

 private:
  base::Result<Request> allowed_request(std::string_view uri) const {
    base::Result<Request> request = request_of(uri);
    if (!request || ns_of(*request).empty()) return request;
    if (auto ok = cluster_.filter.check(ns_of(*request)); !ok) return std::move(ok).error();
    return request;
  }
  static std::unique_ptr<mcp::ToolRun> fail(mcp::ReadReply& reply, const base::Error& error) {
    reply.fail(to_rpc(error));
    return nullptr;
  }

  Cluster& cluster_;
  const std::string_view host_;
  const mcp::ResourceInfo info_;
};

}  // namespace cluster
