#include "graph/read.h"

#include <utility>

#include "base/limits.h"
#include "base/time.h"

namespace graph {

class Read::Feed final : public fanout::Feed {
 public:
  Feed(Watch& watch, Read& read)
      : fanout::Feed(watch, static_cast<mcp::Subscriber&>(read)), read_(read) {}

 private:
  bool catch_up() override { return true; }
  void missed(const fanout::Delta&) override {}
  void on_detach() override { read_.on_detach(); }
  std::string delta_json(kube::watch::Change, std::string_view) const override { return {}; }
  std::string last_words(std::string_view) const override { return {}; }
  std::string_view dropped_advice() const override { return {}; }
  Read& read_;
};

Read::~Read() {
  if (watch_) watch_->drop_reader(*this);
}

void Read::start(model::Query query, model::Picture::Form form) {
  query_ = std::move(query);
  form_ = form;
  watch_ = manager_.watch_for(*this, query_.filter);
  if (!watch_) return;
  feed_ = std::make_unique<Feed>(*watch_, *this);
  watch_->join(*feed_);
}

void Read::accepted() {
  picture_ = std::make_unique<model::Picture>(watch_->store(), query_, form_);
  watch_->add_reader(*this);
}

void Read::refused(mcp::RpcError error) {
  finish(&error, nullptr);
}

void Read::on_drawn() {
  std::string text = picture_->take();
  finish(nullptr, picture_->empty() ? nullptr : &text);
}

void Read::on_no_room() {
  const mcp::RpcError error{mcp::RpcCode::internal_error,
                            "the server has no room for this answer now: try again in " +
                                base::format_duration(base::limits::kFullRetryAfter) +
                                ", or for less",
                            {}};
  finish(&error, nullptr);
}

void Read::finish(const mcp::RpcError* error, std::string* text) {
  if (!std::exchange(done_, true)) fn_(error, text);
}

// The watch may end before the picture is ready.
void Read::ended() {
  const mcp::RpcError error{
      mcp::RpcCode::internal_error, "the watch of the graph ended while it was read", {}};
  finish(&error, nullptr);
}

}  // namespace graph
