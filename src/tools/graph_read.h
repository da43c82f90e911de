// GraphRead: one look at the graph for a reader, as a subscriber that wants nothing but the moment
// when the graph is whole: it joins the identity's watch, or starts one that goes a few seconds
// after the last has left it.
#pragma once

#include <memory>
#include <string>

#include "base/delegate.h"
#include "mcp/resource.h"
#include "tools/graph_manager.h"
#include "tools/watch_feed.h"

namespace tools {

class GraphRead final : private mcp::Subscriber {
 public:
  // Once, maybe inside start(): an error, or the watch to read from, inside the call only.
  using Fn = base::Delegate<void(const mcp::RpcError*, const GraphWatch*)>;
  GraphRead(GraphManager& manager, const mcp::Caller& caller, Fn fn)
      : manager_(manager), caller_(caller), fn_(fn) {}
  // The kinds that `filter` asks for are waited for, too.
  void start(const GraphFilter& filter);

 private:
  class Feed;
  const mcp::Caller& caller() const override { return caller_; }
  const std::string& uri() const override { return uri_; }
  void accepted() override;
  void refused(mcp::RpcError error) override;
  bool publish(const base::Payload&) override { return true; }  // notices; nobody is there to hear
  void ended() override {}

  GraphManager& manager_;
  mcp::Caller caller_;
  Fn fn_;
  std::string uri_;
  GraphWatch* watch_ = nullptr;
  std::unique_ptr<WatchFeed> feed_;
};

}  // namespace tools
