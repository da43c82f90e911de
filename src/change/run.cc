#include "change/run.h"

#include <algorithm>
#include <utility>

#include "base/hash.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/time.h"
#include "change/answer.h"
#include "change/failure.h"
#include "change/weight.h"

namespace change {

namespace {

constexpr const char* kKey = "confirm";

// What the client asks its user.
struct Confirmation {
  bool confirm = false;
  static mcp::Fields fields() {
    return {mcp::field<&Confirmation::confirm>(
        {.name = "confirm", .title = "Make this change", .required = true})};
  }
};

}  // namespace

ChangeRun::ChangeRun(Context& context, std::string tool, CommonArguments arguments,
                     std::unique_ptr<Planner> planner, mcp::ToolReply& reply)
    : context_(context),
      tool_(std::move(tool)),
      arguments_(std::move(arguments)),
      planner_(std::move(planner)),
      reply_(reply),
      place_(context.room, Room::Place::Fn::bind<&ChangeRun::plan>(this)),
      dry_run_(context.cluster, DryRun::Fn::bind<&ChangeRun::on_tried>(this)),
      guard_(context.cluster, NameGuard::Fn::bind<&ChangeRun::on_guarded>(this)),
      late_(context.cluster, LateTry::Fn::bind<&ChangeRun::on_tried_late>(this)),
      write_(context.cluster, cluster::Write::Fn::bind<&ChangeRun::on_written>(this)),
      begin_(context.cluster.loop, "change", loop::Deferred::Fn::bind<&ChangeRun::begin>(this)) {
  begin_.schedule();
}

ChangeRun::~ChangeRun() = default;

void ChangeRun::fail(const std::string& text) {
  place_.release();
  reply_.fail(mcp::ToolError{"cluster " + context_.cluster.name + ": " + text});
}

// The object is taken to be as large as the wish.
void ChangeRun::begin() {
  if (take_room(2 * arguments_.given_bytes)) plan();
}

// False: it is answered, or plans when it has its turn.
bool ChangeRun::take_room(std::size_t bytes) {
  const mcp::Caller& caller = reply_.caller();
  const Room::Got got = place_.take(bytes, arguments_.given_bytes, mcp::counted_owner(caller));
  if (got == Room::Got::later) forget();
  if (got == Room::Got::none)
    fail("too many changes are at work or wait: nothing was written; call again in " +
         base::format_duration(base::limits::kFullRetryAfter));
  return got == Room::Got::room;
}

void ChangeRun::plan() {
  const std::string& name = context_.cluster.name;
  if (!arguments_.cluster.empty() && arguments_.cluster != name) {
    return fail("'cluster' is \"" + base::printable(arguments_.cluster, 128) +
                "\", but this server's cluster is \"" + name + "\": nothing was written");
  }
  planner_->start(reply_.caller(), Planner::Fn::bind<&ChangeRun::on_plan>(this));
}

void ChangeRun::on_plan(base::Result<Plan> plan) {
  if (!plan) return fail(plan.error().what());
  plan_ = *std::move(plan);
  if (plan_.steps.empty()) {
    if (plan_.status.empty()) plan_.status = "unchanged";
    return plan_.wait && !arguments_.dry_run ? after_writes() : succeed(plan_.status);
  }
  std::size_t held = 0;
  for (const Step& step : plan_.steps)
    held += step.body.size() + step.before.size();
  if (!take_room(held)) return;
  DryRun::Options as = options();
  as.fits = DryRun::Fits::bind<&ChangeRun::take_room>(this);
  dry_run_.start(reply_.caller(), plan_.steps, std::move(as));
}

// The objects that were read.
void ChangeRun::forget() {
  plan_ = {};
  dry_run_.clear();
}

void ChangeRun::again(const std::optional<kube::Failure>& why) {
  if (++rounds_ >= kRounds) {
    return fail(
        "another writer changes the object all the time, or the API server refuses it as a "
        "conflict: nothing was written; tried " +
        std::to_string(kRounds) + " times" + (why ? ", at last: " + why->message : std::string()));
  }
  begin_.schedule();
}

void ChangeRun::on_tried() {
  const std::vector<Tried>& tried = dry_run_.tried();
  if (dry_run_.failed()) {
    if (tried.back().stale) return again(tried.back().failure);
    return refuse_step(tried.size() - 1);
  }
  for (std::size_t i = 0; i < tried.size(); ++i) {
    if (!tried[i].conflicts.empty() && !arguments_.force) return refuse_step(i);
    if (tried[i].diff.takes_finalizer)
      return fail(
          "a finalizer is never removed by a tool: its controller removes it when its work is done, "
          "and what it was to clean up would stay behind; nothing was written");
  }
  guard_.start(reply_.caller(), plan_.steps, tried);
}

void ChangeRun::refuse_step(std::size_t i) {
  fail(refused_text(plan_, dry_run_.tried(), i, arguments_.can_force));
}

void ChangeRun::on_guarded(const std::string& problem) {
  if (!problem.empty()) return fail(problem);
  if (!plan_.checks || !context_.checks) return decide();
  check_ = context_.checks->make(plan_.steps, dry_run_.tried());
  check_->start(reply_.caller(), Check::Fn::bind<&ChangeRun::on_checked>(this));
}

void ChangeRun::on_checked(const std::string& problem) {
  if (!problem.empty()) return fail(problem);
  plan_.weight = std::max(plan_.weight, check_->weight());
  for (std::string& each : check_->notes())
    plan_.notes.push_back(std::move(each));
  for (const std::string& each : check_->consequences()) {
    plan_.consequences.push_back(each);
    plan_.bound.push_back(each);
  }
  decide();
}

// Everything that is confirmed.
std::string ChangeRun::digest() const {
  std::string all = tool_ + "\n" + context_.cluster.name + "\n" + (arguments_.force ? "f" : "-");
  for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
    const Step& step = plan_.steps[i];
    all += "\n" + step_text(step, dry_run_.tried()[i].exists) + "\n" + step.name + "\n" +
           step.field_manager + "\n" + std::to_string(static_cast<int>(step.propagation)) + "\n" +
           dry_run_.tried()[i].uid + "\n" + dry_run_.tried()[i].digest;
  }
  for (const std::string& each : plan_.bound)
    all += "\n" + each;
  return base::sha256_hex(all);
}

// What an apply does not do, though people expect it; what follows; and what could not be tried.
void ChangeRun::note_tried() {
  for (std::string& each : effects_of(plan_, dry_run_.tried()))
    plan_.consequences.push_back(std::move(each));
  for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
    const Tried& tried = dry_run_.tried()[i];
    if (!tried.waits_for.empty())
      plan_.notes.push_back(object_text(plan_.steps[i]) + " could not be tried, because " +
                            tried.waits_for +
                            " is made by this call: it is tried once that is there, just before it "
                            "is written");
    if (tried.updaters.empty() || tried.diff.empty()) continue;
    plan_.notes.push_back(object_text(plan_.steps[i]) + " has fields of " +
                          base::join(tried.updaters, ", ") +
                          ", which did not use server-side apply: what they set and this apply "
                          "leaves out stays");
  }
}

void ChangeRun::decide() {
  note_tried();
  if (dry_run_.empty()) return succeed("unchanged");
  const Weight weight = weight_of(plan_, dry_run_.tried(), arguments_.force);
  if (needs_confirmation(context_.confirm, weight) && !confirmed()) return;
  if (arguments_.dry_run) return succeed("dry_run");
  written_.clear();
  write_next();
}

// False: answered, or asked.
bool ChangeRun::confirmed() {
  const std::string now = digest();
  if (!approved_.empty()) {  // in a round before, of the same call
    if (approved_ == now) return true;
    ask_for_confirmation("the object has changed since the change was confirmed");
    return false;
  }
  // Where the client can ask its user, nothing else confirms: a token would go past the user. The
  // state of the question is such a token.
  std::string token = arguments_.confirm;
  if (reply_.client().elicit_form) {
    const mcp::Answers& answers = reply_.answers();
    const mcp::Elicited* given = answers.elicited(kKey);
    token = given ? answers.state : std::string();
    const auto content = given ? given->content<Confirmation>() : Confirmation();
    if (given && (!given->accepted() || !content || !content->confirm)) {
      succeed("declined");
      return false;
    }
  }
  if (token.empty() || arguments_.dry_run) {
    ask_for_confirmation({});
    return false;
  }
  const auto used = context_.confirmations.use(token, now, reply_.caller().identity,
                                               context_.cluster.loop.wall_now());
  if (!used) {
    ask_for_confirmation(used.error().what());
    return false;
  }
  approved_ = now;
  return true;
}

// By the user, if the client can ask; else the answer has a token for a second call. Nothing that
// comes out of the cluster confirms anything.
void ChangeRun::ask_for_confirmation(const std::string& why) {
  const std::string now = digest();
  if (!why.empty()) plan_.notes.push_back("not confirmed: " + why);
  const bool asks = reply_.client().elicit_form;
  if (asks && arguments_.dry_run) return succeed("dry_run");
  std::string token =
      context_.confirmations.token(now, reply_.caller().identity, context_.cluster.loop.wall_now());
  if (asks) {
    std::vector<mcp::Question> questions;
    questions.push_back(mcp::Question::form<Confirmation>(
        kKey, question_of(context_.cluster.name, plan_, dry_run_.tried())));
    place_.release();
    questions.back().unanswered =
        "nothing was written: without a user's answer this change is not made; call again to be "
        "asked again";
    return reply_.ask(std::move(questions), std::move(token));
  }
  token_ = std::move(token);
  succeed(arguments_.dry_run ? "dry_run" : "confirmation_required");
}

void ChangeRun::write_next() {
  const std::size_t i = written_.size();
  if (i == plan_.steps.size()) return after_writes();
  const Step& step = plan_.steps[i];
  const Tried& tried = dry_run_.tried()[i];
  if (tried.exists && tried.diff.empty() && step.verb != Verb::remove) {  // as it is to be
    kube::WriteOutcome same;
    same.result = kube::WriteOutcome::Result::changed;
    same.object = identity(tried.uid, tried.resource_version);
    written_.push_back(std::move(same));
    return write_next();
  }
  if (!tried.waits_for.empty()) return late_.start(reply_.caller(), step, options());
  write(step, tried);
}

void ChangeRun::write(const Step& step, const Tried& tried) {
  cluster::WriteQuery query = query_of(step, options(), &tried);
  if (tried.exists && step.verb != Verb::create) query.before = tried.before;
  if (auto ok = write_.start(reply_.caller(), std::move(query)); !ok) {
    kube::WriteOutcome refused;
    refused.failure = kube::Failure::from_error(ok.error());
    on_written(std::move(refused));
  }
}

void ChangeRun::on_tried_late() {
  const auto refusal = late_.refusal();
  if (!refusal) return write(late_.step(), late_.tried());
  kube::WriteOutcome refused;
  refused.warnings = late_.tried().warnings;
  refused.failure = *refusal;
  fail(unmade_text(plan_, dry_run_.tried(), written_, refused));
}

void ChangeRun::on_written(kube::WriteOutcome outcome) {
  if (outcome.ok()) {
    outcome.object = identity_of(outcome.object);
    written_.push_back(std::move(outcome));
    return write_next();
  }
  if (outcome.stale && written_.empty()) return again(outcome.failure);
  fail(unmade_text(plan_, dry_run_.tried(), written_, outcome));
}

// A wait may take half an hour.
void ChangeRun::let_go() {
  for (Step& step : plan_.steps) {
    std::string().swap(step.body);
    std::string().swap(step.before);
  }
  dry_run_.let_go();
  context_.cluster.loop.retire(std::move(planner_));
  place_.release();
}

void ChangeRun::after_writes() {
  if (!plan_.wait) return succeed(plan_.status);
  let_go();
  plan_.wait->start(reply_, Wait::Fn::bind<&ChangeRun::on_waited>(this));
}

void ChangeRun::on_waited(Wait::End end) {
  using Result = kube::WriteOutcome::Result;
  if (end.reached && !written_.empty() && written_.back().result == Result::accepted)
    written_.back().result = Result::deleted;
  waited_ = std::move(end);
  succeed(plan_.status);
}

// ---- ended from outside

bool ChangeRun::waiting() const {
  return plan_.wait && !waited_ && written_.size() == plan_.steps.size() &&
         (!written_.empty() || !plan_.status.empty());
}

std::string ChangeRun::so_far() const {
  if (write_.active())
    return unmade_text(plan_, dry_run_.tried(), written_, unanswered("the call has ended"));
  const std::string made = made_text(plan_, dry_run_.tried(), written_);
  return made.empty() ? "nothing was written" : "the write was made:" + made;
}

// A write that is under way: its answer will not be seen.
kube::WriteOutcome ChangeRun::unanswered(std::string_view why) {
  kube::WriteOutcome out;
  out.result = kube::WriteOutcome::Result::ambiguous;
  out.failure = kube::Failure::from_error(base::Error(
      base::Errc::cancelled, std::string(why) + " while the API server was executing it"));
  return out;
}

void ChangeRun::abandon(std::string_view reason) {
  const std::string why(reason);
  if (waiting()) {
    plan_.wait.reset();
    waited_ = Wait::End{false, "the wait for it was broken off: " + why +
                                   "; what was written stands: look at the object, or call again"};
    return succeed(plan_.status);
  }
  if (write_.active()) return fail(unmade_text(plan_, dry_run_.tried(), written_, unanswered(why)));
  const std::string made = made_text(plan_, dry_run_.tried(), written_);
  fail(made.empty() ? "not made: " + why + "; nothing was written: make this call again later"
                    : "only a part was made: " + why + "; these were made:" + made);
}

// `status` "": what became of the first step.
void ChangeRun::succeed(std::string_view status) {
  using Result = kube::WriteOutcome::Result;
  place_.release();
  Told told;
  told.status = status;
  if (status.empty()) {
    const Result result = written_.front().result;
    told.status = result == Result::created    ? "created"
                  : result == Result::changed  ? "updated"
                  : result == Result::accepted ? "deleting"
                                               : "deleted";
  }
  told.cluster = context_.cluster.name;
  told.identity = reply_.caller().identity;
  told.plan = &plan_;
  told.tried = &dry_run_.tried();
  told.written = &written_;
  told.token = token_;
  if (waited_) {
    told.waited = waited_->text;
    told.reached = waited_->reached;
  }
  reply_.succeed(answer_of(told));
}

}  // namespace change
