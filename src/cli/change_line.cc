#include "cli/change_line.h"

#include <algorithm>

#include "base/counted.h"
#include "base/text.h"
#include "cli/output.h"

namespace cli {

using base::json::Value;

namespace {

constexpr const char* kRed = "\x1b[31m";
constexpr const char* kGreen = "\x1b[32m";
constexpr const char* kYellow = "\x1b[33m";
constexpr const char* kCyan = "\x1b[36m";
constexpr const char* kFaint = "\x1b[2m";
constexpr const char* kReset = "\x1b[0m";
// As stern: a pod keeps its colour.
constexpr const char* kPods[] = {"\x1b[36m", "\x1b[32m", "\x1b[35m",
                                 "\x1b[33m", "\x1b[34m", "\x1b[31m"};
// A column does not grow beyond this: one long name would push all others aside for ever.
constexpr std::size_t kWidest = 48;

// "09:41:07" of an RFC 3339 time: the terminal's user and the cluster share a day, not always a zone;
// it is UTC, as in kubectl.
std::string clock_of(std::string_view time) {
  const std::size_t t = time.find('T');
  return std::string(t == time.npos ? time : time.substr(t + 1, 8));
}

std::string full_name(Value from) {
  const std::string_view ns = from["namespace"].str();
  return (ns.empty() ? "" : std::string(ns) + "/") + std::string(from["name"].str());
}

const char* colour_of_state(std::string_view state) {
  constexpr std::string_view kGood[] = {"ready", "Ready", "valid", "active", "Active", "deployed"};
  constexpr std::string_view kBad[] = {"failed", "Failed", "invalid",
                                       "error",  "Error",  "unresolved"};
  if (std::find(std::begin(kGood), std::end(kGood), state) != std::end(kGood)) return kGreen;
  if (std::find(std::begin(kBad), std::end(kBad), state) != std::end(kBad)) return kRed;
  return kYellow;
}

const char* colour_of_action(std::string_view action) {
  const std::string lower = base::to_lower(action);
  return lower == "added" ? kGreen : lower == "deleted" ? kRed : kCyan;
}

}  // namespace

std::string ChangeLines::row(const std::vector<Cell>& cells) {
  std::string out;
  widths_.resize(std::max(widths_.size(), cells.size()));
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string text = base::visible(cells[i].text);
    widths_[i] = std::max(widths_[i], std::min(characters(text), kWidest));
    const bool coloured = style_.colours && *cells[i].colour != '\0';
    out.append(coloured ? cells[i].colour : "").append(text).append(coloured ? kReset : "");
    if (i + 1 < cells.size())
      out.append(widths_[i] - std::min(characters(text), widths_[i]) + 2, ' ');
  }
  return out + "\n";
}

std::string ChangeLines::of_event(Value delta) {
  const Value event = delta["event"], about = event["involvedObject"];
  const std::string_view type = event["type"].str();
  std::vector<Cell> cells{
      {clock_of(event["eventTime"].str(event["lastTimestamp"].str())), kFaint},
      {std::string(type), type == "Normal" ? "" : kYellow},
      {std::string(about["kind"].str()) + "/" + std::string(about["name"].str()), kCyan},
      {std::string(event["reason"].str())},
      {std::string(event["message"].str())}};
  if (style_.wide || style_.several)
    cells.insert(cells.begin() + 1, {std::string(event["namespace"].str())});
  if (style_.wide) cells.insert(cells.end() - 1, {std::string(event["reportingController"].str())});
  if (delta["action"].str() == "DELETED") cells[0].text = "deleted";
  return row(cells);
}

std::string ChangeLines::of_object(Value delta) {
  const Value object = delta["object"];
  const std::string_view action = delta["action"].str(), state = object["state"].str();
  std::vector<Cell> cells{{std::string(action), colour_of_action(action)},
                          {full_name(object["name"].present() ? object : object["metadata"])}};
  if (const Value fields = object["fields"]; !fields.present())
    cells.push_back({std::string(state), colour_of_state(state)});
  else
    for (const auto& [path, value] : fields.object())
      cells.push_back(
          {std::string(path) + "=" +
           (value.is(base::json::Type::string) ? std::string(value.str()) : value.to_json())});
  return row(cells);
}

std::string ChangeLines::of_monitor(Value delta) {
  const std::string_view phase = delta["phase"].str();
  std::vector<Cell> cells{{clock_of(delta["timestamp"].str()), kFaint},
                          {std::string(phase), colour_of_state(phase)},
                          {std::to_string(delta["progress"].int_or(0)) + "%"},
                          {std::string(delta["message"].str())}};
  if (style_.several) cells.insert(cells.begin() + 1, {full_name(delta["metadata"]), kCyan});
  return row(cells);
}

std::string ChangeLines::of_graph(Value delta) {
  const std::string_view action = delta["action"].str();
  if (action == "snapshot")
    return row({{"snapshot", kCyan},
                {base::counted(delta["nodes"].size(), "node") + ", " +
                 base::counted(delta["edges"].size(), "edge")}});
  std::string out;
  for (const Value node : delta["nodes"].array()) {
    const std::string_view state = node["state"].str();
    out += row({{std::string(action), colour_of_action(action)},
                {std::string(node["id"].str())},
                {std::string(state), colour_of_state(state)}});
  }
  for (const Value edge : delta["edges"].array())
    out += row({{std::string(action), colour_of_action(action)},
                {std::string(edge["source"].str(edge["from"].str())) + " -> " +
                 std::string(edge["target"].str(edge["to"].str()))},
                {std::string(edge["relation"].str(edge["type"].str()))}});
  return out;
}

std::string ChangeLines::of_log(std::string_view uri, Value delta) {
  std::string out;
  if (style_.several) {
    // k0rdent://podlogs/{namespace}/{pod}/{container}?…
    const auto parts = base::split(uri.substr(0, uri.find('?')), '/');
    std::string who(parts.size() > 4 ? parts[4] : uri);
    if (parts.size() > 5) who += " " + std::string(parts[5]);
    std::size_t sum = 0;
    for (const char c : who)
      sum = sum * 31 + static_cast<unsigned char>(c);
    const char* colour = style_.colours ? kPods[sum % std::size(kPods)] : "";
    out.append(colour).append(base::visible(who)).append(style_.colours ? kReset : "").append("  ");
  }
  if (style_.wide) out.append(base::visible(delta["timestamp"].str())).append("  ");
  return out.append(base::visible(delta["line"].str())).append("\n");
}

std::string ChangeLines::notice(std::string_view kind, Value delta) const {
  const std::string_view why = delta["message"].str(
      delta["reason"].str(delta["error"].str(delta["error"]["message"].str())));
  std::string out = "-- " + base::to_lower(kind);
  if (!why.empty()) out.append(": ").append(why);
  out = base::visible(out);
  return (style_.colours ? kFaint + out + kReset : out) + "\n";
}

std::string ChangeLines::text(std::string_view uri, Value delta) {
  if (delta["event"].present()) return of_event(delta);
  if (delta["object"].present()) return of_object(delta);
  if (delta["nodes"].present() || delta["edges"].present()) return of_graph(delta);
  if (delta["phase"].present()) return of_monitor(delta);
  if (delta["type"].str() == "line") return of_log(uri, delta);
  const std::string_view kind = delta["type"].str(delta["action"].str());
  if (!kind.empty()) return notice(kind, delta);
  return base::visible(delta.to_json()) + "\n";
}

std::string name_of_change(Value delta) {
  for (const std::string_view key : {"event", "object", "metadata"})
    if (const Value from = delta[key]; from.present())
      return full_name(from["name"].present() ? from : from["metadata"]);
  std::string out;
  for (const Value node : delta["nodes"].array())
    out.append(out.empty() ? "" : "\n").append(node["id"].str());
  return out;
}

bool is_last(Value delta) {
  if (delta["terminal"].bool_or(false)) return true;
  return delta["type"].str() == "end" &&
         delta["reason"].str().find("shutting down") == std::string_view::npos;
}

std::string identity_of(Value delta) {
  if (delta["type"].str() == "line")
    return std::string(delta["timestamp"].str()) + " " + std::string(delta["line"].str());
  return delta.to_json();
}

}  // namespace cli
