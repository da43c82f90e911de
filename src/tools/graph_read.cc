#include "tools/graph_read.h"

#include <utility>

#include "tools/graph_watch.h"

namespace tools {

class GraphRead::Feed final : public WatchFeed {
 public:
  using WatchFeed::WatchFeed;

 private:
  bool catch_up() override { return true; }
  void missed(const Delta&) override {}
  std::string delta_json(kube::Change, std::string_view) const override { return {}; }
  std::string last_words(std::string_view) const override { return {}; }
  std::string_view dropped_advice() const override { return {}; }
};

void GraphRead::start(const GraphFilter& filter) {
  watch_ = manager_.watch_for(*this, filter);
  if (!watch_) return;
  feed_ = std::make_unique<Feed>(*watch_, static_cast<mcp::Subscriber&>(*this));
  watch_->join(*feed_);
}

void GraphRead::accepted() {
  fn_(nullptr, watch_);
}

void GraphRead::refused(mcp::RpcError error) {
  fn_(&error, nullptr);
}

}  // namespace tools
