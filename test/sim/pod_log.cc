#include "sim/pod_log.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/json.h"

namespace sim {
namespace {

using base::json::Value;

constexpr std::int64_t kSecond = 1000000000;

std::vector<std::string> names_of(Value list) {
  std::vector<std::string> out;
  for (const Value one : list.array())
    out.emplace_back(one["name"].str());
  return out;
}

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names)
    out += (out.empty() ? "" : " ") + name;
  return "[" + out + "]";
}

Status relayed(int code, std::string message) {
  Status status =
      code == 400 ? bad_request(std::move(message)) : internal_error(std::move(message));
  return status;
}

// "" with `refused` set when none can be chosen.
std::string choose(Value pod, const std::string& name, const std::string& wanted,
                   std::optional<Status>& refused) {
  const std::vector<std::string> regular = names_of(pod["spec"]["containers"]);
  const std::vector<std::string> init = names_of(pod["spec"]["initContainers"]);
  const std::vector<std::string> passing = names_of(pod["spec"]["ephemeralContainers"]);
  if (wanted.empty()) {
    if (regular.size() == 1) return regular[0];
    std::string text = "a container name must be specified for pod " + name +
                       ", choose one of: " + joined(regular);
    if (!init.empty()) text += " or one of the init containers: " + joined(init);
    if (!passing.empty()) text += " or one of the ephemeral containers: " + joined(passing);
    refused = bad_request(text);
    return {};
  }
  for (const auto* list : {&regular, &init, &passing}) {
    if (std::find(list->begin(), list->end(), wanted) != list->end()) return wanted;
  }
  refused = bad_request("container " + wanted + " is not valid for pod " + name);
  return {};
}

std::optional<Status> wrong_number(const ApiRequest& request, const char* field,
                                   std::int64_t least) {
  const std::string& said = request.query.get(field);
  if (said.empty()) return std::nullopt;
  const std::optional<std::int64_t> number = request.query.number(field);
  if (!number) return bad_request("strconv.ParseInt: parsing \"" + said + "\": invalid syntax");
  if (*number >= least) return std::nullopt;
  return invalid(
      "", "PodLogOptions", request.name,
      {"FieldValueInvalid",
       "Invalid value: " + said +
           (least > 0 ? ": must be greater than 0" : ": must be greater than or equal to 0"),
       field});
}

std::optional<Status> read_numbers(const ApiRequest& request, base::WallTime now,
                                   PodLogOptions& options) {
  for (const auto& [field, least] :
       {std::pair{"tailLines", 0}, std::pair{"limitBytes", 1}, std::pair{"sinceSeconds", 1}}) {
    if (auto wrong = wrong_number(request, field, least)) return wrong;
  }
  const std::string& time = request.query.get("sinceTime");
  if (!time.empty() && request.query.has("sinceSeconds")) {
    return invalid(
        "", "PodLogOptions", request.name,
        {"FieldValueForbidden",
         "Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified", ""});
  }
  if (!time.empty()) {
    options.since = base::parse_rfc3339(time);
    if (!options.since) return bad_request("parsing time \"" + time + "\" as RFC 3339");
    options.since->ns -= ((options.since->ns % kSecond) + kSecond) % kSecond;
  }
  if (const auto seconds = request.query.number("sinceSeconds")) {
    options.since = base::WallTime{now.ns - *seconds * kSecond};
  }
  options.tail = request.query.number("tailLines");
  options.limit_bytes = request.query.number("limitBytes");
  return std::nullopt;
}

// What the kubelet says of a container that has no log to give; nullopt when it has.
std::optional<Status> not_there(const LogStore& logs, Value pod, const std::string& container,
                                const std::string& name, const PodLogOptions& options) {
  const ContainerLog* log = logs.find(options.key);
  const std::string who = "container \"" + container + "\" in pod \"" + name + "\" ";
  if (options.previous) {
    if (log && log->has_previous) return std::nullopt;
    return relayed(400, "previous terminated " + who + "not found");
  }
  for (const Value status : pod["status"]["containerStatuses"].array()) {
    const Value waiting = status["state"]["waiting"];
    if (status["name"].str() == container && waiting.present() &&
        status["restartCount"].int_or(0) == 0) {
      return relayed(400, who + "is waiting to start: " + std::string(waiting["reason"].str()));
    }
  }
  return std::nullopt;
}

}  // namespace

bool plan_pod_log(Store& store, const LogStore& logs, const ApiRequest& request, base::WallTime now,
                  PodLogOptions& options, Answer& answer) {
  const View view{&store.of("Pod"), 0};
  const Object* object = store.get(view, key_of(request.ns, request.name));
  if (!object) {
    answer = refuse(not_found(view.type(), request.name));
    return false;
  }
  base::json::Document doc;
  const auto pod = doc.parse(view.json(*object));
  std::optional<Status> refused = read_numbers(request, now, options);
  const std::string container =
      refused ? "" : choose(*pod, request.name, request.query.get("container"), refused);
  options.follow = request.query.flag("follow");
  options.previous = request.query.flag("previous");
  options.timestamps = request.query.flag("timestamps");
  options.key = request.ns + "/" + request.name + "/" + container;
  if (!refused && (*pod)["spec"]["nodeName"].str().empty()) {
    answer.status = 204;
    return false;
  }
  if (!refused) refused = not_there(logs, *pod, container, request.name, options);
  if (refused) answer = refuse(*refused);
  return !refused;
}

PodLog::PodLog(const LogStore& logs, PodLogOptions options, ApiRequest request, http::Reply reply)
    : LongAnswer(std::move(request), std::move(reply)), logs_(logs), options_(std::move(options)) {}

void PodLog::start() {
  reply().begin(200, "text/plain", audit_header(request()));
  const ContainerLog* log = logs_.find(options_.key);
  if (log) {
    const std::deque<LogRecord>& records = options_.previous ? log->previous : log->records;
    std::size_t first = 0;
    while (first < records.size() && options_.since && records[first].time < *options_.since)
      ++first;
    if (options_.tail) {
      const auto most = static_cast<std::size_t>(*options_.tail);
      if (records.size() - first > most) first = records.size() - most;
    }
    for (std::size_t i = first; i < records.size() && !over(); ++i)
      deliver(records[i]);
  }
  const bool more = options_.follow && !options_.previous && !(log && log->ended);
  if (!more && !over()) end();
}

void PodLog::on_record(const std::string& key, const LogRecord* record) {
  if (key != options_.key || over() || options_.previous) return;
  record ? deliver(*record) : end();
}

void PodLog::deliver(const LogRecord& record) {
  std::string bytes;
  if (options_.timestamps && !record.continues) {
    bytes = (record.stamp.empty() ? base::format_rfc3339(record.time, 9) : record.stamp) + " ";
  }
  bytes += record.text;
  if (!record.unfinished) bytes += '\n';
  if (options_.limit_bytes) {
    const auto most = static_cast<std::size_t>(*options_.limit_bytes);
    if (bytes.size() > most) bytes.resize(most);
    *options_.limit_bytes -= static_cast<std::int64_t>(bytes.size());
  }
  raw(bytes);
  if (options_.limit_bytes && *options_.limit_bytes == 0 && !over()) end();
}

}  // namespace sim
