#include "http/message.h"

#include "base/text.h"

namespace http {

std::optional<std::string_view> Headers::find(std::string_view name) const {
  for (const Header& h : list_) {
    if (base::iequals(h.name, name)) return h.value;
  }
  return std::nullopt;
}

int Headers::count(std::string_view name) const {
  int n = 0;
  for (const Header& h : list_)
    n += base::iequals(h.name, name) ? 1 : 0;
  return n;
}

bool Headers::has_token(std::string_view name, std::string_view token) const {
  for (const Header& h : list_) {
    if (!base::iequals(h.name, name)) continue;
    for (std::string_view rest = h.value;;) {
      const std::size_t comma = rest.find(',');
      if (base::iequals(base::trim(rest.substr(0, comma)), token)) return true;
      if (comma == std::string_view::npos) break;
      rest.remove_prefix(comma + 1);
    }
  }
  return false;
}

void Headers::replace(std::string_view name, std::string_view value) {
  for (Header& h : list_) {
    if (base::iequals(h.name, name)) h.value = value;
  }
}

void Headers::trim_values() {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  for (Header& h : list_) {
    while (!h.value.empty() && blank(h.value.back()))
      h.value.remove_suffix(1);
    while (!h.value.empty() && blank(h.value.front()))
      h.value.remove_prefix(1);
  }
}

namespace {

struct Status {
  int code;
  std::string_view text;
};

// The most frequent one first; the rest by number.
constexpr Status kStatuses[] = {
    {200, "OK"},
    {202, "Accepted"},
    {100, "Continue"},
    {101, "Switching Protocols"},
    {201, "Created"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {426, "Upgrade Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
};

}  // namespace

std::string_view status_text(int status) {
  for (const Status& s : kStatuses) {
    if (s.code == status) return s.text;
  }
  return "";
}

}  // namespace http
