// What a resource author writes: a ResourceFamily (one resource, or all that a URI template
// describes), runs that read one of them, and feeds that send a subscriber its changes. The
// application registers each family with one line.
//
//   resources/read        ResourceFamily::read() → a run, which ends the ReadReply
//   resources/subscribe   ResourceFamily::subscribe() → a Feed, which calls its Subscriber
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/payload.h"
#include "mcp/caller.h"
#include "mcp/completion.h"
#include "mcp/content.h"
#include "mcp/context.h"
#include "mcp/jsonrpc.h"
#include "mcp/need.h"

namespace mcp {

// In resources/templates/list when it has a template, in resources/list when it has a URI; a family
// may have both (a resource, and the parameters it takes).
struct ResourceInfo {
  std::string uri_template;  // k0rdent://events/{namespace} (RFC 6570); "": none
  std::string name, title, description, mime_type;
  std::string uri = {};  // k0rdent://watches; "": none
  std::vector<Icon> icons = {};
  Annotations annotations = {};
  std::optional<std::uint64_t> size = {};  // bytes of the resource with the URI
  std::string meta_json = {};              // _meta, an object; "": none
  Needs needs = {};                        // of reads, subscriptions and completions
  Scope scope = Scope::read;               // that a caller's token needs to read it or subscribe
};

class ReadReply : public CallContext {
 public:
  virtual void succeed(ResourceContent content) = 0;  // its uri is the requested one
  // fail(RpcError): data.uri is added.
};

// One subscription of one session, as a feed sees it. Outlives its feed.
class Subscriber {
 public:
  virtual ~Subscriber() = default;
  virtual const Caller& caller() const = 0;
  // The URI as the client sent it, never canonicalized: notifications repeat it.
  virtual const std::string& uri() const = 0;

  // The answer to resources/subscribe: call exactly one of the two, once; also allowed inside
  // ResourceFamily::subscribe. After refused() the feed is freed.
  virtual void accepted() = 0;
  virtual void refused(RpcError error) = 0;

  // Queues one frame made by update_frame(uri(), …). False: nothing was queued, because the
  // client's queue is full; on_room() follows when there is room. Requires: accepted() was called.
  // Frames published before the answer to subscribe was sent are sent after it.
  virtual bool publish(const base::Payload& frame) = 0;
  // The feed will publish nothing more; its last delta has said why. The subscription ends, and the
  // feed is freed later, not inside this call.
  virtual void ended() = 0;
};

// The source of one subscriber's updates. Its destructor unsubscribes at once.
class Feed {
 public:
  virtual ~Feed() = default;
  virtual void on_room() = 0;  // publish() may be tried again
  // The same identity sent another token: use this one from now on.
  virtual void on_credentials(const Caller& caller) = 0;
  // The token is no longer accepted, or the server is shutting down: publish a last delta that
  // contains `reason`. The feed is freed after that.
  virtual void on_ending(std::string_view reason) = 0;
};

class ResourceFamily {
 public:
  virtual ~ResourceFamily() = default;
  virtual const ResourceInfo& info() const = 0;
  // Does the URI belong to this family (by scheme and host)? read() and subscribe() report errors
  // in the rest of it.
  virtual bool owns(std::string_view uri) const = 0;
  // Starts one round; nullptr when it ended inside.
  virtual std::unique_ptr<ToolRun> read(const Caller& caller, std::string_view uri,
                                        ReadReply& reply) = 0;
  // nullptr only when refused() was called inside. The default refuses: for resources that never
  // change.
  virtual std::unique_ptr<Feed> subscribe(Subscriber& subscriber);

  // completion/complete for the template's variables.
  virtual bool completes() const { return false; }
  virtual std::unique_ptr<ToolRun> complete(const CompletionRequest& request,
                                            CompletionReply& reply);
};

// notifications/resources/updated with params {"_meta":{"delta":DELTA},"uri":URI} as one SSE frame,
// which all subscribers of that URI can share. Requires: `delta_json` is one line (compact JSON
// always is).
base::Payload update_frame(std::string_view uri, std::string_view delta_json);
// The same frame for a listen stream of the modern era: params._meta also has its subscription id.
// Requires: update_frame() made `frame`.
base::Payload tagged_frame(const base::Payload& frame, std::string_view id_json);

}  // namespace mcp
