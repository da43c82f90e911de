#include "cli/output.h"

#include <algorithm>
#include <cstdio>

#include <unistd.h>

#include "base/output.h"
#include "base/text.h"

namespace cli {

using base::Errc;
using base::json::Member;
using base::json::Type;
using base::json::Value;

namespace {

constexpr std::size_t kGap = 3;

std::string for_terminal(std::string_view text) {
  std::string out;
  const std::vector<std::string_view> lines = base::split(text, '\n');
  for (const std::string_view line : lines) {
    if (line.data() != lines.front().data()) out += '\n';
    for (std::size_t tab = 0; const std::string_view part : base::split(line, '\t')) {
      if (tab++ > 0) out += '\t';
      out += base::visible(part);
    }
  }
  return out;
}

std::string one_line(std::string_view text) {
  std::string out;
  for (const std::string_view line : base::split(base::trim(text), '\n')) {
    if (base::trim(line).empty()) continue;
    out.append(out.empty() ? "" : "; ").append(base::trim(line));
  }
  return base::visible(out);
}

void append_pretty(std::string& out, Value value, std::size_t indent) {
  const bool object = value.is(Type::object);
  if ((!object && !value.is(Type::array)) || value.size() == 0) return value.append_to(out);
  auto next = [&out, first = true](std::size_t by) mutable {
    out.append(first ? "\n" : ",\n").append(by, ' ');
    first = false;
  };
  out += object ? '{' : '[';
  for (const Member& each : value.object()) {
    next(indent + 2);
    base::json::append_string(out, each.key);
    out += ": ";
    append_pretty(out, each.value, indent + 2);
  }
  for (const Value each : value.array()) {
    next(indent + 2);
    append_pretty(out, each, indent + 2);
  }
  out.append("\n").append(indent, ' ');
  out += object ? '}' : ']';
}

std::string name_of(Value row) {
  if (row["id"].is(Type::string) && row["type"].is(Type::string))
    return std::string(row["id"].str());
  const Value metadata = row["metadata"];
  const Value from = row["name"].present() ? row : metadata;
  const std::string_view ns = from["namespace"].str();
  return (ns.empty() ? "" : std::string(ns) + "/") + std::string(from["name"].str());
}

}  // namespace

bool print(std::string_view text) {
  std::string out = ::isatty(STDOUT_FILENO) == 1 ? for_terminal(text) : std::string(text);
  if (out.empty() || out.back() != '\n') out += '\n';
  return base::write_output(out);
}

void complain(std::string_view text) {
  std::fprintf(stderr, "k0rdent-mcp: %s\n", one_line(text).c_str());
}

int complain_of(const client::Outcome& outcome, std::string_view about, std::string_view server) {
  if (outcome.rpc) {
    complain(std::string(about) + ": " + outcome.rpc->message);
    return kFailed;
  }
  if (outcome.failure->code() == Errc::unauthorized)
    complain(std::string(server) + ": " + outcome.failure->what() +
             "; a token is given by --token-file or K0RDENT_MCP_TOKEN");
  else
    complain(std::string(server) + ": " + outcome.failure->what());
  return kUnreachable;
}

std::string pretty(Value value) {
  std::string out;
  append_pretty(out, value, 0);
  return out;
}

std::string_view rows_key(Value structured) {
  for (const Member& each : structured.object())
    if (each.value.is(Type::array) && (each.value.size() == 0 || each.value.at(0).is(Type::object)))
      return each.key;
  return {};
}

std::string names_of(Value structured) {
  std::string out;
  if (name_of(structured) != "") return name_of(structured);
  for (const Value row : structured[rows_key(structured)].array())
    out.append(name_of(row)).append("\n");
  for (const Member& each : structured.object())
    if (out.empty()) out = name_of(each.value);
  return out;
}

void complain_of_cut(Value structured, std::string_view then) {
  if (!structured["truncated"].bool_or(false)) return;
  std::int64_t left = structured["remaining"].int_or(0);
  for (const Member& each : structured["leftOut"].object())
    left += each.value.int_or(0);
  const bool more = structured["atLeast"].bool_or(false);
  complain(left == 0
               ? "there are more" + std::string(then)
               : (more ? "at least " : "") + std::to_string(left) + " more" + std::string(then));
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

std::string columns(const Table& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], characters(row[i]));
  }
  std::string out;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      out += row[i];
      if (i + 1 < row.size()) out.append(widths[i] - characters(row[i]) + kGap, ' ');
    }
    out += '\n';
  }
  return out;
}

Table cells_of(std::string_view text, std::string& rest) {
  const std::size_t end = std::min(text.find("\n\n"), text.size());
  rest = text.substr(end);
  text = text.substr(0, end);
  const std::string_view head = text.substr(0, text.find('\n'));
  std::vector<std::size_t> begins{0};  // of the columns, in characters: a head is ASCII
  for (std::size_t i = kGap; i < head.size(); ++i)
    if (head[i] != ' ' && head.substr(i - kGap, kGap) == std::string(kGap, ' '))
      begins.push_back(i);
  Table out;
  for (const std::string_view line : base::split(text, '\n')) {
    if (line.empty()) continue;
    auto& row = out.emplace_back();
    std::size_t at = 0, place = 0;
    for (std::size_t column = 0; column < begins.size(); ++column) {
      const std::size_t from = at;
      const bool last = column + 1 == begins.size();
      while (at < line.size() && (last || place < begins[column + 1]))
        place += characters(line.substr(at++, 1));
      // The rest of a character's bytes.
      while (at < line.size() && characters(line.substr(at, 1)) == 0)
        ++at;
      row.emplace_back(base::trim(line.substr(from, at - from)));
    }
  }
  return out;
}

}  // namespace cli
