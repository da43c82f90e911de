#include "support/client_view.h"

#include <utility>

#include "base/text.h"

namespace test {

using base::json::Value;

namespace {

std::string compare(const std::map<std::string, std::string>& known,
                    const std::map<std::string, std::string>& is, std::string_view what) {
  std::string out;
  for (const auto& [id, text] : is) {
    const auto at = known.find(id);
    if (at == known.end()) {
      out.append("not told: ").append(what).append(" ").append(id).append("\n");
    } else if (at->second != text) {
      out.append("told otherwise: ").append(what).append(" ").append(id);
      out.append("\n  told ").append(at->second).append("\n  is   ").append(text).append("\n");
    }
  }
  for (const auto& [id, text] : known) {
    if (is.count(id)) continue;
    out.append("its end was not told: ").append(what).append(" ").append(id).append("\n");
  }
  return out;
}

std::map<std::string, std::string> by(Value list, std::string_view name) {
  std::map<std::string, std::string> out;
  for (const Value one : list.array())
    out[std::string(one[name].str())] = one.to_json();
  return out;
}

}  // namespace

void EventsView::apply(Value delta) {
  const std::string_view action = delta["action"].str();
  const Value event = delta["event"];
  const std::string name(event["name"].str());
  if (action == "DROPPED") {
    read_due_ = true;
  } else if (action == "ADDED" || action == "MODIFIED") {
    if (name.empty()) problem("an event without a name: " + delta.to_json());
    events_[name] = event.to_json();
  } else if (action == "DELETED") {
    events_.erase(name);
  } else if (action == "ERROR") {
    if (event["message"].str().find("subscription ends") != std::string_view::npos) ended_ = true;
  } else if (action == "STALE" || action == "FRESH") {
    if (event.present()) problem("an outage notice with an event: " + delta.to_json());
  } else {
    problem("an unknown action: " + delta.to_json());
  }
}

void EventsView::replace(Value read) {
  events_ = by(read["events"], "name");
}

std::string EventsView::difference(Value read) const {
  return compare(events_, by(read["events"], "name"), "event");
}

void LogsView::apply(Value delta) {
  const std::string_view type = delta["type"].str();
  if (type == "gap" || type == "dropped") {
    hole_told_ = true;
  } else if (type == "end") {
    ended_ = true;
  } else if (type == "line") {
    const auto words = base::split(delta["line"].str(), ' ');
    const auto instance = base::parse_int(words.empty() ? "" : words[0]);
    const auto number = base::parse_int(words.size() < 2 ? "" : words[1]);
    if (!instance || !number) return problem("a line that nobody wrote: " + delta.to_json());
    const std::int64_t sequence = delta["sequence"].int_or(-1);
    if (!first_ && sequence <= sequence_) problem("sequence: " + delta.to_json());
    sequence_ = sequence;
    const bool next = *instance == instance_ ? *number == last_ + 1 : *number == 1;
    const bool later = *instance > instance_ || (*instance == instance_ && *number > last_);
    if (!later) {
      problem("a line twice or out of order: " + std::string(delta["line"].str()) + " after " +
              std::to_string(instance_) + " " + std::to_string(last_));
    } else if (!next && !first_ && !hole_told_) {
      problem("lines are missing before: " + std::string(delta["line"].str()) + " after " +
              std::to_string(instance_) + " " + std::to_string(last_));
    }
    instance_ = *instance;
    last_ = *number;
    first_ = hole_told_ = false;
  } else if (type != "restart" && type != "stale" && type != "fresh" && type != "error") {
    problem("an unknown type: " + delta.to_json());
  }
}

// `read`: {"instance":I,"last":N}, from whoever wrote the lines.
std::string LogsView::difference(Value read) const {
  if (read["instance"].int_or(-1) == instance_ && read["last"].int_or(-1) == last_) return {};
  return "told up to " + std::to_string(instance_) + " " + std::to_string(last_) + ", written " +
         read.to_json() + "\n";
}

void GraphView::take(Things& things, Value list, std::string_view action) {
  for (const Value one : list.array()) {
    const std::string id(one["id"].str());
    if (action == "deleted") {
      things.erase(id);
    } else {
      things[id] = one.to_json();
    }
  }
}

void GraphView::apply(Value delta) {
  const std::string_view action = delta["action"].str();
  const bool content =
      action == "snapshot" || action == "added" || action == "modified" || action == "deleted";
  if (action == "ERROR" && delta.to_json().find("subscription ends") != std::string::npos) {
    ended_ = true;
  }
  if (!content) return;
  const std::int64_t sequence = delta["sequence"].int_or(-1);
  if (sequence_ >= 0 && sequence != sequence_ + 1) {
    problem("a hole in sequence before " + std::to_string(sequence));
  }
  sequence_ = sequence;
  if (action == "snapshot") {
    nodes_.clear();
    edges_.clear();
  }
  if (!delta["nodes"].is(base::json::Type::array) || !delta["edges"].is(base::json::Type::array)) {
    problem("nodes and edges must be lists: " + delta.to_json());
  }
  take(nodes_, delta["nodes"], action);
  take(edges_, delta["edges"], action);
}

void GraphView::replace(Value read) {
  nodes_ = by(read["nodes"], "id");
  edges_ = by(read["edges"], "id");
}

std::string GraphView::difference(Value read) const {
  return compare(nodes_, by(read["nodes"], "id"), "node") +
         compare(edges_, by(read["edges"], "id"), "edge");
}

std::unique_ptr<ClientView> view_of(std::string_view uri) {
  if (uri.starts_with("k0rdent://events/")) return std::make_unique<EventsView>();
  if (uri.starts_with("k0rdent://graph")) return std::make_unique<GraphView>();
  return std::make_unique<LogsView>();
}

}  // namespace test
