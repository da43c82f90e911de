#include "kube/list_call.h"

#include <utility>

namespace kube {

using base::Errc;
using base::json::Type;
using base::json::Value;

ListCall::ListCall(Client& client, ListHandler& handler)
    : handler_(handler), get_(client, ApiGet::Fn::bind<&ListCall::on_page>(this)) {}

void ListCall::start(const ListSpec& spec) {
  spec_ = spec;
  active_ = true;
  ++run_;
  pages_ = restarts_ = 0;
  continue_.clear();
  resource_version_.clear();
  next_page();
}

void ListCall::cancel() {
  get_.cancel();
  active_ = false;
  ++run_;
}

void ListCall::next_page() {
  Query query;
  if (spec_.page > 0) query.add("limit", spec_.page);
  if (!continue_.empty()) query.add("continue", continue_);
  if (!spec_.field_selector.empty()) query.add("fieldSelector", spec_.field_selector);
  if (!spec_.label_selector.empty()) query.add("labelSelector", spec_.label_selector);
  ApiRequest request;
  // A name that makes no path gives "": the client refuses that like any bad target, through
  // on_page.
  if (auto path = spec_.resource.path(spec_.ns)) request.path = *std::move(path);
  request.query = query.text();
  request.credentials = spec_.credentials;
  get_.start(std::move(request));
}

void ListCall::finish(const Failure* failure) {
  active_ = false;
  doc_.release();
  const std::string version = std::move(resource_version_);
  handler_.on_done(failure, version);
}

void ListCall::restart() {
  // The second time without paging: a list that takes longer than the server keeps its history
  // would never end.
  if (++restarts_ == 2) spec_.page = 0;
  pages_ = 0;
  continue_.clear();
  resource_version_.clear();
  const std::uint32_t run = run_;
  handler_.on_restart();
  if (run == run_) next_page();
}

void ListCall::on_page(ApiGet::Outcome outcome) {
  if (outcome.failure) {
    if (outcome.failure->expired() && pages_ > 0 && restarts_ < 2) return restart();
    return finish(&*outcome.failure);
  }
  auto root = doc_.parse(outcome.body);
  if (!root) {
    const Failure bad = Failure::from_error(
        base::Error(Errc::protocol, "list " + spec_.resource.text() + ": " + root.error().what()));
    return finish(&bad);
  }
  const Value metadata = (*root)["metadata"];
  const Value items = (*root)["items"];
  if (!metadata.is(Type::object) || (items && !items.is(Type::array) && !items.is(Type::null))) {
    const Failure bad = Failure::from_error(
        base::Error(Errc::protocol, "list " + spec_.resource.text() + ": the answer is no list"));
    return finish(&bad);
  }
  if (pages_++ == 0) resource_version_ = metadata["resourceVersion"].str();
  const std::string next(metadata["continue"].str());
  if (!next.empty() && (next == continue_ || pages_ >= kMaxPages)) {
    const Failure bad = Failure::from_error(
        base::Error(Errc::protocol, "list " + spec_.resource.text() + ": paging does not end"));
    return finish(&bad);
  }
  const std::uint32_t run = run_;
  for (Value item : items.array()) {
    handler_.on_item(item);
    if (run != run_) return;  // cancelled inside
  }
  if (next.empty()) return finish(nullptr);
  continue_ = next;
  next_page();
}

}  // namespace kube
