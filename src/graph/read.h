// Read: one read of the graph, as a subscriber that only wants the picture of the graph
// (model/picture.h) once that is whole: it joins the identity's watch, or starts one that lingers a
// few seconds after its last subscriber.
#pragma once

#include <memory>
#include <string>

#include "base/delegate.h"
#include "fanout/feed.h"
#include "graph/manager.h"
#include "graph/model/picture.h"
#include "graph/watch.h"
#include "mcp/resource.h"

namespace graph {

class Read final : private mcp::Subscriber, private Watch::Reader {
 public:
  // Runs once, maybe inside start(), as the last statement: with an error, or with the picture,
  // nullptr when no object has the name asked for.
  using Fn = base::Delegate<void(const mcp::RpcError*, std::string* picture)>;
  Read(Manager& manager, const mcp::Caller& caller, Fn fn)
      : manager_(manager), caller_(caller), fn_(fn) {}
  ~Read() override;
  // Waits for the kinds that the query's filter requests, too.
  void start(model::Query query, model::Picture::Form form);

 private:
  class Feed;
  const mcp::Caller& caller() const override { return caller_; }
  const std::string& uri() const override { return uri_; }
  void accepted() override;
  void refused(mcp::RpcError error) override;
  bool publish(const base::Payload&) override { return true; }  // notices: a read ignores them
  void ended() override;
  model::Picture& picture() override { return *picture_; }
  void on_drawn() override;
  void on_no_room() override;
  void on_detach() { watch_ = nullptr; }
  void finish(const mcp::RpcError* error, std::string* text);

  Manager& manager_;
  mcp::Caller caller_;
  Fn fn_;
  std::string uri_;
  model::Query query_;
  model::Picture::Form form_ = model::Picture::Form::json;
  Watch* watch_ = nullptr;
  std::unique_ptr<fanout::Feed> feed_;
  std::unique_ptr<model::Picture> picture_;
  bool done_ = false;
};

}  // namespace graph
