#include "deployments/update.h"

#include "answer/members.h"
#include "deployments/rows.h"
#include "deployments/sections.h"

namespace deployments {

using base::json::Value;
using base::json::Writer;

namespace {

void write_metadata(Writer& w, Value deployment, base::WallTime now) {
  const Value metadata = deployment["metadata"];
  w.key("metadata").begin_object().field("name", metadata["name"].str());
  w.field("namespace", metadata["namespace"].str());
  for (const answer::RowMember& each : kRowMembers) {
    const bool reference = each.name == "templateRef" || each.name == "credentialRef";
    if (!reference && each.name != "createdAt") continue;
    if (const std::string json = answer::member_json(each, deployment, now); !json.empty())
      w.key(each.name).raw(json);
  }
  w.field_if("provider", provider_of(deployment)).field_if("region", region_of(deployment));
  w.end_object();
}

void write_about(Writer& w, Value about) {
  if (!about) return;
  const Value metadata = about["metadata"];
  w.key("relatedObject").begin_object().field_if("kind", about["kind"].str());
  w.field("name", metadata["name"].str()).field_if("namespace", metadata["namespace"].str());
  w.field_if("uid", metadata["uid"].str()).end_object();
}

void write_lists(Writer& w, const UpdateLists& lists, const UpdateLimits& limits) {
  if (!lists.conditions.empty()) {
    w.key("conditions").begin_array();
    for (std::size_t i = 0; i < lists.conditions.size() && i < limits.conditions; ++i)
      w.raw(answer::condition_json(lists.conditions[i].condition));
    w.end_array();
  }
  if (lists.services.empty()) return;
  w.key("services").begin_array();
  for (std::size_t i = 0; i < lists.services.size() && i < limits.services; ++i)
    w.raw(service_json(lists.services[i]));
  w.end_array();
}

void write_reasons(Writer& w, const std::vector<Reason>& reasons, std::size_t most) {
  if (reasons.empty()) return;
  w.key("reasons").begin_array();
  for (std::size_t i = 0; i < reasons.size() && i < most; ++i) {
    const Reason& each = reasons[i];
    w.begin_object().field("object", each.object).field_if("type", each.type);
    w.field_if("reason", each.reason).field_if("message", each.message);
    w.field("severity", to_string(each.severity)).field_if("since", each.since).end_object();
  }
  w.end_array();
}

}  // namespace

std::string cut_middle(std::string_view text, std::size_t most) {
  if (text.size() <= most) return std::string(text);
  std::string_view end = text.substr(text.size() - most * 2 / 3);
  while (!end.empty() && (static_cast<unsigned char>(end.front()) & 0xC0U) == 0x80U)
    end.remove_prefix(1);
  return answer::cut_text(text, most - most * 2 / 3).append(end);
}

std::string object_text(Value object) {
  const Value metadata = object["metadata"];
  std::string out(object["kind"].str());
  out += ' ';
  if (const std::string_view ns = metadata["namespace"].str(); !ns.empty())
    out.append(ns).append("/");
  return out.append(metadata["name"].str());
}

UpdateLists update_lists(Value deployment, base::WallTime now) {
  return {answer::by_weight(deployment["status"]["conditions"], now, weight_of),
          services_of(deployment)};
}

std::string update_json(const Update& update, base::WallTime now, bool stamped) {
  const Assessment& is = *update.assessment;
  std::string out;
  Writer w(out);
  w.begin_object();
  if (stamped) w.field("timestamp", base::format_rfc3339(now, 0));
  w.field("phase", to_string(is.phase));
  if (is.progress) w.field("progress", *is.progress);
  w.field_if("message", is.message).field_if("reason", is.reason);
  w.field("source", update.source).field("severity", to_string(is.severity));
  if (is.terminal) w.field("terminal", true);
  write_about(w, is.about);
  write_metadata(w, update.deployment, now);
  write_lists(w, *update.lists, update.limits);
  if (update.reasons) write_reasons(w, *update.reasons, update.limits.reasons);
  w.end_object();
  return out;
}

}  // namespace deployments
