#include "logs/get_tool.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "answer/list_arguments.h"
#include "cluster/nearest_names.h"
#include "logs/read.h"

namespace logs {

using mcp::Field;

namespace {

constexpr std::int64_t kDefaultLines = 200;
// What the words beside the log, but for followUri, and masks in it may take of maxBytes.
constexpr std::size_t kWordsBytes = 512;

struct PodLogArguments {
  std::string ns, pod, container;
  std::optional<std::int64_t> tail_lines, since_seconds;
  bool previous = false, follow = false;
  std::int64_t max_bytes = answer::default_answer_bytes();

  static mcp::Fields fields() {
    using Args = PodLogArguments;
    return {
        mcp::field<&Args::ns>({.name = "namespace",
                               .description = "namespace of the pod",
                               .required = true,
                               .form = Field::Form::dns_label}),
        mcp::field<&Args::pod>({.name = "pod",
                                .description = "name of the pod",
                                .required = true,
                                .form = Field::Form::dns_subdomain}),
        mcp::field<&Args::container>(
            {.name = "container",
             .description = "name of the container; optional when the pod has only one",
             .form = Field::Form::dns_label_or_empty}),
        mcp::field<&Args::tail_lines>({.name = "tailLines",
                                       .description = "only the last N lines; 200 when "
                                                      "sinceSeconds is not given either",
                                       .minimum = 0,
                                       .maximum = kLogNumberMax}),
        mcp::field<&Args::since_seconds>({.name = "sinceSeconds",
                                          .description = "only lines of the last N seconds",
                                          .minimum = 1,
                                          .maximum = kLogNumberMax}),
        mcp::field<&Args::previous>(
            {.name = "previous", .description = "the log of the instance before the last restart"}),
        mcp::field<&Args::follow>(
            {.name = "follow", .description = "also return the URI to subscribe to for new lines"}),
        mcp::field<&Args::max_bytes>({.name = "maxBytes",
                                      .minimum = answer::kLeastAnswerBytes,
                                      .maximum = answer::kMostAnswerBytes,
                                      .show_limits = false}),
    };
  }
  Request request() const { return {ns, pod, container, tail_lines, since_seconds, previous}; }
};

struct PodLogs {
  std::string logs;
  bool following = false;
  std::string follow_uri, container;
  bool truncated = false;
  std::size_t omitted_bytes = 0;
  static mcp::Fields fields() {
    return {
        mcp::field<&PodLogs::logs>({.name = "logs", .required = true}),
        mcp::field<&PodLogs::following>(
            {.name = "following",
             .description = "the log can be followed by subscribing to followUri",
             .required = true}),
        mcp::field<&PodLogs::follow_uri>({.name = "followUri"}),
        mcp::field<&PodLogs::container>({.name = "container"}),
        mcp::field<&PodLogs::truncated>(
            {.name = "truncated",
             .description = "older lines were left out; ask for more with tailLines, maxBytes"}),
        mcp::field<&PodLogs::omitted_bytes>({.name = "omittedBytes"})};
  }
};
using Call = mcp::TypedCall<PodLogs>;

// Removes everything before the last `n` lines; false: there was nothing to remove.
bool keep_last_lines(std::string& text, std::int64_t n) {
  std::size_t start = text.ends_with('\n') ? text.size() - 1 : text.size();
  for (; n > 0; --n) {
    const std::size_t at = start == 0 ? text.npos : text.rfind('\n', start - 1);
    if (at == text.npos) return false;
    start = at;
  }
  text.erase(0, start + 1);
  return true;
}

// Bytes that a character of a log takes in an answer, which has it twice, since clients read one or
// the other: in structured content and as text.
std::size_t sent_bytes(char c) {
  const bool short_escape =
      c == '"' || c == '\\' || c == '\n' || c == '\r' || c == '\t' || c == '\b' || c == '\f';
  if (short_escape) return 2 * 2;
  return static_cast<unsigned char>(c) < ' ' ? 2 * 6 : 2 * 1;
}

// As a model reads it: the lines, after what there is to say of them.
std::string as_text(const PodLogs& logs, const std::string& why_empty) {
  std::string out;
  if (logs.truncated) out += "[older lines are left out: tailLines and maxBytes give more]\n";
  if (logs.following) out.append("[new lines: subscribe to ").append(logs.follow_uri).append("]\n");
  if (!logs.logs.empty()) return out.append(logs.logs);
  return out.append("[no lines").append(why_empty.empty() ? "" : ": ").append(why_empty) + "]\n";
}

// Removes what does not fit from the front: whole lines, or of the last one its beginning. The
// number of removed bytes.
std::size_t keep_what_fits(std::string& text, std::size_t max_bytes) {
  std::size_t start = text.size(), sent = 0;
  while (start > 0 && (sent += sent_bytes(text[start - 1])) <= max_bytes)
    --start;
  if (start == 0) return 0;
  const std::size_t line_end = text.find('\n', start - 1);
  if (line_end != text.npos && line_end + 1 < text.size()) {
    start = line_end + 1;
  } else {
    while (start < text.size() && (static_cast<unsigned char>(text[start]) & 0xC0) == 0x80)
      ++start;
  }
  text.erase(0, start);
  return start;
}

class PodLogsRun final : public mcp::ToolRun {
 public:
  PodLogsRun(cluster::Cluster& cluster, Call call)
      : call_(call),
        read_(cluster, Read::Fn::bind<&PodLogsRun::on_read>(this)),
        nearest_(cluster, cluster::NearestNames::Fn::bind<&PodLogsRun::on_nearest>(this)) {}

  // False: it is answered.
  bool start(const PodLogArguments& arguments) {
    follow_ = arguments.follow;
    request_ = arguments.request();
    Request asked = request_;
    by_default_ = !asked.tail_lines && !asked.since_seconds;
    // Requests one line more than is shown, to find out whether there are more.
    if (by_default_) asked.tail_lines = kDefaultLines + 1;
    max_bytes_ = static_cast<std::size_t>(arguments.max_bytes) - kWordsBytes;
    auto ok = read_.start(std::move(asked), call_->caller(), max_bytes_ / 2);
    if (!ok) call_.fail(mcp::ToolError{ok.error().what()});
    return ok.has_value();
  }

 private:
  void on_read(Read::Outcome outcome) {
    if (outcome.failure) {
      problem_ = std::move(outcome.failure->message);
      if (!outcome.failure->says(404)) return call_.fail(mcp::ToolError{problem_});
      return nearest_.start(call_->caller(), kube::kPods, request_.ns, request_.pod);
    }
    request_.container = outcome.container;
    PodLogs logs;
    logs.logs = std::move(outcome.text);
    const bool more = by_default_ && keep_last_lines(logs.logs, kDefaultLines);
    logs.following = follow_;
    if (follow_) logs.follow_uri = request_.uri();
    logs.container = outcome.container;
    const std::size_t room = max_bytes_ - 2 * logs.follow_uri.size();
    logs.omitted_bytes = outcome.omitted_bytes + keep_what_fits(logs.logs, room);
    logs.truncated = more || logs.omitted_bytes > 0;
    call_.succeed(logs, as_text(logs, outcome.why_empty));
  }
  void on_nearest(const std::vector<std::string>& names) {
    call_.fail(mcp::ToolError{problem_ + cluster::nearest_text(names)});
  }

  Call call_;
  bool follow_ = false, by_default_ = false;
  std::size_t max_bytes_ = 0;
  Request request_;
  std::string problem_;
  Read read_;
  cluster::NearestNames nearest_;
};

class PodLogsTool final : public mcp::TypedTool<PodLogArguments, PodLogs> {
 public:
  explicit PodLogsTool(cluster::Cluster& cluster)
      : TypedTool({.name = "k0rdent.mgmt.podLogs.get",
                   .title = "Get pod logs",
                   .description =
                       "Reads the log of one container of a pod in the management cluster: the "
                       "last 200 lines, or the lines that tailLines and sinceSeconds select, the "
                       "newest that fit into maxBytes, and whether older lines were left out. "
                       "With follow it also returns the resource URI to subscribe to for new "
                       "lines; a read of that URI returns up to 1 MiB.",
                   .meta_json = R"({"plane":"mgmt","category":"podLogs","action":"get"})",
                   .needs = log_needs() + mcp::Needs{{"list", "", "pods"}},
                   .scope = mcp::Scope::logs}),
        cluster_(cluster) {}

  std::unique_ptr<mcp::ToolRun> start(PodLogArguments arguments, Call call) override {
    if (arguments.follow && arguments.previous) {
      call.fail(mcp::ToolError{
          "'follow' and 'previous' exclude each other: an ended instance writes no new lines"});
      return nullptr;
    }
    auto run = std::make_unique<PodLogsRun>(cluster_, call);
    return run->start(arguments) ? std::move(run) : nullptr;
  }

 private:
  cluster::Cluster& cluster_;
};

}  // namespace

std::unique_ptr<mcp::Tool> make_pod_logs_tool(cluster::Cluster& cluster) {
  return std::make_unique<PodLogsTool>(cluster);
}

}  // namespace logs
