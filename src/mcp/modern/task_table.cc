#include "mcp/modern/task_table.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/encoding.h"
#include "base/random.h"

namespace mcp::modern {

namespace {

constexpr std::size_t kIdBytes = 16;  // unguessable: without tokens, only the id protects a task
constexpr base::Duration kSweep = base::minutes(1);

}  // namespace

TaskTable::TaskTable(shared::State& core, Fn changed)
    : core_(core),
      changed_(changed),
      timer_(core.loop, "mcp tasks", loop::Timer::Fn::bind<&TaskTable::on_timer>(this)) {}

Task* TaskTable::add(Tool& tool, Task::Begin begin) {
  const auto theirs = std::count_if(tasks_.begin(), tasks_.end(), [&](const auto& each) {
    return each.second->identity() == begin.caller.identity;
  });
  if (static_cast<std::size_t>(theirs) >= kTasksPerCaller && !forget_seen(&begin.caller.identity)) {
    return nullptr;
  }
  if (tasks_.size() >= kTasks && !forget_seen()) return nullptr;
  if (!make_room(begin.arguments_json.size())) return nullptr;
  std::string id = base::hex(base::secure_bytes(kIdBytes));
  auto task = std::make_unique<Task>(core_, *this, tool, id, std::move(begin));
  if (!timer_.armed()) timer_.arm(kSweep);
  return tasks_.emplace(std::move(id), std::move(task)).first->second.get();
}

Task* TaskTable::find(std::string_view id, const Caller& caller) {
  const auto at = tasks_.find(std::string(id));
  const bool good = at != tasks_.end() && at->second->identity() == caller.identity &&
                    at->second->scope() <= caller.scope && !at->second->expired(core_.loop.now());
  return good ? at->second.get() : nullptr;
}

bool TaskTable::hold(std::size_t bytes) {
  if (!make_room(bytes)) return false;
  bytes_ += bytes;
  return true;
}

bool TaskTable::make_room(std::size_t bytes) {
  while (bytes_ + bytes > kTaskBytes) {
    if (!forget_seen()) return false;
  }
  return true;
}

bool TaskTable::forget_seen(const std::string* identity) {
  auto oldest = tasks_.end();
  for (auto at = tasks_.begin(); at != tasks_.end(); ++at) {
    const Task& task = *at->second;
    if (!task.end_seen() || (identity && task.identity() != *identity)) continue;
    if (oldest == tasks_.end() || task.heard_at() < oldest->second->heard_at()) oldest = at;
  }
  if (oldest == tasks_.end()) return false;
  forget(oldest);
  return true;
}

TaskTable::Tasks::iterator TaskTable::forget(Tasks::iterator at) {
  at->second->leave();
  core_.loop.retire(std::move(at->second));
  return tasks_.erase(at);
}

void TaskTable::end_all(std::string_view reason) {
  timer_.cancel();
  for (const auto& [id, task] : tasks_)
    task->abandon(reason);
  while (!tasks_.empty())
    forget(tasks_.begin());
}

void TaskTable::on_timer() {
  for (auto at = tasks_.begin(); at != tasks_.end();) {
    const bool old = at->second->expired(core_.loop.now());
    if (old) at->second->cancel("expired: no activity for too long");
    at = old ? forget(at) : std::next(at);
  }
  if (!tasks_.empty()) timer_.arm(kSweep);
}

}  // namespace mcp::modern
