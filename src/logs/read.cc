#include "logs/read.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "cluster/refusal.h"
#include "logs/container_choice.h"
#include "redact/key_lines.h"

namespace logs {

constexpr std::string_view kGetPod = "get pod";
constexpr std::size_t kReasonBytes = 500;
constexpr std::string_view kUnknown = "is not valid for pod";

mcp::Needs log_needs() {
  return {{"get", kube::kPods.group, kube::kPods.plural},
          {"get", kube::kPods.group, kube::kPods.plural + "/log"}};
}

std::string rule_text(std::string plural, const std::string& ns, const kube::Failure& failure) {
  kube::Resource what = kube::kPods;
  what.plural = std::move(plural);
  return cluster::rule_text({"get", what, ns}, failure);
}

Read::Read(cluster::Cluster& cluster, Fn fn)
    : cluster_(cluster),
      fn_(fn),
      pod_(cluster, cluster::Get::Fn::bind<&Read::on_pod>(this)),
      log_(cluster, *this) {}

base::Result<void> Read::start(Request request, const mcp::Caller& caller, std::size_t max_bytes) {
  max_bytes_ = max_bytes;
  ended_ = false;
  request_ = std::move(request);
  credentials_ = cluster::credentials_of(caller);
  named_ = !request_.container.empty();
  if (named_) return read_log();
  return pod_.start(credentials_, {kube::kPods, request_.ns, request_.pod});
}

// The API server answers for such a pod with an empty log.
static std::string why_nowhere(base::json::Value pod) {
  if (!pod || !pod["spec"]["nodeName"].str().empty() || pod["status"]["phase"].str() != "Pending")
    return {};
  std::string out =
      "pod " + std::string(pod["metadata"]["name"].str()) + " is not scheduled to a node yet";
  for (const base::json::Value each : pod["status"]["conditions"].array())
    if (each["type"].str() == "PodScheduled" && !each["message"].str().empty())
      out += ": " + base::printable(each["message"].str(), kReasonBytes);
  return out;
}

void Read::on_pod(const kube::Failure* failure, base::json::Value pod) {
  if (ended_) return finish(failure ? std::string() : why_nowhere(pod));
  if (refusal_) {
    const auto named = failure ? request_.container : choose_container(pod, request_.container);
    if (!named) refusal_->message.append("; ").append(named.error().what());
    return fail(*std::move(refusal_), "read log");
  }
  if (failure) return fail(*failure, kGetPod);
  auto container = choose_container(pod, {});
  if (!container) return fail(kube::Failure::from_error(container.error()), "choose container");
  request_.container = *std::move(container);
  CHECK(read_log());  // the pod was read by the same names
}

base::Result<void> Read::read_log() {
  cluster::LogSpec spec = request_.spec();
  spec.credentials = credentials_;
  return log_.start(std::move(spec));
}

void Read::on_log(std::string_view bytes) {
  bytes_.append(bytes);
  // Cuts only at twice the cap, so that each byte is moved at most once.
  if (bytes_.size() > 2 * max_bytes_) cut_to_cap();
}

// A continuation byte of UTF-8.
static bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

void Read::cut_to_cap() {
  if (bytes_.size() <= max_bytes_) return;
  std::size_t start = bytes_.size() - max_bytes_;
  const std::size_t line_end = bytes_.find('\n', start);
  if (line_end != std::string::npos && line_end + 1 < bytes_.size()) start = line_end + 1;
  // A single line longer than the cap is cut between two characters.
  for (int i = 0; i < 3 && start < bytes_.size() && is_continuation(bytes_[start]); ++i)
    ++start;
  omitted_ += start;
  bytes_.erase(0, start);
}

// The lines at its beginning that can only be of a private key that began before it. The rest shows
// by itself what is secret in it.
static std::string mask_head(const redact::Redactor& redactor, std::string text) {
  redact::KeyLines keys(redactor);
  std::string head, masked;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    if (!keys.clean(std::string_view(text).substr(at, end - at), masked)) break;
    head += masked;
    at = end;
    if (at < text.size()) head += text[at++];
  }
  return at == 0 ? text : head + text.substr(at);
}

// "container x is not valid for pod y" (kube-apiserver 1.35) says nothing of the right names.
void Read::on_refused(const kube::Failure& failure) {
  const bool unknown = failure.says(400) && failure.message.find(kUnknown) != std::string::npos;
  if (!unknown || !named_) return fail(failure, "read log");
  refusal_ = failure;
  if (!pod_.start(credentials_, {kube::kPods, request_.ns, request_.pod}))
    fail(failure, "read log");
}

void Read::on_log_end(const kube::Failure* failure) {
  if (failure) return on_refused(*failure);
  cut_to_cap();
  ended_ = true;
  const bool none_wanted = request_.tail_lines && *request_.tail_lines == 0;
  if (!bytes_.empty() || none_wanted ||
      !pod_.start(credentials_, {kube::kPods, request_.ns, request_.pod}))
    finish({});
}

void Read::finish(std::string why_empty) {
  Outcome outcome;
  outcome.why_empty = std::move(why_empty);
  outcome.text = base::repair_utf8(bytes_);
  if (const redact::Redactor* redactor = cluster_.redactor)
    outcome.text = mask_head(*redactor, std::move(outcome.text));
  outcome.container = request_.container;
  outcome.omitted_bytes = omitted_;
  fn_(std::move(outcome));
}

void Read::fail(kube::Failure failure, std::string_view step) {
  failure.message += rule_text(step == kGetPod ? "pods" : "pods/log", request_.ns, failure);
  failure.message.insert(0, std::string(step) + ": ");
  Outcome outcome;
  outcome.failure = std::move(failure);
  fn_(std::move(outcome));
}

}  // namespace logs
