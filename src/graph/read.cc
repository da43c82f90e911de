#include "graph/read.h"

#include <utility>

#include "base/limits.h"
#include "base/time.h"

namespace graph {

Read::~Read() {
  if (watch()) watch()->drop_reader(*this);
  leave();
}

void Read::start(model::Query query, model::Picture::Form form) {
  query_ = std::move(query);
  form_ = form;
  mcp::RpcError error;
  Watch* watch = manager_.watch_for(caller_, query_.filter, error);
  if (!watch) return finish(&error, nullptr);
  watch->join(*this);
}

void Read::on_accepted() {
  picture_ = std::make_unique<model::Picture>(watch()->store(), query_, form_);
  watch()->add_reader(*this);
}

void Read::on_refused(mcp::RpcError error) {
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
void Read::on_ended(std::string_view) {
  const mcp::RpcError error{
      mcp::RpcCode::internal_error, "the watch of the graph ended while it was read", {}};
  finish(&error, nullptr);
}

}  // namespace graph
