// Task: a tool call that goes on after its request was answered (the extension
// io.modelcontextprotocol/tasks of the modern era, its specification 2026-07-28). The client asks
// by tasks/get how it is or listens for it (listen.h), answers its questions by tasks/update, and
// may end it by tasks/cancel.
//
//   status          means                                      left by
//   working         a round of the tool runs, or is about to   its end → any; cancel() → cancelled
//   input_required  it asked                                   take(), all answered → working;
//                                                              cancel() → cancelled
//   completed       the tool's result, also one with isError   for good, these three
//   failed          a JSON-RPC error
//   cancelled       by the client, by shutdown, by its age
// kTaskTime after the last that was heard of it (a status, a progress message) it is forgotten,
// whatever its status: cancelled first, if it is not over. Where there is no room for another one
// it is forgotten earlier, if its client has seen its end.
//
// It lives in this process: who routes by Mcp-Name (its id) among replicas routes it well.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "mcp/core.h"
#include "mcp/tool.h"

namespace mcp {

class TaskTable;

// Long enough for a client to come back after its laptop slept.
constexpr base::Duration kTaskTime = base::hours(1);
// What clients are told to wait between two looks.
constexpr base::Duration kTaskPoll = base::seconds(1);
constexpr std::size_t kTaskMessageBytes = 1024;  // of statusMessage

class Task final : private ToolReply {
 public:
  struct Begin {
    Caller caller;
    ClientCapabilities client;
    Answers answers;
    std::string arguments_json;  // "" : none came
  };
  // All outlive it. The first round begins later. Requires: the table has room for the arguments.
  Task(Core& core, TaskTable& table, Tool& tool, std::string id, Begin begin);
  // Silently, whatever its status.
  ~Task() override;
  // Before it is retired: nothing of it counts in the table. Requires: over().
  void leave();

  const std::string& id() const { return id_; }
  const std::string& identity() const { return caller_.identity; }
  bool expired(loop::TimePoint now) const { return heard_at_ + kTaskTime <= now; }
  bool over() const { return status_ > Status::input_required; }
  loop::TimePoint heard_at() const { return heard_at_; }
  // Its client knows how it is, now, or needs not know any more.
  void seen() { seen_ = over(); }
  bool end_seen() const { return seen_; }

  // Members of an object. What every answer about it has: its id, status and times.
  void write_members(base::json::Writer& w) const;
  // The same and what came of it: result, error or inputRequests.
  void write_details(base::json::Writer& w) const;

  // Answers to what it asked, from `caller`, whose token may be a newer one. Those that nobody
  // asked for are ignored; if one has the wrong shape none is taken.
  std::optional<RpcError> take(base::json::Value responses, Caller caller);
  // Ends the work at once; nothing if it is over.
  void cancel(std::string_view reason);

 private:
  enum class Status : unsigned char { working, input_required, completed, failed, cancelled };
  struct Asked {
    std::string wire_key;  // no two the same in a task's life
    Question question;
    bool answered = false;
  };
  struct End {
    Status status;
    std::string json;  // the result, or the error
    std::string message;
    Outcome outcome;
  };
  static End failure(const RpcError& error);
  void begin_round();
  void end(End end);
  void change(Status status);
  void heard();
  void drop_inputs();

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

  Core& core_;
  TaskTable& table_;
  Tool& tool_;
  const std::string id_;
  Caller caller_;
  ClientCapabilities client_;
  Answers answers_, next_answers_;
  std::string arguments_json_;
  Status status_ = Status::working;
  std::string message_;       // of the status, for people
  std::string outcome_json_;  // the result, or the error
  std::vector<Asked> asked_;  // in this round
  int round_ = 0;
  bool seen_ = false;
  std::size_t bytes_ = 0;  // held in the table
  const base::WallTime created_;
  base::WallTime heard_;
  const loop::TimePoint created_at_;
  loop::TimePoint heard_at_;
  std::unique_ptr<ToolRun> run_;
  loop::Deferred next_round_;
};

}  // namespace mcp
