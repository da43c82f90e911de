#include "change/failure.h"

#include <string_view>

#include "base/json.h"
#include "change/answer.h"
#include "cluster/refusal.h"

namespace change {

using Result = kube::WriteOutcome::Result;

namespace {

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

// What k0rdent's CRDs and Kubernetes refuse to change: the way on is never to delete and create.
std::string advice(const kube::Failure& failure) {
  if (failure.message.find("immutable") == std::string::npos) return {};
  return "; this field cannot be changed: make a new object under another name, then switch to it";
}

std::string conflict_text(const Step& step, const Tried& tried, bool force) {
  std::string text =
      "conflict: other managers own fields of " + object_text(step) + ", nothing was written:";
  for (const kube::FieldConflict& each : tried.conflicts)
    text += "\n  " + each.field + " (owner: " + each.manager + ")";
  if (!force)
    return text +
           "\nWays on: leave the object as it is; or change these fields where their owner has "
           "them, or with objects.apply, which can take them over.";
  return text +
         "\nWays on: leave these fields out and change the rest; or take them over with force: "
         "true, if their owner agrees to lose them (it may set them back); or leave the object as "
         "it is.";
}

}  // namespace

std::string refused_text(const Plan& plan, const std::vector<Tried>& tried, std::size_t i,
                         bool force) {
  const Step& step = plan.steps[i];
  std::string text = tried[i].conflicts.empty()
                         ? failure_of(step, *tried[i].failure) + advice(*tried[i].failure)
                         : conflict_text(step, tried[i], force);
  for (const std::string& warning : tried[i].warnings)
    text += "\nwarning of the API server: " + warning;
  if (i > 0) text += "\n(tried by dry run: nothing was written)";
  return text;
}

std::string made_text(const Plan& plan, const std::vector<Tried>& tried,
                      const std::vector<kube::WriteOutcome>& written) {
  std::string made, back;
  for (std::size_t i = 0; i < written.size(); ++i) {
    const Step& step = plan.steps[i];
    if (tried[i].exists && tried[i].diff.empty() && step.verb != Verb::remove)
      continue;  // it was as it was to be
    const bool is_new = written[i].result == Result::created;
    made += "\n  " +
            std::string(is_new                                  ? "created "
                        : written[i].result == Result::changed  ? "changed "
                        : written[i].result == Result::accepted ? "deletion begun of "
                                                                : "deleted ") +
            object_text(step);
    if (!is_new) continue;
    std::string call;
    base::json::Writer w(call);
    w.begin_object().field("kind", step.what.text()).field_if("namespace", step.ns);
    w.field("name", step.name).end_object();
    back.insert(0, call.append(" "));  // what was made last goes first
  }
  if (!back.empty())
    made += "\nThe way back: k0rdent.mgmt.objects.delete with " + back + "for what was created";
  return made;
}

std::string unmade_text(const Plan& plan, const std::vector<Tried>& tried,
                        const std::vector<kube::WriteOutcome>& written,
                        const kube::WriteOutcome& outcome) {
  const Step& step = plan.steps[written.size()];
  std::string text;
  if (outcome.result == Result::ambiguous) {
    text = "cannot know whether this was made: " + outcome.failure->message + "; look at " +
           object_text(step) + " before trying again";
  } else {
    text = "not made: " + (outcome.failure ? failure_of(step, *outcome.failure) : std::string());
  }
  for (const std::string& warning : outcome.warnings)
    text += "\nwarning of the API server: " + warning;
  if (const std::string made = made_text(plan, tried, written); !made.empty())
    text += "\nThese were made before:" + made;
  return text;
}

}  // namespace change
