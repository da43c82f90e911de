// TaskTable: the tasks of the endpoint, found by id and caller; forgets those that are old.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/delegate.h"
#include "mcp/task.h"

namespace mcp {

// At once, those that are over too, which may lie for an hour; about 1 KiB each.
constexpr std::size_t kTasks = 4000;
constexpr std::size_t kTasksPerCaller = 1000;  // where nobody says who he is all are one
// What clients sent for them and what came of them, together.
constexpr std::size_t kTaskBytes = std::size_t{64} << 20;

class TaskTable {
 public:
  using Fn = base::Delegate<void(const Task&)>;
  // `core` outlives it. `changed`: told of each change of a task's status.
  TaskTable(Core& core, Fn changed);

  // nullptr: there is no room for one more.
  Task* add(Tool& tool, Task::Begin begin);
  // nullptr: there is none, or it is somebody else's.
  Task* find(std::string_view id, std::string_view identity);
  // Cancels and forgets all.
  void end_all(std::string_view reason);

  // The tasks'. Bytes that one keeps; false: there is no room for them.
  bool hold(std::size_t bytes);
  void release(std::size_t bytes) { bytes_ -= bytes; }
  void changed(const Task& task) { changed_(task); }

 private:
  void on_timer();
  bool make_room(std::size_t bytes);
  // The oldest one whose end was seen; false: there is none. `identity`: of those of this caller.
  bool forget_seen(const std::string* identity = nullptr);
  using Tasks = std::unordered_map<std::string, std::unique_ptr<Task>>;
  // The next one. It is freed at the end of the turn: its last run may still be there, and call.
  Tasks::iterator forget(Tasks::iterator at);
  Core& core_;
  Fn changed_;
  std::size_t bytes_ = 0;
  Tasks tasks_;
  loop::Timer timer_;
};

}  // namespace mcp
