// ListenTable: owns the open listen streams. They are never looked up by id: a stream is its
// connection, and several may have the same id.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/own_list.h"
#include "base/payload.h"
#include "mcp/modern/listen.h"
#include "mcp/modern/result.h"
#include "mcp/shared/core.h"

namespace mcp::modern {

class TaskTable;

class ListenTable final {
 public:
  // All must outlive this.
  ListenTable(shared::State& core, const ResultWriter& results, TaskTable& tasks)
      : core_(core), results_(results), tasks_(tasks) {}
  ~ListenTable();  // Requires: abandon_all() was called if there was a stream

  void open(http::Reply reply, Caller caller, std::string id_json, const ListenFilter& filter);
  void list_changed(ListChange which);
  void task_changed(const Task& task);
  void abandon_all();

  std::size_t size() const { return list_.size(); }
  // Calls fn(Listen&) for each; fn may end the stream.
  template <class Fn>
  void for_each(Fn fn) {
    list_.for_each(fn);
  }

  // For Listen. `frame` with the subscription id `id_json`; many clients use the same id, so the
  // last frame made is cached.
  base::Payload tagged(const base::Payload& frame, std::string_view id_json);
  const ResultWriter& results() const { return results_; }
  TaskTable& tasks() { return tasks_; }
  // The loop frees it at the end of the turn.
  void remove(Listen& listen);

 private:
  shared::State& core_;
  const ResultWriter& results_;
  TaskTable& tasks_;
  base::OwnList<Listen> list_;
  base::Payload last_frame_, last_tagged_;
  std::string last_id_;
};

}  // namespace mcp::modern
