#include "kube/failure.h"

#include <algorithm>

#include "base/log.h"
#include "base/text.h"
#include "http/message.h"

namespace kube {
namespace {

using base::Errc;

struct Reason {
  std::string_view name;
  int status;
  Errc code;
};

// The metav1.StatusReason values of k8s.io/apimachinery.
constexpr Reason kReasons[] = {
    {"Unauthorized", 401, Errc::unauthorized},
    {"Forbidden", 403, Errc::forbidden},
    {"NotFound", 404, Errc::not_found},
    {"MethodNotAllowed", 405, Errc::invalid_argument},
    {"NotAcceptable", 406, Errc::invalid_argument},
    {"AlreadyExists", 409, Errc::conflict},
    {"Conflict", 409, Errc::conflict},
    {"BadRequest", 400, Errc::invalid_argument},
    {"Gone", 410, Errc::gone},
    {"Expired", 410, Errc::gone},
    {"RequestEntityTooLarge", 413, Errc::too_large},
    {"UnsupportedMediaType", 415, Errc::invalid_argument},
    {"Invalid", 422, Errc::invalid_argument},
    {"TooManyRequests", 429, Errc::throttled},
    {"InternalError", 500, Errc::internal},
    {"ServerTimeout", 500, Errc::timeout},
    {"StorageReadError", 500, Errc::internal},
    {"ServiceUnavailable", 503, Errc::unavailable},
    {"Timeout", 504, Errc::timeout},
};

const Reason* find_reason(std::string_view name) {
  const auto* it = std::find_if(std::begin(kReasons), std::end(kReasons),
                                [name](const Reason& r) { return r.name == name; });
  return it == std::end(kReasons) ? nullptr : it;
}

Errc code_of(int status) {
  switch (status) {
    case 400:
    case 405:
    case 406:
    case 415:
    case 422:
      return Errc::invalid_argument;
    case 401:
      return Errc::unauthorized;
    case 403:
      return Errc::forbidden;
    case 404:
      return Errc::not_found;
    case 408:
    case 504:
      return Errc::timeout;
    case 409:
      return Errc::conflict;
    case 410:
      return Errc::gone;
    case 413:
      return Errc::too_large;
    case 429:
      return Errc::throttled;
    case 502:
    case 503:
      return Errc::unavailable;
    default:
      break;
  }
  if (status >= 500) return status == 500 ? Errc::internal : Errc::unavailable;
  if (status >= 400) return Errc::invalid_argument;
  return Errc::protocol;  // a redirect, or an unexpected status
}

// The code of an answer that is not a Status. API servers themselves send 429 and most 5xx as plain
// text.
Errc foreign_code_of(int status) {
  const bool of_the_way = status >= 400 && status < 500 && status != 408 && status != 429;
  return of_the_way ? Errc::unavailable : code_of(status);
}

std::string status_line(int status) {
  std::string line = "HTTP " + std::to_string(status);
  const std::string_view text = http::status_text(status);
  return text.empty() ? line : line.append(" ").append(text);
}

std::optional<base::Duration> capped(std::int64_t seconds) {
  if (seconds <= 0) return std::nullopt;
  if (seconds <= base::to_ms(kRetryAfterCap) / 1000) return base::seconds(seconds);
  LOG_INFO("the API server's Retry-After is cut", {"asked_s", seconds}, {"used", kRetryAfterCap});
  return kRetryAfterCap;
}

std::string snippet(std::string_view body) {
  const std::string_view text = base::trim(body);
  return text.empty() ? "(no body)" : base::printable(text, kSnippetBytes);
}

// A list of errors has one on each line.
std::string one_line(std::string_view text) {
  std::string out;
  for (const std::string_view line : base::split(text, '\n'))
    if (const std::string_view words = base::trim(line); !words.empty())
      out.append(out.empty() ? "" : " ").append(words);
  return out;
}

// An object that does not fit is quoted whole before the reason, which would be cut off then.
std::string without_objects(std::string text) {
  constexpr std::string_view kBegin = "\"{";
  constexpr std::size_t kShown = 128;
  for (std::size_t from = text.find(kBegin); from != text.npos;
       from = text.find(kBegin, from + 1)) {
    std::size_t end = from + kBegin.size();
    while (end < text.size() && text[end] != '"')
      end += text[end] == '\\' ? 2 : 1;
    if (end >= text.size()) break;
    if (end - from > kShown) text.replace(from, end - from, "\"{…}");
  }
  return text;
}

bool is_status(base::json::Value v) {
  return v["kind"].str() == "Status";
}

// Some servers omit kind and apiVersion in an ERROR frame.
bool lacks_kind_only(base::json::Value v) {
  return !v["kind"] && (v["code"].as_int() || !v["reason"].str().empty());
}

// A body that looks like JSON but is not valid counts as plain text.
std::optional<Failure> parse_status(int http_status, std::string_view body) {
  if (!base::trim(body).starts_with('{')) return std::nullopt;
  base::json::Document doc;
  const auto root = doc.parse(body);
  if (!root || !is_status(*root)) return std::nullopt;
  return Failure::from_status(*root, http_status);
}

}  // namespace

Failure Failure::from_status(base::json::Value status, int http_status) {
  Failure f;
  if (!is_status(status) && !lacks_kind_only(status)) {
    f.status = 500;
    f.message = "not a Status: " + snippet(status.present() ? status.to_json() : "");
    return f;
  }
  f.reason = base::printable(status["reason"].str(), kSnippetBytes);
  const Reason* known = find_reason(f.reason);
  const std::int64_t own = status["code"].int_or(0);
  if (own >= 300 && own < 600) {
    f.status = static_cast<int>(own);
  } else if (http_status >= 300) {
    f.status = http_status;
  } else {
    f.status = known ? known->status : 500;
  }
  f.code = known ? known->code : code_of(f.status);
  f.message = base::printable(without_objects(one_line(status["message"].str())), kMessageBytes);
  if (f.message.empty()) f.message = f.reason.empty() ? status_line(f.status) : f.reason;
  const base::json::Value details = status["details"];
  for (const base::json::Value cause : details["causes"].array()) {
    if (f.causes.size() == kCausesKept) break;
    const auto text = [&](const char* key) {
      return base::printable(cause[key].str(), kSnippetBytes);
    };
    f.causes.push_back({text("reason"), text("message"), text("field")});
  }
  if (!f.causes.empty()) f.cause = f.causes[0].reason;
  f.retry_after = capped(details["retryAfterSeconds"].int_or(0));
  return f;
}

Failure Failure::from_response(int http_status, std::string_view body,
                               std::optional<std::string_view> retry_after_header) {
  Failure f;
  if (auto parsed = parse_status(http_status, body)) {
    f = *std::move(parsed);
  } else {
    f.status = http_status;
    f.foreign = true;
    f.code = foreign_code_of(http_status);
    f.message = status_line(http_status);
    if (http_status >= 300 && http_status < 400) f.message += " (redirects are not followed)";
    if (!base::trim(body).empty()) f.message += ": " + snippet(body);
  }
  if (retry_after_header) {
    const auto seconds = base::parse_int(base::trim(*retry_after_header));
    if (seconds && *seconds > 0) f.retry_after = capped(*seconds);
  }
  return f;
}

Failure Failure::from_error(const base::Error& error) {
  Failure f;
  f.code = error.code();
  f.message = base::printable(error.what(), kMessageBytes);
  return f;
}

Failure Failure::from_bad_answer(int http_status, std::string_view what, std::string_view body) {
  Failure f;
  f.code = Errc::protocol;
  f.status = http_status;
  f.foreign = true;
  f.message = base::printable(std::string(what) + ": " + snippet(body), kMessageBytes);
  return f;
}

}  // namespace kube
