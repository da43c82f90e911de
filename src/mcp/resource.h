// What a resource author writes: a ResourceFamily (one resource, or all that a URI template
// describes), runs that read one of them, and feeds that tell a subscriber of its changes. What is
// on offer is one line each in the application's list.
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

namespace mcp {

// Shown by resources/templates/list when it has a template, by resources/list when it has a URI; a
// family may have both (a resource, and the parameters it takes).
struct ResourceInfo {
  std::string uri_template;  // k0rdent://events/{namespace} (RFC 6570); "" : none
  std::string name, title, description, mime_type;
  std::string uri = {};  // k0rdent://watches; "" : none
  std::vector<Icon> icons = {};
  Annotations annotations = {};
  std::optional<std::uint64_t> size = {};  // bytes, of the one with the URI
  std::string meta_json = {};              // _meta, an object; "" : none
};

class ReadReply : public CallContext {
 public:
  virtual void succeed(ResourceContent content) = 0;  // uri: as requested
  // fail(RpcError): data.uri is added.
};

// One subscription of one session, as a feed sees it. Outlives its feed.
class Subscriber {
 public:
  virtual ~Subscriber() = default;
  virtual const Caller& caller() const = 0;
  virtual const std::string& uri()
      const = 0;  // as subscribed, never made canonical: notifications carry it

  // The answer to resources/subscribe: exactly one of the two, once; also inside
  // ResourceFamily::subscribe. After refused() the feed is freed.
  virtual void accepted() = 0;
  virtual void refused(RpcError error) = 0;

  // Queues one frame made by update_frame(uri(), …). False, nothing queued: the session's queue is
  // full; on_room() says when to go on. Requires: accepted() was called. Frames published before
  // the answer to subscribe was sent follow it.
  virtual bool publish(const base::Payload& frame) = 0;
  // Nothing more will come (its last delta, saying why, was published): the session forgets the
  // subscription and frees the feed, later.
  virtual void ended() = 0;
};

// Destroying it unsubscribes, at once.
class Feed {
 public:
  virtual ~Feed() = default;
  virtual void on_room() = 0;  // publish() may be tried again
  // The same identity came with another token: from now on this one is used.
  virtual void on_credentials(const Caller& caller) = 0;
  // The token is no longer accepted, or the server is shutting down: publish a last delta that says
  // `reason`; the session frees the feed after.
  virtual void on_ending(std::string_view reason) = 0;
};

class ResourceFamily {
 public:
  virtual ~ResourceFamily() = default;
  virtual const ResourceInfo& info() const = 0;
  // Is the URI of this family (its scheme and host)? What is wrong with the rest is for read() and
  // subscribe() to say.
  virtual bool owns(std::string_view uri) const = 0;
  virtual std::unique_ptr<ToolRun> read(const Caller& caller, std::string_view uri,
                                        ReadReply& reply) = 0;
  // nullptr only when refused() was called inside. As it stands: refuses, for what never changes.
  virtual std::unique_ptr<Feed> subscribe(Subscriber& subscriber);

  // completion/complete of the template's variables.
  virtual bool completes() const { return false; }
  virtual std::unique_ptr<ToolRun> complete(const CompletionRequest& request,
                                            CompletionReply& reply);
};

// notifications/resources/updated with params {"_meta":{"delta":DELTA},"uri":URI} as one SSE frame,
// to be shared by all subscribers of that URI. Requires: `delta_json` is one line (compact JSON
// always is).
base::Payload update_frame(std::string_view uri, std::string_view delta_json);
// The same frame for a listen stream of the modern era: params._meta also names its subscription.
// Requires: `frame` is one of update_frame's.
base::Payload tagged_frame(const base::Payload& frame, std::string_view id_json);

}  // namespace mcp
