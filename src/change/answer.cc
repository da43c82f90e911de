#include "change/answer.h"

#include "base/counted.h"
#include "base/text.h"

namespace change {

using base::json::Writer;

namespace {

constexpr std::string_view kOutput =
    R"("status":{"type":"string"},"cluster":{"type":"string"},)"
    R"("objects":{"type":"array","items":{"type":"object"}},)"
    R"("changes":{"type":"array","items":{"type":"object"}},)"
    R"("consequences":{"type":"array","items":{"type":"string"}},)"
    R"("confirm":{"type":"string"},"warnings":{"type":"array","items":{"type":"string"}},)"
    R"("notes":{"type":"array","items":{"type":"string"}})";

constexpr std::size_t kNameShown = 253;  // the longest name of an object of most kinds

// The lines of changes and their JSON, while there is room.
class Changes {
 public:
  // `object`: whose they are, if there are several; "": there is one.
  void add(const Diff& diff, const std::string& object) {
    bool named = object.empty();
    for (const Change& each : diff.changes) {
      if (json_.size() + text_.size() > kAnswerBytes / 2) {
        ++left_;
        continue;
      }
      if (!named) text_.append("  ").append(object).append(":\n");
      named = true;
      text_.append(object.empty() ? "  " : "    ").append(line_of(each)).append("\n");
      write(each, object);
    }
    left_ += diff.left_out;
  }
  void finish() {
    w_.end_array();
    if (left_ > 0) text_.append("  and ").append(base::counted(left_, "more change")).append("\n");
  }
  const std::string& json() const { return json_; }
  const std::string& text() const { return text_; }
  std::size_t left() const { return left_; }

 private:
  void write(const Change& change, const std::string& object) {
    w_.begin_object().field("change", to_string(change.kind)).field("path", change.path);
    if (!object.empty()) w_.field("object", object);
    // Cut values are no JSON any more: both are texts.
    w_.field_if("before", change.before).field_if("after", change.after);
    if (change.defaulted) w_.field("defaulted", true);
    if (!change.owners.empty()) {
      w_.key("owners").begin_array();
      for (const std::string& owner : change.owners)
        w_.string(owner);
      w_.end_array();
    }
    w_.end_object();
  }

  std::string json_, text_;
  Writer w_{json_};
  std::size_t left_ = (w_.begin_array(), std::size_t{0});
};

void write_strings(Writer& w, std::string_view key, const std::vector<std::string>& all) {
  if (all.empty()) return;
  w.key(key).begin_array();
  for (const std::string& each : all)
    w.string(each);
  w.end_array();
}

std::string_view action_of(const Told& told, std::size_t i) {
  using Result = kube::WriteOutcome::Result;
  if (!told.written || i >= told.written->size()) return {};
  switch ((*told.written)[i].result) {
    case Result::created:
      return "created";
    case Result::changed:
      return told.tried && i < told.tried->size() && (*told.tried)[i].diff.empty() ? "unchanged"
                                                                                   : "updated";
    case Result::accepted:
      return "deleting";
    case Result::deleted:
    case Result::already_gone:
      return "deleted";
    case Result::ambiguous:
      return "unknown";
    case Result::failed:
      break;
  }
  return "failed";
}

void write_objects(Writer& w, const Told& told) {
  w.key("objects").begin_array();
  base::json::Document doc;
  for (std::size_t i = 0; i < told.plan->steps.size(); ++i) {
    const Step& step = told.plan->steps[i];
    w.begin_object().field_if("kind", step.kind).field("resource", step.what.text());
    w.field_if("namespace", step.ns).field("name", step.name);
    w.field_if("action", action_of(told, i));
    std::string uid = told.tried && i < told.tried->size() ? (*told.tried)[i].uid : "", version;
    if (told.written && i < told.written->size()) {
      if (const auto now = doc.parse((*told.written)[i].object)) {
        uid = (*now)["metadata"]["uid"].str(uid);
        version = (*now)["metadata"]["resourceVersion"].str();
      }
    }
    w.field_if("uid", uid).field_if("resourceVersion", version).end_object();
  }
  w.end_array();
}

std::string headline(const Told& told) {
  std::string out = "cluster " + std::string(told.cluster) + ": ";
  std::string objects;
  for (std::size_t i = 0; i < told.plan->steps.size(); ++i) {
    const Step& step = told.plan->steps[i];
    if (!objects.empty()) objects += ", ";
    const std::string_view action = action_of(told, i);
    if (!action.empty()) objects.append(action).append(" ");
    objects += object_text(step);
  }
  if (told.status == "dry_run") out += "dry run, nothing was written: ";
  if (told.status == "confirmation_required") out += "nothing was written, confirmation needed: ";
  if (told.status == "declined") out += "declined, nothing was written: ";
  if (told.status == "unchanged") out += "nothing to change: ";
  if (told.status == "not_found") out += "not found, nothing was written";
  if (objects.empty() && out.ends_with(": ")) out.resize(out.size() - 2);
  return out + objects + " (for " + std::string(told.identity) + ")\n";
}

std::vector<std::string> consequences_of(const Told& told) {
  if (told.status == "unchanged") return {};
  std::vector<std::string> out = told.plan->consequences;
  if (told.status != "deleted")
    out.insert(out.end(), told.plan->while_there.begin(), told.plan->while_there.end());
  return out;
}

std::vector<std::string> warnings_of(const Told& told) {
  std::vector<std::string> out;
  const auto add = [&](const std::vector<std::string>& some) {
    for (const std::string& each : some) {
      bool known = false;
      for (const std::string& other : out)
        known = known || other == each;
      if (!known) out.push_back(each);
    }
  };
  if (told.tried)
    for (const Tried& each : *told.tried)
      add(each.warnings);
  if (told.written)
    for (const kube::WriteOutcome& each : *told.written)
      add(each.warnings);
  return out;
}

}  // namespace

std::string object_text(const Step& step) {
  // Some kinds take names with line ends in them.
  return step.what.text() + " " + (step.ns.empty() ? "" : step.ns + "/") +
         base::printable(step.name, kNameShown);
}

std::string step_text(const Step& step, bool exists) {
  const std::string_view verb = step.verb == Verb::remove ? "delete "
                                : exists                  ? "change "
                                                          : "create ";
  return std::string(verb) + object_text(step);
}

mcp::ToolResult answer_of(const Told& told) {
  std::string text = headline(told), json;
  Changes changes;
  if (told.tried) {
    for (std::size_t i = 0; i < told.tried->size(); ++i) {
      const bool several = told.plan->steps.size() > 1;
      changes.add((*told.tried)[i].diff, several ? object_text(told.plan->steps[i]) : "");
    }
  }
  changes.finish();
  text += changes.text();
  const std::vector<std::string> consequences = consequences_of(told);
  for (const std::string& each : consequences)
    text.append(each).append("\n");
  const std::vector<std::string> warnings = warnings_of(told);
  for (const std::string& each : warnings)
    text.append("warning of the API server: ").append(each).append("\n");
  for (const std::string& each : told.plan->notes)
    text.append("note: ").append(each).append("\n");
  if (!told.waited.empty()) text.append(told.waited).append("\n");
  if (!told.token.empty()) {
    text += told.status == "dry_run"
                ? "To make this change, ask the user, then call again without dryRun and with this "
                : "To make this change, ask the user, then call again with the same arguments and "
                  "this ";
    text += "\"confirm\" (good once, for 5 minutes):\n";
    text.append(told.token).append("\n");
  }
  Writer w(json);
  w.begin_object().field("status", told.status).field("cluster", told.cluster);
  for (const auto& [name, value] : told.plan->members)
    w.key(name).raw(value);
  write_objects(w, told);
  w.key("changes").raw(changes.json());
  write_strings(w, "consequences", consequences);
  write_strings(w, "warnings", warnings);
  write_strings(w, "notes", told.plan->notes);
  w.field_if("confirm", told.token);
  if (!told.waited.empty()) w.field("waited", told.waited).field("reached", told.reached);
  w.end_object();
  mcp::ToolResult result;
  result.content.push_back(mcp::Content::of_text(std::move(text)));
  result.structured_json = std::move(json);
  return result;
}

std::string identity(std::string_view uid, std::string_view version) {
  std::string out;
  Writer w(out);
  w.begin_object().key("metadata").begin_object();
  w.field_if("uid", uid).field_if("resourceVersion", version).end_object().end_object();
  return out;
}

std::string identity_of(const std::string& object) {
  base::json::Document doc;
  const auto whole = doc.parse(object.empty() ? "{}" : object);
  const base::json::Value metadata = whole ? (*whole)["metadata"] : base::json::Value();
  return identity(metadata["uid"].str(), metadata["resourceVersion"].str());
}

std::string question_of(std::string_view cluster, const Plan& plan,
                        const std::vector<Tried>& tried) {
  std::string out = "Cluster " + std::string(cluster) + ": ";
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    if (i > 0) out += ", ";
    out += step_text(plan.steps[i], tried[i].exists);
  }
  out += "?";
  for (const auto* some : {&plan.consequences, &plan.while_there})
    for (const std::string& each : *some)
      out += "\n" + each;
  constexpr std::size_t kShown = 20;  // a dialog is not a page
  std::size_t shown = 0, left = 0;
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    const Diff& diff = tried[i].diff;
    if (plan.steps.size() > 1 && !diff.changes.empty() && shown < kShown)
      out += "\n" + object_text(plan.steps[i]) + ":";
    for (const Change& each : diff.changes)
      shown++ < kShown ? (void)(out += "\n" + line_of(each)) : (void)++left;
    left += diff.left_out;
  }
  if (left > 0) out += "\nand " + base::counted(left, "more change");
  return out;
}

std::string output_schema(std::string_view members) {
  std::string out = R"({"type":"object","properties":{)";
  out.append(members).append(members.empty() ? "" : ",").append(kOutput);
  return out + "}}";
}

}  // namespace change
