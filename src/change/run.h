// ChangeRun: a call of a writing tool, from its plan to its answer; the same for all of them.
//
//   planning    the tool's Planner reads and makes the steps
//   trying      each step by the API server's dry run; the diff; then the NameGuard, and for tools
//               of any kind the Checks. What needs a namespace or a kind that the same call makes
//               is tried when that is there, just before it is written (late_try.h)
//   deciding    dryRun asked for, nothing to change, a conflict, or no confirmation yet: the answer
//   writing     each step once, with the uid and resourceVersion that were looked at
//   waiting     the plan's Wait, if any
//
// A write that another writer was faster than (409) begins anew at planning, kRounds times: nothing
// of the other's is lost. If the change then is no longer the one that was confirmed, it is shown
// again.
//
// The real write is made of the wish, never of the dry run's answer.
//
// What the changes at work hold together is bounded (room.h): a large one waits for its turn before
// it plans; one that shows itself to be large when its object is read forgets that, waits, and plans
// anew. A change that waits for its end (waiting) has given its objects and its place back.
//
// A call that is ended from outside is answered with what became of the write: made (and only the
// wait is broken off), not made, or cannot know.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "change/arguments.h"
#include "change/check.h"
#include "change/context.h"
#include "change/dry_run.h"
#include "change/late_try.h"
#include "change/name_guard.h"
#include "change/plan.h"
#include "change/room.h"
#include "cluster/write.h"
#include "loop/loop.h"
#include "mcp/tool.h"

namespace change {

// Two writers that never pause take turns, so that each needs one round more at most for each of the
// other's writes.
constexpr int kRounds = 16;

class ChangeRun final : public mcp::ToolRun {
 public:
  // `tool`: its name. All must outlive it but `arguments`.
  ChangeRun(Context& context, std::string tool, CommonArguments arguments,
            std::unique_ptr<Planner> planner, mcp::ToolReply& reply);
  ~ChangeRun() override;
  void abandon(std::string_view reason) override;
  std::string so_far() const override;

 private:
  void begin();
  void plan();
  bool take_room(std::size_t bytes);
  void forget();
  void on_plan(base::Result<Plan> plan);
  void on_tried();
  void on_guarded(const std::string& problem);
  void on_checked(const std::string& problem);
  void note_tried();
  void decide();
  bool confirmed();
  void ask_for_confirmation(const std::string& why);
  void write_next();
  void on_tried_late();
  void write(const Step& step, const Tried& tried);
  void on_written(kube::WriteOutcome outcome);
  void after_writes();
  void let_go();
  void on_waited(Wait::End end);
  void again(const std::optional<kube::Failure>& why);
  void fail(const std::string& text);
  void refuse_step(std::size_t i);
  static kube::WriteOutcome unanswered(std::string_view why);
  bool waiting() const;
  void succeed(std::string_view status);
  std::string digest() const;
  DryRun::Options options() const { return {context_.field_manager, arguments_.force}; }

  Context& context_;
  const std::string tool_;
  const CommonArguments arguments_;
  std::unique_ptr<Planner> planner_;  // null: nothing is planned any more
  mcp::ToolReply& reply_;
  Plan plan_;
  int rounds_ = 0;
  std::string approved_;  // the digest that was confirmed
  std::string token_;     // for the answer
  std::vector<kube::WriteOutcome> written_;
  std::optional<Wait::End> waited_;
  Room::Place place_;
  DryRun dry_run_;
  NameGuard guard_;
  std::unique_ptr<Check> check_;
  LateTry late_;
  cluster::Write write_;
  loop::Deferred begin_;
};

}  // namespace change
