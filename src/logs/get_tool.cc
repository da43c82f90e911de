#include "logs/get_tool.h"

#include <optional>
#include <string>
#include <utility>

#include "base/limits.h"
#include "logs/read.h"

namespace logs {

using mcp::Field;

namespace {

// Default size of an answer: some 10,000 tokens of ordinary lines, which a model can take besides
// its other work; some 16,000 at most if lines are long.
constexpr std::int64_t kDefaultLines = 200;
constexpr std::size_t kDefaultBytes = 64 * base::limits::kKiB;
// Largest answer: 65,000 tokens. It carries the log twice, as text and as structured content, since
// clients read one or the other. A read of k0rdent://podlogs/… returns more.
constexpr std::size_t kMostBytes = 256 * base::limits::kKiB;

struct PodLogArguments {
  std::string ns, pod, container;
  std::optional<std::int64_t> tail_lines, since_seconds;
  bool previous = false, follow = false;

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
    return {mcp::field<&PodLogs::logs>({.name = "logs", .required = true}),
            mcp::field<&PodLogs::following>(
                {.name = "following",
                 .description = "the log can be followed by subscribing to followUri",
                 .required = true}),
            mcp::field<&PodLogs::follow_uri>({.name = "followUri"}),
            mcp::field<&PodLogs::container>({.name = "container"}),
            mcp::field<&PodLogs::truncated>(
                {.name = "truncated",
                 .description = "older lines were left out; ask for more with tailLines"}),
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

class PodLogsRun final : public mcp::ToolRun {
 public:
  PodLogsRun(cluster::Cluster& cluster, Call call)
      : call_(call), read_(cluster, Read::Fn::bind<&PodLogsRun::on_read>(this)) {}

  // False: it is answered.
  bool start(const PodLogArguments& arguments) {
    follow_ = arguments.follow;
    request_ = arguments.request();
    Request asked = request_;
    by_default_ = !asked.tail_lines && !asked.since_seconds;
    // Requests one line more than is shown, to find out whether there are more.
    if (by_default_) asked.tail_lines = kDefaultLines + 1;
    auto ok =
        read_.start(std::move(asked), call_->caller(), by_default_ ? kDefaultBytes : kMostBytes);
    if (!ok) call_.fail(mcp::ToolError{ok.error().what()});
    return ok.has_value();
  }

 private:
  void on_read(Read::Outcome outcome) {
    if (outcome.failure) return call_.fail(mcp::ToolError{outcome.failure->message});
    request_.container = outcome.container;
    PodLogs logs;
    logs.logs = std::move(outcome.text);
    const bool more = by_default_ && keep_last_lines(logs.logs, kDefaultLines);
    logs.following = follow_;
    if (follow_) logs.follow_uri = request_.uri();
    logs.container = outcome.container;
    logs.truncated = more || outcome.omitted_bytes > 0;
    logs.omitted_bytes = outcome.omitted_bytes;
    call_.succeed(logs);
  }

  Call call_;
  bool follow_ = false, by_default_ = false;
  Request request_;
  Read read_;
};

class PodLogsTool final : public mcp::TypedTool<PodLogArguments, PodLogs> {
 public:
  explicit PodLogsTool(cluster::Cluster& cluster)
      : TypedTool({.name = "k0rdent.mgmt.podLogs.get",
                   .title = "Get pod logs",
                   .description =
                       "Reads the log of one container of a pod in the management cluster: the "
                       "last 200 lines (64 KiB at most), or the lines that tailLines and "
                       "sinceSeconds select (256 KiB at most), and whether older lines were left "
                       "out. With follow it also returns the resource URI to subscribe to for new "
                       "lines; a read of that URI returns up to 1 MiB.",
                   .meta_json = R"({"plane":"mgmt","category":"podLogs","action":"get"})",
                   .needs = log_needs(),
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
