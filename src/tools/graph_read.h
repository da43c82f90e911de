// GraphRead: one read of the graph, as a subscriber that only wants the picture of the graph
// (graph_picture.h) once that is whole: it joins the identity's watch, or starts one that lingers a
// few seconds after its last subscriber.
#pragma once

#include <memory>
#include <string>

#include "base/delegate.h"
#include "mcp/resource.h"
#include "tools/graph_manager.h"
#include "tools/graph_picture.h"
#include "tools/graph_watch.h"
#include "tools/watch_feed.h"

namespace tools {

class GraphRead final : private mcp::Subscriber, private GraphWatch::Reader {
 public:
  // Runs once, maybe inside start(), as the last statement: with an error, or with the picture,
  // nullptr when no object has the name asked for.
  using Fn = base::Delegate<void(const mcp::RpcError*, std::string* picture)>;
  GraphRead(GraphManager& manager, const mcp::Caller& caller, Fn fn)
      : manager_(manager), caller_(caller), fn_(fn) {}
  ~GraphRead() override;
  // Waits for the kinds that the query's filter requests, too.
  void start(GraphQuery query, GraphPicture::Form form);

 private:
  class Feed;
  const mcp::Caller& caller() const override { return caller_; }
  const std::string& uri() const override { return uri_; }
  void accepted() override;
  void refused(mcp::RpcError error) override;
  bool publish(const base::Payload&) override { return true; }  // notices: a read ignores them
  void ended() override;
  GraphPicture& picture() override { return *picture_; }
  void on_drawn() override;
  void on_no_room() override;
  void on_detach() { watch_ = nullptr; }
  void finish(const mcp::RpcError* error, std::string* text);

  GraphManager& manager_;
  mcp::Caller caller_;
  Fn fn_;
  std::string uri_;
  GraphQuery query_;
  GraphPicture::Form form_ = GraphPicture::Form::json;
  GraphWatch* watch_ = nullptr;
  std::unique_ptr<WatchFeed> feed_;
  std::unique_ptr<GraphPicture> picture_;
  bool done_ = false;
};

}  // namespace tools
