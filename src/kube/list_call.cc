#include "kube/list_call.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "kube/answer_kind.h"

namespace kube {

using base::Errc;
using base::json::Type;
using base::json::Value;

ListCall::ListCall(Client& client, ListHandler& handler)
    : client_(client),
      handler_(handler),
      call_(client, static_cast<ApiHandler&>(*this)),
      drain_(client.loop(), "list portion", loop::Deferred::Fn::bind<&ListCall::on_drain>(this)) {}

void ListCall::start(const ListSpec& spec) {
  spec_ = spec;
  spec_.page = std::min(spec_.page, largest_page_);
  active_ = true;
  ++run_;
  pages_ = restarts_ = 0;
  objects_ = bytes_ = skip_ = unreadable_ = 0;
  continue_ = spec_.continue_token;
  resource_version_.clear();
  columns_told_ = spec_.accept != kTableAccept;
  next_page();
}

void ListCall::cancel() {
  call_.cancel();
  drain_.cancel();
  held_.clear();
  active_ = false;
  ++run_;
}

void ListCall::next_page() {
  decoder_.reset();
  std::string().swap(held_);
  page_bytes_ = page_objects_ = 0;
  ended_ = refused_ = false;
  broke_.reset();
  Query query;
  if (spec_.page > 0) query.add("limit", spec_.page);
  if (!continue_.empty()) query.add("continue", continue_);
  if (!spec_.field_selector.empty()) query.add("fieldSelector", spec_.field_selector);
  if (!spec_.label_selector.empty()) query.add("labelSelector", spec_.label_selector);
  if (spec_.whole_objects) query.add("includeObject", "Object");
  ApiRequest request;
  // An invalid name gives the path "", which the client refuses like any bad target, through
  // on_end.
  if (auto path = spec_.resource.path(spec_.ns)) request.path = *std::move(path);
  request.query = query.text();
  request.credentials = spec_.credentials;
  request.accept = spec_.accept;
  call_.start(std::move(request));
}

void ListCall::finish(const Failure* failure) {
  active_ = false;
  call_.cancel();
  drain_.cancel();
  std::string().swap(held_);
  decoder_.reset();  // its parse tree would stay as long as the watch that listed
  if (unreadable_ > 0) {
    LOG_WARN("objects of a list cannot be read", {"list", spec_.resource.text()},
             {"namespace", spec_.ns}, {"objects", unreadable_}, {"first", unreadable_why_});
  }
  const std::string version = std::move(resource_version_);
  resource_version_.clear();
  const std::optional<Failure> why = failure ? std::optional(*failure) : std::nullopt;
  handler_.on_done(why ? &*why : nullptr, version);
}

void ListCall::fail(Errc code, const std::string& what) {
  const Failure bad =
      Failure::from_error(base::Error(code, "list " + spec_.resource.text() + ": " + what));
  finish(&bad);
}

void ListCall::restart() {
  // The second restart does without paging: a paged list that takes longer than the server keeps
  // its history would never end.
  if (++restarts_ == 2) spec_.page = 0;
  pages_ = 0;
  skip_ = 0;
  continue_.clear();
  resource_version_.clear();
  const std::uint32_t run = run_;
  handler_.on_restart();
  if (run == run_) next_page();
}

// The page is too large: requests it again with half as many objects. A token's position does not
// change; the first page may begin with other objects by then.
void ListCall::smaller() {
  call_.cancel();
  largest_page_ = spec_.page = std::max(1, spec_.page / 2);
  LOG_INFO("a page of a list is too large; requesting it again with fewer objects",
           {"list", spec_.resource.text()}, {"limit", spec_.page});
  skip_ = continue_.empty() ? 0 : std::max(skip_, page_objects_);
  if (!continue_.empty() || page_objects_ == 0) return next_page();
  const std::uint32_t run = run_;
  handler_.on_restart();
  if (run == run_) next_page();
}

void ListCall::on_data(std::string_view bytes) {
  page_bytes_ += bytes.size();
  bytes_ += bytes.size();
  // A page of one object is accepted whatever its size; the excess is not kept.
  const ListLimits& limits = client_.list_limits();
  if (page_bytes_ > limits.page_bytes && spec_.page > 1) return smaller();
  if (bytes_ / kListBytesFactor > limits.bytes) {
    return fail(Errc::too_large, "it has more than " + std::to_string(limits.bytes) + " times " +
                                     std::to_string(kListBytesFactor) + " bytes");
  }
  if (!held_.empty()) {
    held_.append(bytes);
    return;
  }
  if (!portion(bytes) || bytes.empty()) return;
  // The rest is decoded in a later turn, and nothing is read meanwhile.
  held_.assign(bytes);
  held_at_ = 0;
  call_.pause(true);
  drain_.schedule();
}

// Decodes one portion from the front. Returns false when the list is over or given up.
bool ListCall::portion(std::string_view& bytes) {
  const std::uint32_t run = run_;
  auto fed = decoder_.feed(bytes, static_cast<ListSink&>(*this));
  if (run != run_) return false;
  if (!fed) return fail(Errc::protocol, fed.error().what()), false;
  if (!std::exchange(refused_, false)) return true;
  const std::size_t most = client_.list_limits().objects;
  if (objects_ > most) {
    fail(Errc::too_large,
         "it has more than " + std::to_string(most) + " objects (--max-watch-objects)");
  } else {
    fail(Errc::protocol, why_other_list().value_or("the answer is not a list"));
  }
  return false;
}

void ListCall::on_drain() {
  std::string all = std::exchange(held_, {});
  std::string_view bytes = std::string_view(all).substr(held_at_);
  if (!portion(bytes)) return;
  if (!bytes.empty()) {
    held_at_ = all.size() - bytes.size();
    held_ = std::move(all);
    return drain_.schedule();
  }
  if (ended_) return page_over();
  call_.pause(false);
}

void ListCall::on_end(const Failure* failure) {
  ended_ = true;
  if (failure) broke_ = *failure;
  if (!drain_.scheduled()) page_over();
}

// Returns false when the list has more objects than any watch may have.
bool ListCall::count() {
  refused_ = ++objects_ > client_.list_limits().objects;
  return !refused_;
}

// What is known before the page's end; a kind that comes after the items is seen there.
std::optional<std::string> ListCall::why_other_list() const {
  base::json::Document doc;
  const auto root = doc.parse(decoder_.rest_so_far());
  if (!root || !(*root)["kind"]) return std::nullopt;
  return why_not_list_of(spec_.resource, spec_.accept, *root);
}

// Asked before the handler is given the page's first item.
bool ListCall::is_this_list() {
  refused_ = ++page_objects_ == 1 && why_other_list();
  return !refused_;
}

// Returns false when the handler cancelled the list.
bool ListCall::tell_columns() {
  if (std::exchange(columns_told_, true)) return true;
  const std::uint32_t run = run_;
  base::json::Document doc;
  const auto root = doc.parse(decoder_.rest_so_far());
  handler_.on_columns(root && decoder_.is_table() ? (*root)["columnDefinitions"] : Value());
  return run == run_;
}

bool ListCall::on_object(Value object) {
  if (!is_this_list()) return false;
  if (page_objects_ <= skip_) return true;
  if (!count()) return false;
  const std::uint32_t run = run_;
  if (!tell_columns()) return false;
  handler_.on_item(object);
  return run == run_;
}

bool ListCall::on_unreadable(std::string_view text, const std::string& why) {
  if (!is_this_list()) return false;
  if (page_objects_ <= skip_) return true;
  if (!count()) return false;
  const std::uint32_t run = run_;
  if (!tell_columns()) return false;
  if (unreadable_++ == 0) unreadable_why_ = why;
  handler_.on_unreadable(text, why);
  return run == run_;
}

void ListCall::page_over() {
  if (broke_) {
    if (broke_->expired() && !continue_.empty() && restarts_ < 2) return restart();
    const Failure failure = *std::move(broke_);
    return finish(&failure);
  }
  base::json::Document doc;
  const auto root = doc.parse(decoder_.rest());
  if (!decoder_.whole() || !root) {
    return fail(Errc::protocol, root ? "not valid JSON: it ends too early" : root.error().what());
  }
  // A Status with status Failure can come with HTTP 200 (client-go checks for it, too).
  if ((*root)["kind"].str() == "Status" && (*root)["status"].str() == "Failure") {
    const Failure failure = Failure::from_status(*root, status_);
    return finish(&failure);
  }
  const Value metadata = (*root)["metadata"];
  const Value items = (*root)[decoder_.is_table() ? "rows" : "items"];
  if (!metadata.is(Type::object) || (items && !items.is(Type::array) && !items.is(Type::null)))
    return fail(Errc::protocol, "the answer is not a list");
  if (const auto why = why_not_list_of(spec_.resource, spec_.accept, *root))
    return fail(Errc::protocol, *why);
  if (!tell_columns()) return;
  if (pages_++ == 0) resource_version_ = metadata["resourceVersion"].str();
  const std::string next(metadata["continue"].str());
  if (next.empty()) return finish(nullptr);
  if (next == continue_ || pages_ >= kMaxPages) return fail(Errc::protocol, "paging does not end");
  continue_ = next;
  skip_ = 0;
  const std::uint32_t run = run_;
  handler_.on_page(continue_, metadata["remainingItemCount"].as_int());
  if (run == run_) next_page();
}

}  // namespace kube
