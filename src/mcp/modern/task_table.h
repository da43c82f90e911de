// TaskTable: owns the endpoint's tasks, finds them by id and caller, and forgets old ones.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/delegate.h"
#include "mcp/modern/task.h"

namespace mcp::modern {

// Tasks at once, including those that are over, which are kept for an hour (kTaskTime); about 1 KiB
// each.
constexpr std::size_t kTasks = 4000;
constexpr std::size_t kTasksPerCaller = 1000;  // without tokens all clients are one caller
// Bytes of all tasks' arguments, answers and results together.
constexpr std::size_t kTaskBytes = std::size_t{64} << 20;

class TaskTable {
 public:
  using Fn = base::Delegate<void(const Task&)>;
  // `core` must outlive this. `changed`: called after each change of a task's status.
  TaskTable(shared::State& core, Fn changed);

  // nullptr: there is no room for one more.
  Task* add(Tool& tool, Task::Begin begin);
  // nullptr: there is none, it has expired, or it is another caller's.
  Task* find(std::string_view id, const Caller& caller);
  // Ends and forgets all.
  void end_all(std::string_view reason);

  // For the tasks. Charges bytes that a task keeps; false: there is no room for them.
  bool hold(std::size_t bytes);
  void release(std::size_t bytes) { bytes_ -= bytes; }
  void changed(const Task& task) { changed_(task); }

 private:
  void on_timer();
  bool make_room(std::size_t bytes);
  // Forgets the oldest task whose end its client has seen; false: there is none. `identity`:
  // considers this caller's only.
  bool forget_seen(const std::string* identity = nullptr);
  using Tasks = std::unordered_map<std::string, std::unique_ptr<Task>>;
  // Returns the next one. The loop frees the task at the end of the turn: its last run may still
  // exist, and use it.
  Tasks::iterator forget(Tasks::iterator at);
  shared::State& core_;
  Fn changed_;
  std::size_t bytes_ = 0;
  Tasks tasks_;
  loop::Timer timer_;
};

}  // namespace mcp::modern
