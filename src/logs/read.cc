#include "logs/read.h"

#include <utility>

#include "base/text.h"
#include "logs/container_choice.h"

namespace logs {

Read::Read(cluster::Context& context, Fn fn)
    : fn_(fn),
      pod_(context.client, kube::ApiGet::Fn::bind<&Read::on_pod>(this)),
      log_(context.client, *this) {}

void Read::start(Request request, kube::config::Credentials credentials, std::size_t max_bytes) {
  max_bytes_ = max_bytes;
  request_ = std::move(request);
  credentials_ = std::move(credentials);
  if (!request_.container.empty()) return read_log();
  kube::ApiRequest get;
  get.path = *kube::kPods.path(request_.ns, request_.pod);  // both names are valid
  get.credentials = credentials_;
  pod_.start(std::move(get));
}

void Read::on_pod(kube::ApiGet::Outcome outcome) {
  if (outcome.failure) return fail(std::move(*outcome.failure), "get pod");
  base::json::Document doc;
  auto pod = doc.parse(outcome.body);
  if (!pod) return fail(kube::Failure::from_error(pod.error()), "get pod");
  auto container = choose_container(*pod, {});
  if (!container) return fail(kube::Failure::from_error(container.error()), "choose container");
  request_.container = *std::move(container);
  read_log();
}

void Read::read_log() {
  kube::Query query;
  query.add("container", request_.container);
  if (request_.previous) query.add("previous", "true");
  if (request_.tail_lines) query.add("tailLines", *request_.tail_lines);
  if (request_.since_seconds) query.add("sinceSeconds", *request_.since_seconds);
  kube::ApiRequest get;
  get.path = *kube::kPods.path(request_.ns, request_.pod, "log");
  get.query = query.text();
  get.accept = "text/plain, */*";
  get.credentials = credentials_;
  log_.start(std::move(get));
}

void Read::on_data(std::string_view bytes) {
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

void Read::on_end(const kube::Failure* failure) {
  if (failure) return fail(*failure, "read log");
  cut_to_cap();
  Outcome outcome;
  outcome.text = base::repair_utf8(bytes_);
  outcome.container = request_.container;
  outcome.omitted_bytes = omitted_;
  fn_(std::move(outcome));
}

void Read::fail(kube::Failure failure, std::string_view step) {
  failure.message.insert(0, std::string(step) + ": ");
  Outcome outcome;
  outcome.failure = std::move(failure);
  fn_(std::move(outcome));
}

}  // namespace logs
