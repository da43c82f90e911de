#include "sim/admission.h"

#include <utility>

#include "base/text.h"
#include "sim/field_set.h"

namespace sim {

using base::json::Value;

namespace {

void write_warning(const std::string& text, std::string& extra) {
  extra += "Warning: 299 - \"";
  for (const char c : text) {
    if (c == '"' || c == '\\') extra += '\\';
    extra += c;
  }
  extra += "\"\r\n";
}

}  // namespace

std::optional<Status> Admissions::review(AdmissionReview what, std::string& extra) {
  const std::string_view verb = what.request.verb == "delete" ? "delete"
                                : what.before.present()       ? "update"
                                                              : "create";
  for (std::size_t i = 0; i < list_.size();) {
    Admission& one = list_[i];
    const bool fits = (one.verb.empty() || one.verb == verb) &&
                      (one.resource.empty() || one.resource == what.type.plural);
    if (!fits) {
      ++i;
      continue;
    }
    std::vector<std::string> warnings = one.warnings;
    what.warnings = &warnings;
    std::optional<Status> refusal;
    if (one.decide) refusal = one.decide(what);
    for (const std::string& warning : warnings)
      write_warning(warning, extra);
    if (one.count > 0 && --one.count == 0) {
      list_.erase(list_.begin() + static_cast<std::ptrdiff_t>(i));
    } else {
      ++i;
    }
    if (refusal) return refusal;
  }
  return std::nullopt;
}

Status webhook_denied(std::string_view name, std::string_view message, int code,
                      std::string_view reason) {
  Status s;
  s.code = code;
  s.reason = reason;
  s.message = "admission webhook \"" + std::string(name) + "\" denied the request";
  s.message += message.empty() ? " without explanation" : ": " + std::string(message);
  return s;
}

Status webhook_failed(std::string_view name, std::string_view why) {
  return internal_error("failed calling webhook \"" + std::string(name) +
                        "\": failed to call webhook: " + std::string(why));
}

// The reason is in the warning alone, as k0rdent has it.
Admission upgrade_path() {
  Admission out;
  out.verb = "update";
  out.resource = "clusterdeployments";
  out.decide = [](const AdmissionReview& what) -> std::optional<Status> {
    const std::string_view from = what.before["spec"]["template"].str();
    const std::string_view to = what.after["spec"]["template"].str();
    if (from == to || what.request.sub == "status") return std::nullopt;
    for (const Value one : what.before["status"]["availableUpgrades"].array())
      if (one.str() == to) return std::nullopt;
    what.warnings->push_back("Cluster can't be upgraded from " + std::string(from) + " to " +
                             std::string(to) + ". This upgrade sequence is not allowed");
    return webhook_denied("validation.clusterdeployment.k0rdent.mirantis.com",
                          "cluster upgrade is forbidden");
  };
  return out;
}

Admission immutable_field(std::string resource, std::string path, std::string message) {
  Admission out;
  out.verb = "update";
  out.resource = std::move(resource);
  out.decide = [path = std::move(path), message = std::move(message)](
                   const AdmissionReview& what) -> std::optional<Status> {
    Value before = what.before, after = what.after;
    for (const std::string_view name : base::split(path, '.')) {
      before = before[name];
      after = after[name];
    }
    if (same_json(before, after)) return std::nullopt;
    return invalid(
        what.type.group, what.type.kind, what.request.name,
        {"FieldValueInvalid", "Invalid value: " + after.to_json() + ": " + message, path});
  };
  return out;
}

}  // namespace sim
