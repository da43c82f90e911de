#include "mcp/modern/listen_table.h"

#include <memory>
#include <utility>

#include "base/check.h"

namespace mcp::modern {

ListenTable::~ListenTable() {
  CHECK(list_.empty());
}

void ListenTable::open(http::Reply reply, Caller caller, std::string id_json,
                       const ListenFilter& filter) {
  list_
      .add(std::make_unique<Listen>(core_, *this, std::move(reply), std::move(caller),
                                    std::move(id_json)))
      .start(filter);
}

void ListenTable::remove(Listen& listen) {
  core_.loop.retire(list_.take(listen));
}

void ListenTable::list_changed(ListChange which) {
  for_each([&](Listen& listen) { listen.list_changed(which); });
}

void ListenTable::task_changed(const Task& task) {
  for_each([&](Listen& listen) { listen.task_changed(task); });
}

void ListenTable::abandon_all() {
  for_each([](Listen& listen) { listen.abandon(); });
}

base::Payload ListenTable::tagged(const base::Payload& frame, std::string_view id_json) {
  const bool kept = last_id_ == id_json && !last_frame_.empty() &&
                    last_frame_.view().data() == frame.view().data();
  if (!kept) {
    last_frame_ = frame;
    last_id_ = id_json;
    last_tagged_ = tagged_frame(frame, id_json);
  }
  return last_tagged_;
}

}  // namespace mcp::modern
