#include "change/run.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/hash.h"
#include "base/text.h"
#include "change/answer.h"
#include "cluster/refusal.h"
#include "kinds/table.h"

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

std::string_view verb_word(const Step& step) {
  switch (step.verb) {
    case Verb::apply:
    case Verb::merge_patch:
      return "patch";
    case Verb::create:
      return "create";
    case Verb::remove:
      break;
  }
  return "delete";
}

std::string failure_of(const Step& step, const kube::Failure& failure) {
  return cluster::failure_text({verb_word(step), step.what, step.ns, step.name}, failure);
}

// Whether a change of k0rdent's own objects makes or replaces machines, or installs and uninstalls
// services: whichever tool makes it.
bool is_costly(const Step& step, const Tried& tried) {
  if (step.what.resource().group != kinds::kK0rdent) return false;
  constexpr std::string_view kWhole[] = {"Management", "Region", "Release", "AccessManagement"};
  if (std::find(std::begin(kWhole), std::end(kWhole), step.kind) != std::end(kWhole)) return true;
  const bool cluster = step.kind == "ClusterDeployment", many = step.kind == "MultiClusterService";
  if (cluster && !tried.exists) return true;
  for (const Change& each : tried.diff.changes) {
    const std::string_view path = each.path;
    for (const char* of :
         {".spec.config", ".spec.template", ".spec.credential", ".metadata.labels"})
      if (cluster && path.starts_with(of)) return true;
    if (many && tried.exists && path.starts_with(".spec.clusterSelector")) return true;
    // Another chart in place of a service's.
    const bool service = path.starts_with(".spec.serviceSpec.services[");
    if ((cluster || many) && service && path.ends_with("].template") &&
        each.kind == Change::Kind::changed)
      return true;
  }
  return false;
}

// A finalizer guards what its controller has still to do; without it that stays behind.
bool removes_finalizers(const Tried& tried) {
  for (const Change& each : tried.diff.changes)
    if (each.path.starts_with(".metadata.finalizers") && each.kind != Change::Kind::added &&
        each.takes)
      return true;
  return false;
}

// What k0rdent's CRDs and Kubernetes refuse to change: the way on is never to delete and create.
std::string advice(const kube::Failure& failure) {
  if (failure.message.find("immutable") == std::string::npos) return {};
  return "; this field cannot be changed: make a new object under another name, then switch to it";
}

}  // namespace

ChangeRun::ChangeRun(Context& context, std::string tool, CommonArguments arguments,
                     std::unique_ptr<Planner> planner, mcp::ToolReply& reply)
    : context_(context),
      tool_(std::move(tool)),
      arguments_(std::move(arguments)),
      planner_(std::move(planner)),
      reply_(reply),
      dry_run_(context.cluster, DryRun::Fn::bind<&ChangeRun::on_tried>(this)),
      guard_(context.cluster, NameGuard::Fn::bind<&ChangeRun::on_guarded>(this)),
      write_(context.cluster, cluster::Write::Fn::bind<&ChangeRun::on_written>(this)),
      begin_(context.cluster.loop, "change", loop::Deferred::Fn::bind<&ChangeRun::plan>(this)) {
  begin_.schedule();
}

ChangeRun::~ChangeRun() = default;

void ChangeRun::fail(const std::string& text) {
  reply_.fail(mcp::ToolError{"cluster " + context_.cluster.name + ": " + text});
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
  if (plan_.steps.empty()) return succeed(plan_.status.empty() ? "unchanged" : plan_.status);
  dry_run_.start(reply_.caller(), plan_.steps, options());
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
    return refuse_step(tried.back());
  }
  for (const Tried& each : tried) {
    if (!each.conflicts.empty() && !arguments_.force) return refuse_step(each);
    if (removes_finalizers(each))
      return fail(
          "a finalizer is never removed by a tool: its controller removes it when its work is done, "
          "and what it was to clean up would stay behind; nothing was written");
  }
  guard_.start(reply_.caller(), plan_.steps, tried);
}

void ChangeRun::on_guarded(const std::string& problem) {
  problem.empty() ? decide() : fail(problem);
}

// The API server's own words, or the conflict with the three ways on.
void ChangeRun::refuse_step(const Tried& tried) {
  const std::size_t i = static_cast<std::size_t>(&tried - dry_run_.tried().data());
  const Step& step = plan_.steps[i];
  std::string text;
  if (tried.conflicts.empty()) {
    text = failure_of(step, *tried.failure) + advice(*tried.failure);
  } else {
    text = "conflict: other managers own fields of " + object_text(step) + ", nothing was written:";
    for (const kube::FieldConflict& each : tried.conflicts)
      text += "\n  " + each.field + " (owner: " + each.manager + ")";
    text +=
        "\nWays on: leave these fields out and change the rest; or take them over with force: "
        "true, if their owner agrees to lose them (it may set them back); or leave the object as "
        "it is.";
  }
  for (const std::string& warning : tried.warnings)
    text += "\nwarning of the API server: " + warning;
  if (i > 0) text += "\n(tried by dry run: nothing was written)";
  fail(text);
}

Weight ChangeRun::weight() const {
  Weight out = plan_.weight;
  for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
    const Tried& tried = dry_run_.tried()[i];
    const bool takes = plan_.steps[i].verb == Verb::remove || tried.diff.removed > 0 ||
                       (arguments_.force && !tried.diff.empty());
    if (tried.exists && takes) out = Weight::destructive;
    if (out == Weight::ordinary && is_costly(plan_.steps[i], tried)) out = Weight::costly;
  }
  return out;
}

// Everything that is confirmed.
std::string ChangeRun::digest() const {
  std::string all = tool_ + "\n" + context_.cluster.name + "\n" + (arguments_.force ? "f" : "-");
  for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
    const Step& step = plan_.steps[i];
    all += "\n" + step_text(step, dry_run_.tried()[i].exists) + "\n" + step.field_manager + "\n" +
           std::to_string(static_cast<int>(step.propagation)) + "\n" + dry_run_.tried()[i].uid +
           "\n" + dry_run_.tried()[i].digest;
  }
  for (const std::string& each : plan_.bound)
    all += "\n" + each;
  return base::sha256_hex(all);
}

// What an apply does not do, though people expect it.
void ChangeRun::note_updaters() {
  for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
    const Tried& tried = dry_run_.tried()[i];
    if (tried.updaters.empty() || tried.diff.empty()) continue;
    plan_.notes.push_back(object_text(plan_.steps[i]) + " has fields of " +
                          base::join(tried.updaters, ", ") +
                          ", which did not use server-side apply: what they set and this apply "
                          "leaves out stays");
  }
}

void ChangeRun::decide() {
  note_updaters();
  if (dry_run_.empty()) return succeed("unchanged");
  if (needs_confirmation(context_.confirm, weight()) && !confirmed()) return;
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

std::string ChangeRun::question() const {
  std::string out = "Cluster " + context_.cluster.name + ": ";
  for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
    if (i > 0) out += ", ";
    out += step_text(plan_.steps[i], dry_run_.tried()[i].exists);
  }
  out += "?";
  for (const std::string& each : plan_.consequences)
    out += "\n" + each;
  constexpr std::size_t kShown = 20;  // a dialog is not a page
  std::size_t shown = 0, left = 0;
  for (const Tried& tried : dry_run_.tried()) {
    for (const Change& each : tried.diff.changes)
      shown++ < kShown ? (void)(out += "\n" + line_of(each)) : (void)++left;
    left += tried.diff.left_out;
  }
  if (left > 0) out += "\nand " + std::to_string(left) + " more changes";
  return out;
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
    questions.push_back(mcp::Question::form<Confirmation>(kKey, question()));
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
    same.object = step.before;
    written_.push_back(std::move(same));
    return write_next();
  }
  cluster::WriteQuery query = query_of(step, options(), &tried);
  if (auto ok = write_.start(reply_.caller(), std::move(query)); !ok) {
    kube::WriteOutcome refused;
    refused.failure = kube::Failure::from_error(ok.error());
    on_written(std::move(refused));
  }
}

void ChangeRun::on_written(kube::WriteOutcome outcome) {
  if (outcome.ok()) {
    written_.push_back(std::move(outcome));
    return write_next();
  }
  const Step& step = plan_.steps[written_.size()];
  if (outcome.stale && written_.empty()) return again(outcome.failure);
  std::string text;
  if (outcome.result == kube::WriteOutcome::Result::ambiguous) {
    text = "cannot know whether this was made: " + outcome.failure->message + "; look at " +
           object_text(step) + " before trying again";
  } else {
    text = "not made: " + (outcome.failure ? failure_of(step, *outcome.failure) : std::string());
  }
  for (const std::string& warning : outcome.warnings)
    text += "\nwarning of the API server: " + warning;
  if (!written_.empty()) {
    std::string made, back;
    for (std::size_t i = 0; i < written_.size(); ++i) {
      using Result = kube::WriteOutcome::Result;
      const Step& before = plan_.steps[i];
      if (dry_run_.tried()[i].exists && dry_run_.tried()[i].diff.empty() &&
          before.verb != Verb::remove)
        continue;  // it was as it was to be
      const bool is_new = written_[i].result == Result::created;
      made += "\n  " +
              std::string(is_new                                  ? "created "
                          : written_[i].result == Result::changed ? "changed "
                                                                  : "deleted ") +
              object_text(before);
      if (!is_new) continue;
      base::json::Writer w(back);
      w.begin_object().field("kind", before.what.text()).field_if("namespace", before.ns);
      w.field("name", before.name).end_object();
      back += " ";
    }
    if (!made.empty()) text += "\nThese were made before:" + made;
    if (!back.empty())
      text += "\nThe way back: k0rdent.mgmt.objects.delete with " + back + "for what was created";
  }
  fail(text);
}

void ChangeRun::after_writes() {
  if (!plan_.wait) return succeed({});
  plan_.wait->start(reply_, Wait::Fn::bind<&ChangeRun::on_waited>(this));
}

void ChangeRun::on_waited(Wait::End end) {
  using Result = kube::WriteOutcome::Result;
  if (end.reached && written_.back().result == Result::accepted)
    written_.back().result = Result::deleted;
  waited_ = std::move(end);
  succeed({});
}

// `status` "": what became of the first step.
void ChangeRun::succeed(std::string_view status) {
  using Result = kube::WriteOutcome::Result;
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
  if (waited_) told.waited = waited_->text;
  reply_.succeed(answer_of(told));
}

}  // namespace change
