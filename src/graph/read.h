// Read: one read of the graph, as a guest that only wants the picture of the graph (model/picture.h)
// once that is whole: it joins the identity's watch, or starts one that lingers a few seconds after
// its last guest.
#pragma once

#include <memory>
#include <string>

#include "base/delegate.h"
#include "fanout/typed.h"
#include "graph/manager.h"
#include "graph/model/picture.h"
#include "graph/watch.h"

namespace graph {

class Read final : private fanout::GuestOf<Watch>, private Watch::Reader {
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
  const mcp::Caller& caller() const override { return caller_; }
  void on_accepted() override;
  void on_refused(mcp::RpcError error) override;
  void on_ended(std::string_view last) override;
  model::Picture& picture() override { return *picture_; }
  void on_drawn() override;
  void on_no_room() override;
  void finish(const mcp::RpcError* error, std::string* text);

  Manager& manager_;
  mcp::Caller caller_;
  Fn fn_;
  model::Query query_;
  model::Picture::Form form_ = model::Picture::Form::json;
  std::unique_ptr<model::Picture> picture_;
  bool done_ = false;
};

}  // namespace graph
