// Task: a tool call that goes on after its request was answered (the modern era's extension
// io.modelcontextprotocol/tasks, specification 2026-07-28). The client polls it with tasks/get or
// listens for its changes (listen.h), answers its questions with tasks/update, and can end it with
// tasks/cancel.
//
//   status          means                                      left by
//   working         a round of the tool runs, or is about to   its end → any other;
//                                                              cancel() → cancelled
//   input_required  the tool asks the client                   take(), all answered → working;
//                                                              cancel() → cancelled
//   completed       has the tool's result, also with isError   (final)
//   failed          has a JSON-RPC error                       (final)
//   cancelled       by the client, shutdown, age, or because   (final)
//                   its token ended while it worked
// At shutdown, and when its token ends, a tool may still complete its task with what it has done. A
// task that waits for answers depends on no token: the next one comes with them.
//
// kTaskTime after its last status change or progress report a task is forgotten, whatever its
// status; one that is not over is cancelled first. When there is no room for another task, the
// oldest one whose client has seen its end is forgotten earlier.
//
// A task exists in this process only: with several replicas, route by Mcp-Name, which is its id.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "mcp/shared/core.h"
#include "mcp/tool.h"

namespace mcp::modern {

class TaskTable;

// Long enough for a client to come back after its laptop slept.
constexpr base::Duration kTaskTime = base::hours(1);
// The interval at which clients are asked to poll (pollIntervalMs).
constexpr base::Duration kTaskPoll = base::seconds(1);
constexpr std::size_t kTaskMessageBytes = 1024;  // limit on statusMessage

class Task final : private ToolReply {
 public:
  struct Begin {
    Caller caller;
    ClientCapabilities client;
    Answers answers;
    std::string arguments_json;  // "": the call had none
  };
  // `core`, `table` and `tool` must outlive this. The first round begins in a later turn. Requires:
  // the table has room for the arguments.
  Task(shared::State& core, TaskTable& table, Tool& tool, std::string id, Begin begin);
  // Reports nothing, whatever its status.
  ~Task() override;
  // Call it before you retire the task: its bytes no longer count in the table. Requires: over().
  void leave();

  const std::string& id() const { return id_; }
  const std::string& identity() const { return caller_.identity; }
  Scope scope() const { return scope_of(tool_.info()); }  // that its caller's token needs
  bool expired(loop::TimePoint now) const { return heard_at_ + kTaskTime <= now; }
  bool over() const { return status_ > Status::input_required; }
  loop::TimePoint heard_at() const { return heard_at_; }
  // The client was sent its current status: if the task is over, it has seen the end.
  void seen() { seen_ = over(); }
  bool end_seen() const { return seen_; }

  // Writes members of an object: those that every answer about a task has (id, status, times).
  void write_members(base::json::Writer& w) const;
  // The same, and its result, error or inputRequests.
  void write_details(base::json::Writer& w) const;

  // Takes answers to the tool's questions from `caller`, whose token may be a newer one. Answers
  // without a question are ignored; if one has the wrong shape, none is taken.
  std::optional<RpcError> take(base::json::Value responses, Caller caller);
  // Ends the work at once; does nothing if the task is over. The message says what was done.
  void cancel(std::string_view reason);
  // The same, but the run may end the task itself, with a result (ToolRun::abandon).
  void abandon(std::string_view reason);

 private:
  enum class Status : unsigned char { working, input_required, completed, failed, cancelled };
  struct Asked {
    std::string wire_key;  // unique over all rounds of the task
    Question question;
    bool answered = false;
  };
  struct End {
    Status status;
    std::string json;  // the result, or the error
    std::string message;
    shared::Outcome outcome;
  };
  static End failure(const RpcError& error);
  void begin_round();
  void end(End end);
  void change(Status status);
  void heard();
  void drop_inputs();
  bool lives() const { return status_ == Status::working; }
  void on_token_over(const shared::TokenEnd& end) { abandon(end.reason); }

  // ToolReply.
  const Caller& caller() const override { return caller_; }
  bool wants_progress() const override { return true; }
  void progress(const Progress& progress) override;
  void log(LogLevel, std::string_view) override {}
  void close_stream(base::Duration) override {}
  void elicitation_complete(std::string_view) override {}
  const ClientCapabilities& client() const override { return client_; }
  const Answers& answers() const override { return answers_; }
  void ask(std::vector<Question> questions, std::string state) override;
  void succeed(ToolResult result) override;
  void fail(ToolError error) override;
  void fail(RpcError error) override;

  shared::State& core_;
  TaskTable& table_;
  Tool& tool_;
  const std::string id_;
  Caller caller_;
  shared::TokenUse token_;
  ClientCapabilities client_;
  Answers answers_, next_answers_;
  std::string arguments_json_;
  Status status_ = Status::working;
  std::string message_;       // statusMessage, for people
  std::string outcome_json_;  // the result, or the error
  std::vector<Asked> asked_;  // the questions of this round
  int round_ = 0;
  bool seen_ = false;
  std::size_t bytes_ = 0;  // charged to the table
  // While it works: in the budget of calls, and among those of its class at once.
  base::Charge place_, paced_;
  const base::WallTime created_;
  base::WallTime heard_;
  const loop::TimePoint created_at_;
  loop::TimePoint heard_at_;
  std::unique_ptr<ToolRun> run_;
  loop::Deferred next_round_;
};

}  // namespace mcp::modern
