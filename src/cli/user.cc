#include "cli/user.h"

#include <cstdio>
#include <optional>

#include <unistd.h>

#include "base/text.h"

namespace cli {

using base::json::Member;
using base::json::Value;

namespace {

constexpr std::size_t kReplyBytes = 4096;    // one line typed at a terminal has no more (N_TTY)
constexpr std::size_t kProgressBytes = 100;  // of a message, so that the line does not wrap

// nullopt: the end of input.
std::optional<std::string> read_line() {
  char line[kReplyBytes];
  if (std::fgets(line, sizeof(line), stdin) == nullptr) return std::nullopt;
  return std::string(base::trim(line));
}

bool is_yes(std::string_view reply) {
  return base::iequals(reply, "y") || base::iequals(reply, "yes");
}

// The field's value as JSON; nullopt: the user declines.
std::optional<std::string> ask_field(const Member& field, bool required) {
  const Value schema = field.value;
  std::string_view title = schema["title"].str(schema["description"].str(field.key));
  const std::string_view type = schema["type"].str();
  const bool boolean = type == "boolean";
  std::fprintf(stderr, "%s%s ", base::visible(title).c_str(), boolean ? " [y/N]" : ":");
  const auto reply = read_line();
  if (!reply) return std::nullopt;
  if (boolean) return is_yes(*reply) ? "true" : "false";
  if (reply->empty()) return required ? std::nullopt : std::optional<std::string>("");
  if (type == "integer" || type == "number") return *reply;
  std::string out;
  base::json::append_string(out, *reply);
  return out;
}

bool is_required(Value schema, std::string_view name) {
  for (const Value each : schema["required"].array())
    if (each.str() == name) return true;
  return false;
}

void decline(base::json::Writer& w) {
  w.begin_object().field("action", "decline").end_object();
}

void answer(base::json::Writer& w, Value request) {
  const Value params = request["params"], schema = params["requestedSchema"];
  if (request["method"].str() != "elicitation/create" || params["mode"].str("form") != "form")
    return decline(w);
  for (const std::string_view line : base::split(params["message"].str(), '\n'))
    std::fprintf(stderr, "%s\n", base::visible(line).c_str());
  std::string content;
  base::json::Writer fields(content);
  fields.begin_object();
  bool only_no = schema["properties"].size() > 0;
  for (const Member& field : schema["properties"].object()) {
    const auto value = ask_field(field, is_required(schema, field.key));
    if (!value) return decline(w);
    only_no = only_no && *value == "false";
    if (!value->empty()) fields.key(field.key).raw(*value);
  }
  fields.end_object();
  base::json::Document doc;
  // "No" to all that was asked is no consent; a number that is none is no answer.
  if (only_no || !doc.parse(content)) return decline(w);
  w.begin_object().field("action", "accept").key("content").raw(content).end_object();
}

}  // namespace

bool can_ask() {
  return ::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1;
}

std::string answers_to(Value input_requests) {
  std::string out;
  base::json::Writer w(out);
  w.begin_object();
  for (const Member& each : input_requests.object()) {
    w.key(each.key);
    answer(w, each.value);
  }
  w.end_object();
  return out;
}

void ProgressLine::show(Value params) {
  if (::isatty(STDERR_FILENO) != 1) return;
  std::string line;
  const auto done = params["progress"].as_double(), total = params["total"].as_double();
  if (done && total && *total > 0)
    line = std::to_string(static_cast<int>(*done / *total * 100)) + "% ";
  line += base::printable(params["message"].str(), kProgressBytes);
  std::fprintf(stderr, "\r\x1b[K%s", base::visible(line).c_str());
  shown_ = true;
}

void ProgressLine::clear() {
  if (shown_) std::fputs("\r\x1b[K", stderr);
  shown_ = false;
}

}  // namespace cli
