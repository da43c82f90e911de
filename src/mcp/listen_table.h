// ListenTable: the listen streams that are open; owns them. Nothing is looked up here: a stream is
// its connection, and their ids may be the same.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/own_list.h"
#include "base/payload.h"
#include "mcp/core.h"
#include "mcp/listen.h"
#include "mcp/modern_result.h"

namespace mcp {

class TaskTable;

class ListenTable final {
 public:
  // All outlive it.
  ListenTable(Core& core, const ModernResult& results, TaskTable& tasks)
      : core_(core), results_(results), tasks_(tasks) {}
  ~ListenTable();  // Requires: abandon_all() was called if there was a stream

  void open(http::Reply reply, Caller caller, std::string id_json, const ListenFilter& filter);
  void list_changed(ListChange which);
  void task_changed(const Task& task);
  void abandon_all();

  std::size_t size() const { return list_.size(); }
  // `fn(Listen&)` for each; it may end it.
  template <class Fn>
  void for_each(Fn fn) {
    list_.for_each(fn);
  }

  // Listen's. `frame` with the tag of `id_json`: many clients use the same id, so the last one made
  // is kept.
  base::Payload tagged(const base::Payload& frame, std::string_view id_json);
  const ModernResult& results() const { return results_; }
  TaskTable& tasks() { return tasks_; }
  // Freed at the end of the turn.
  void remove(Listen& listen);

 private:
  Core& core_;
  const ModernResult& results_;
  TaskTable& tasks_;
  base::OwnList<Listen> list_;
  base::Payload last_frame_, last_tagged_;
  std::string last_id_;
};

}  // namespace mcp
