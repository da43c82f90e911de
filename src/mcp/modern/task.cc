#include "mcp/modern/task.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/log.h"
#include "base/text.h"
#include "mcp/input_request.h"
#include "mcp/modern/task_table.h"
#include "mcp/result.h"
#include "mcp/shared/answer.h"

namespace mcp::modern {

using base::json::Document;
using base::json::Value;
using base::json::Writer;

namespace {

constexpr std::string_view kStatus[] = {"working", "input_required", "completed", "failed",
                                        "cancelled"};

}  // namespace

Task::Task(shared::State& core, TaskTable& table, Tool& tool, std::string id, Begin begin)
    : core_(core),
      table_(table),
      tool_(tool),
      id_(std::move(id)),
      caller_(std::move(begin.caller)),
      token_(shared::TokenUse::LivesFn::bind<&Task::lives>(this),
             shared::TokenUse::OverFn::bind<&Task::on_token_over>(this)),
      client_(begin.client),
      answers_(std::move(begin.answers)),
      arguments_json_(std::move(begin.arguments_json)),
      bytes_(arguments_json_.size()),
      place_(core.budgets().calls),
      paced_(core.pace.at_once(shared::class_of(tool))),
      created_(core.loop.wall_now()),
      heard_(created_),
      created_at_(core.loop.now()),
      heard_at_(created_at_),
      next_round_(core.loop, "task round", loop::Deferred::Fn::bind<&Task::begin_round>(this)) {
  caller_.tool = tool_.info().name;
  CHECK(table_.hold(bytes_));
  place_.force(1, shared::counted_owner(caller_));
  paced_.force(1, shared::counted_owner(caller_));
  ++core_.calls;
  core_.recheck.hold(token_, caller_);
  next_round_.schedule();
}

Task::~Task() {
  if (status_ == Status::working) --core_.calls;
  if (bytes_ > 0) table_.release(bytes_);
}

void Task::leave() {
  CHECK(over());
  table_.release(std::exchange(bytes_, 0));
}

void Task::begin_round() {
  ++round_;
  Document doc;
  Value arguments;
  if (!arguments_json_.empty()) {
    const auto parsed = doc.parse(arguments_json_);
    CHECK(parsed);  // made by to_json()
    arguments = *parsed;
  }
  auto run = tool_.begin(arguments, *this);
  if (status_ == Status::working) {
    run_ = std::move(run);
  } else {
    core_.loop.retire(std::move(run));
  }
}

// ---- status

void Task::heard() {
  heard_ = core_.loop.wall_now();
  heard_at_ = core_.loop.now();
}

void Task::change(Status status) {
  if (status_ == Status::working) --core_.calls;
  if (status == Status::working) ++core_.calls;
  const std::size_t n = status == Status::working ? 1 : 0;
  place_.set(n, shared::counted_owner(caller_));
  paced_.set(n, shared::counted_owner(caller_));
  status_ = status;
  heard();
  core_.changed();
  table_.changed(*this);
}

void Task::end(End end) {
  drop_inputs();
  if (!table_.hold(end.json.size())) {
    end = failure({RpcCode::internal_error, "there is no room to keep the result", {}});
  } else {
    bytes_ = end.json.size();
  }
  outcome_json_ = std::move(end.json);
  message_ = std::move(end.message);
  const base::Duration took = core_.loop.now() - created_at_;
  core_.requests.tool_ended(tool_.info().name, end.outcome, took);
  LOG_DEBUG("task over", {"name", tool_.info().name}, {"outcome", shared::to_string(end.outcome)},
            {"ms", base::to_ms(took)});
  change(end.status);
  core_.loop.retire(std::move(run_));
}

// Frees what only rounds need.
void Task::drop_inputs() {
  token_.drop();
  table_.release(std::exchange(bytes_, 0));
  arguments_json_ = {};
  caller_.bearer = {};
  answers_ = next_answers_ = {};
  asked_.clear();
  message_.clear();
}

void Task::cancel(std::string_view reason) {
  if (over()) return;
  std::string why(reason);
  if (const std::string done = run_ ? run_->so_far() : std::string(); !done.empty()) {
    LOG_INFO("task cancelled", {"name", tool_.info().name}, {"so_far", done});
    why.append("; ").append(done);
  }
  if (!asked_.empty()) why = unanswered_text(std::move(why), asked_.front().question);
  next_round_.cancel();
  run_.reset();
  end({Status::cancelled, {}, base::printable(why, kTaskMessageBytes), shared::Outcome::cancelled});
}

void Task::abandon(std::string_view reason) {
  if (status_ == Status::working && run_) run_->abandon(reason);
  cancel(reason);
}

// ---- called by a round

void Task::progress(const Progress& progress) {
  if (status_ != Status::working) return;
  if (!progress.message.empty()) message_ = base::printable(progress.message, kTaskMessageBytes);
  heard();
}

void Task::ask(std::vector<Question> questions, std::string state) {
  CHECK(!questions.empty());
  if (status_ != Status::working) return;
  for (const Question& question : questions) {
    if (!question.fits(client_)) return fail(missing_capability(question));
  }
  next_answers_ = {};
  next_answers_.state = std::move(state);
  asked_.clear();
  for (Question& question : questions) {
    // A client takes a key that it has already answered for the same question: keys must differ.
    CHECK(question.key.find('#') == std::string::npos);
    std::string key = question.key;
    if (round_ > 1) key.append("#").append(std::to_string(round_));
    asked_.push_back({std::move(key), std::move(question), false});
  }
  message_.clear();
  change(Status::input_required);
  core_.loop.retire(std::move(run_));
}

void Task::succeed(ToolResult result) {
  if (status_ != Status::working) return;
  end({Status::completed, tool_result_json(result, Version::v2026_07_28), {}, shared::Outcome::ok});
}

void Task::fail(ToolError error) {
  if (status_ != Status::working) return;
  end({Status::completed, tool_error_json(error.message), {}, shared::Outcome::tool_error});
}

void Task::fail(RpcError error) {
  if (status_ == Status::working) end(failure(error));
}

Task::End Task::failure(const RpcError& error) {
  End end{Status::failed,
          {},
          base::printable(error.message, kTaskMessageBytes),
          shared::Outcome::error};
  Writer w(end.json);
  w.begin_object().field("code", static_cast<int>(error.code)).field("message", error.message);
  if (!error.data_json.empty()) w.key("data").raw(error.data_json);
  w.end_object();
  return end;
}

// ---- the client's answers

std::optional<RpcError> Task::take(Value responses, Caller caller) {
  if (status_ != Status::input_required) return std::nullopt;
  const shared::Full full = shared::State::room_in(core_.budgets().calls, caller);
  if (full != shared::Full::no) return shared::full_error(full, shared::kCallsAre);
  const shared::Class which = shared::class_of(tool_);
  if (!core_.pace.has_room(shared::counted_owner(caller), which))
    return shared::at_once_error(which);
  Answers answers = next_answers_;
  std::vector<Asked*> answered;
  std::size_t bytes = 0;
  for (Asked& asked : asked_) {
    const Value given = responses[asked.wire_key];
    if (!given || asked.answered) continue;
    if (!answers.add(asked.question.key, asked.question.kind, given)) {
      return RpcError{
          RpcCode::invalid_params,
          "params.inputResponses[\"" + asked.wire_key + "\"] does not have the required form",
          {}};
    }
    bytes += given.to_json().size();
    answered.push_back(&asked);
  }
  if (!table_.hold(bytes)) {
    return RpcError{RpcCode::internal_error, "there is no room to keep the answers", {}};
  }
  bytes_ += bytes;
  for (Asked* asked : answered)
    asked->answered = true;
  next_answers_ = std::move(answers);
  caller.tool = std::move(caller_.tool);
  caller.client = std::move(caller_.client);
  caller_ = std::move(caller);
  core_.recheck.hold(token_, caller_);
  if (std::any_of(asked_.begin(), asked_.end(), [](const Asked& each) { return !each.answered; })) {
    heard();
    return std::nullopt;
  }
  asked_.clear();
  answers_ = std::exchange(next_answers_, {});
  change(Status::working);
  next_round_.schedule();
  return std::nullopt;
}

// ---- answers to the client

void Task::write_members(Writer& w) const {
  w.field("taskId", id_).field("status", kStatus[static_cast<int>(status_)]);
  w.field_if("statusMessage", message_);
  w.field("createdAt", base::format_rfc3339(created_, 3));
  w.field("lastUpdatedAt", base::format_rfc3339(heard_, 3));
  w.field("ttlMs", base::to_ms(heard_at_ - created_at_ + kTaskTime));
  w.field("pollIntervalMs", base::to_ms(kTaskPoll));
}

void Task::write_details(Writer& w) const {
  write_members(w);
  if (status_ == Status::completed) w.key("result").raw(outcome_json_);
  if (status_ == Status::failed) w.key("error").raw(outcome_json_);
  if (status_ != Status::input_required) return;
  w.key("inputRequests").begin_object();
  for (const Asked& asked : asked_) {
    if (asked.answered) continue;
    w.key(asked.wire_key);
    write_input_request(w, asked.question);
  }
  w.end_object();
}

}  // namespace mcp::modern
