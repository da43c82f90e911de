#include "mcp/shared/content_negotiation.h"

#include <string_view>

#include "base/text.h"

namespace mcp::shared {

namespace {

// Returns the part of `rest` before the first `separator`, trimmed, and removes it from `rest`.
std::string_view cut(std::string_view& rest, char separator) {
  const std::size_t at = rest.find(separator);
  const std::string_view piece = base::trim(rest.substr(0, at));
  rest.remove_prefix(at == std::string_view::npos ? rest.size() : at + 1);
  return piece;
}

// "q=0", "q=0.000": the client lists the type as not acceptable.
bool is_refused(std::string_view parameters) {
  while (!parameters.empty()) {
    std::string_view parameter = cut(parameters, ';');
    if (!base::iequals(cut(parameter, '='), "q")) continue;
    return !parameter.empty() && parameter.find_first_not_of("0. ") == std::string_view::npos;
  }
  return false;
}

struct Accepted {
  bool any = false;  // there is an Accept header
  bool json = false, events = false;
};

void add_range(Accepted& accepted, std::string_view range) {
  const std::string_view type = cut(range, ';');
  if (type.empty() || is_refused(range)) return;
  const bool all = type == "*/*" || type == "*";  // Java's HttpURLConnection sends "*"
  accepted.json = accepted.json || all || base::iequals(type, "application/json") ||
                  base::iequals(type, "application/*");
  accepted.events = accepted.events || all || base::iequals(type, "text/event-stream") ||
                    base::iequals(type, "text/*");
}

Accepted read_accept(const http::Headers& headers) {
  Accepted accepted;
  for (const http::Header& header : headers.all()) {
    if (!base::iequals(header.name, "Accept")) continue;
    accepted.any = true;
    std::string_view rest = header.value;
    while (!rest.empty())
      add_range(accepted, cut(rest, ','));
  }
  if (!accepted.any) accepted.json = accepted.events = true;
  return accepted;
}

}  // namespace

std::optional<AnswerForm> answer_form(const http::Headers& headers) {
  const Accepted accepted = read_accept(headers);
  if (accepted.json) return AnswerForm::json;
  if (accepted.events) return AnswerForm::event;
  return std::nullopt;
}

bool accepts_events(const http::Headers& headers) {
  return read_accept(headers).events;
}

bool is_json(const http::Headers& headers) {
  const auto type = headers.find("Content-Type");
  if (!type) return false;
  std::string_view rest = *type;
  return base::iequals(cut(rest, ';'), "application/json");
}

bool is_coded(const http::Headers& headers) {
  const auto coding = headers.find("Content-Encoding");
  return coding && !coding->empty() && !base::iequals(*coding, "identity");
}

}  // namespace mcp::shared
