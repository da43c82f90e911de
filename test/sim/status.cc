#include "sim/status.h"

#include <utility>

#include "base/json.h"
#include "base/text.h"

namespace sim {

std::string plural_of(std::string_view kind) {
  std::string out = base::to_lower(kind);
  const auto ends = [&](std::string_view tail) {
    return out.size() > tail.size() && out.ends_with(tail);
  };
  const bool vowel_y = ends("ay") || ends("ey") || ends("oy") || ends("uy");
  if (ends("y") && !vowel_y) {
    out.replace(out.size() - 1, 1, "ies");
  } else if (ends("s") || ends("x") || ends("ch") || ends("sh")) {
    out += "es";
  } else {
    out += "s";
  }
  return out;
}

std::string to_json(const Status& s) {
  std::string out;
  base::json::Writer w(out);
  w.begin_object().field("kind", "Status").field("apiVersion", "v1");
  w.key("metadata").begin_object().field_if("continue", s.continue_token).end_object();
  w.field("status", "Failure").field("message", s.message).field_if("reason", s.reason);
  const bool details = !s.name.empty() || !s.group.empty() || !s.kind.empty() || !s.uid.empty() ||
                       !s.causes.empty() || s.retry_after_seconds > 0;
  if (details) {
    w.key("details").begin_object();
    w.field_if("name", s.name).field_if("group", s.group).field_if("kind", s.kind);
    w.field_if("uid", s.uid);
    if (!s.causes.empty()) {
      w.key("causes").begin_array();
      for (const StatusCause& cause : s.causes) {
        w.begin_object().field_if("reason", cause.reason).field_if("message", cause.message);
        w.field_if("field", cause.field).end_object();
      }
      w.end_array();
    }
    if (s.retry_after_seconds > 0) w.field("retryAfterSeconds", s.retry_after_seconds);
    w.end_object();
  }
  w.field("code", s.code).end_object();
  return out;
}

namespace {

Status about(int code, std::string reason, std::string message, const Type& type,
             std::string_view name) {
  Status s;
  s.code = code;
  s.reason = std::move(reason);
  s.message = std::move(message);
  s.name = name;
  s.group = type.group;
  s.kind = type.plural;
  return s;
}

Status plain(int code, std::string reason, std::string message) {
  return about(code, std::move(reason), std::move(message), {}, {});
}

std::string in_quotes(std::string_view s) {
  return "\"" + std::string(s) + "\"";
}

}  // namespace

Status bad_request(std::string message) {
  return plain(400, "BadRequest", std::move(message));
}

Status unauthorized() {
  return plain(401, "Unauthorized", "Unauthorized");
}

Status forbidden(std::string_view user, std::string_view verb, const Type& type,
                 std::string_view sub, std::string_view ns, std::string_view name) {
  std::string text = type.text();
  if (!name.empty()) text += " " + in_quotes(name);
  text += " is forbidden: User " + in_quotes(user) + " cannot " + std::string(verb) + " resource ";
  text += in_quotes(sub.empty() ? type.plural : type.plural + "/" + std::string(sub));
  text += " in API group " + in_quotes(type.group);
  text += ns.empty() ? " at the cluster scope" : " in the namespace " + in_quotes(ns);
  return about(403, "Forbidden", text, type, name);
}

Status not_found(const Type& type, std::string_view name) {
  return about(404, "NotFound", type.text() + " " + in_quotes(name) + " not found", type, name);
}

Status already_exists(const Type& type, std::string_view name) {
  return about(409, "AlreadyExists", type.text() + " " + in_quotes(name) + " already exists", type,
               name);
}

Status conflict(const Type& type, std::string_view name) {
  return about(409, "Conflict",
               "Operation cannot be fulfilled on " + type.text() + " " + in_quotes(name) +
                   ": the object has been modified; please apply your changes to the latest "
                   "version and try again",
               type, name);
}

Status method_not_allowed() {
  return plain(405, "MethodNotAllowed",
               "the server does not allow this method on the requested resource");
}

Status unsupported_media_type(std::string_view type) {
  return plain(415, "UnsupportedMediaType",
               "the body of the request was in an unknown format - accepted media types include: "
               "application/json-patch+json, application/merge-patch+json, "
               "application/apply-patch+yaml; got " +
                   std::string(type));
}

Status invalid(std::string_view group, std::string_view kind, std::string_view name,
               StatusCause cause) {
  std::string who(kind);
  if (!group.empty()) who += "." + std::string(group);
  Status s =
      plain(422, "Invalid",
            who + " " + in_quotes(name) + " is invalid: " + cause.field + ": " + cause.message);
  s.name = name;
  s.group = group;
  s.kind = kind;
  s.causes.push_back(std::move(cause));
  return s;
}

Status expired(std::string message) {
  return plain(410, "Expired", std::move(message));
}

Status version_too_large(std::uint64_t asked, std::uint64_t current) {
  Status s = plain(504, "Timeout",
                   "Timeout: Too large resource version: " + std::to_string(asked) +
                       ", current: " + std::to_string(current));
  s.causes.push_back({"ResourceVersionTooLarge", "Too large resource version", ""});
  s.retry_after_seconds = 1;
  return s;
}

Status internal_error(std::string message) {
  Status s = plain(500, "InternalError", "Internal error occurred: " + message);
  s.causes.push_back({"", std::move(message), ""});
  return s;
}

std::string error_frame(const Status& status) {
  return R"({"type":"ERROR","object":)" + to_json(status) + "}\n";
}

}  // namespace sim
