#include "sim/watch.h"

#include <optional>
#include <utility>

#include "base/text.h"
#include "sim/status.h"

namespace sim {
namespace {

// The server's own limits when none is asked for: 30 to 60 minutes.
constexpr std::int64_t kMinRequestTimeout = 1800;

bool is_events(const View& view) {
  return view.collection->type().plural == "events";
}

Answer bad_option(std::string field, std::string message) {
  return refuse(invalid("meta.k8s.io", "ListOptions", "",
                        {"FieldValueForbidden", "Forbidden: " + message, std::move(field)}));
}

Answer stale_answer(const Store& store, const View& view, std::uint64_t asked, StaleAnswer how) {
  if (how == StaleAnswer::empty_200) return {200, "", "application/json", "", {}};
  const Status status =
      expired(is_events(view) ? "The resourceVersion for the provided watch is too old."
                              : "too old resource version: " + std::to_string(asked) + " (" +
                                    std::to_string(store.oldest()) + ")");
  if (how == StaleAnswer::http_410) return refuse(status);
  return {200, error_frame(status), "application/json", "", {}};
}

}  // namespace

bool plan_watch(const Store& store, View view, const ApiRequest& request, StaleAnswer stale,
                base::Random& random, WatchOptions& options, Answer& answer) {
  const Query& query = request.query;
  options.initial = query.flag("sendInitialEvents") && options.may_stream;
  if (options.initial &&
      (query.get("resourceVersionMatch") != "NotOlderThan" || !query.flag("allowWatchBookmarks"))) {
    answer = bad_option("resourceVersionMatch",
                        "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
    return false;
  }
  if (query.has("sendInitialEvents") && !options.initial) {
    answer = bad_option("sendInitialEvents",
                        "sendInitialEvents is forbidden for watch unless the WatchList feature "
                        "gate is enabled");
    return false;
  }
  if (query.has("resourceVersionMatch") && !options.initial) {
    answer = bad_option("resourceVersionMatch",
                        "resourceVersionMatch is forbidden for watch unless sendInitialEvents is "
                        "provided");
    return false;
  }
  auto selector =
      Selector::parse(view.type(), query.get("fieldSelector"), query.get("labelSelector"));
  if (!selector) {
    answer = refuse(bad_request(selector.error().what()));
    return false;
  }
  const std::string& said = query.get("resourceVersion");
  const std::optional<std::int64_t> version = said.empty() ? 0 : base::parse_int(said);
  if (!version || *version < 0) {
    answer = refuse(bad_request("invalid resource version \"" + said + "\""));
    return false;
  }
  options.view = view;
  options.selector = *std::move(selector);
  options.after = static_cast<std::uint64_t>(*version);
  options.bookmarks = query.flag("allowWatchBookmarks") && !is_events(view);
  const std::int64_t seconds = query.number("timeoutSeconds").value_or(0);
  options.timeout =
      base::seconds(seconds > 0 ? seconds
                                : kMinRequestTimeout +
                                      static_cast<std::int64_t>(random.below(kMinRequestTimeout)));
  if (options.after != 0 && options.after < store.oldest()) {
    answer = stale_answer(store, view, options.after, stale);
    return false;
  }
  return true;
}

Watch::Watch(loop::Loop& loop, const Store& store, WatchOptions options, ApiRequest request,
             http::Reply reply)
    : LongAnswer(std::move(request), std::move(reply)),
      loop_(loop),
      store_(store),
      options_(std::move(options)),
      prefix_(this->request().ns.empty() ? "" : this->request().ns + "/"),
      bookmark_(loop, "bookmark", loop::Timer::Fn::bind<&Watch::on_bookmark>(this)),
      timeout_(loop, "watch timeout", loop::Timer::Fn::bind<&Watch::on_timeout>(this)) {}

void Watch::start() {
  ends_at_ = loop_.now() + options_.timeout;
  timeout_.arm(options_.timeout);
  if (options_.bookmarks) bookmark_.arm(std::min<base::Duration>(kBookmarkEvery, options_.timeout));
  reply().begin(200, "application/json", audit_header(request()));
  if (options_.after == 0) {
    store_.walk(options_.view, store_.version(), prefix_,
                [this](const std::string& key, const Object& object) {
                  if (!key.starts_with(prefix_)) return false;
                  const bool fits =
                      options_.selector.matches_text(options_.view.text(object).view());
                  if (fits) frame("ADDED", object);
                  return !over();
                });
    options_.after = store_.version();
    if (options_.initial && !over()) bookmark(true);
  } else {
    for (const Change& change : store_.history()) {
      if (over()) return;
      if (change.now.version > options_.after) on_change(change);
    }
  }
}

// An object that begins to match is ADDED, one that no longer does DELETED, as it was while it
// matched.
void Watch::on_change(const Change& change) {
  const bool mine = change.collection == options_.view.collection &&
                    change.key.starts_with(prefix_) && change.now.version > options_.after;
  if (!mine || over()) return;
  const View& view = options_.view;
  const auto fits = [&](const Object& object) {
    return object.version != 0 && options_.selector.matches_text(view.text(object).view());
  };
  const bool before = fits(change.before);
  const bool now = change.kind != ChangeKind::deleted && fits(change.now);
  if (now) {
    frame(before ? "MODIFIED" : "ADDED", change.now);
  } else if (before) {
    frame("DELETED", change.kind == ChangeKind::deleted ? change.now : change.before);
  }
}

void Watch::frame(std::string_view type, const Object& object) {
  std::string head = R"({"type":")";
  head.append(type).append(R"(","object":{"kind":")").append(options_.view.type().kind);
  head.append(R"(","apiVersion":")").append(options_.view.type().api_version()).append("\",");
  send(base::Payload::concat(head, options_.view.text(object).view(), "}\n"));
}

void Watch::bookmark(bool ends_initial) {
  std::string text;
  base::json::Writer w(text);
  const Type& type = options_.view.type();
  w.begin_object().field("type", "BOOKMARK").key("object").begin_object();
  w.field("kind", type.kind).field("apiVersion", type.api_version()).key("metadata");
  w.begin_object().field("resourceVersion", std::to_string(store_.version()));
  w.key("creationTimestamp").null();
  if (ends_initial) {
    w.key("annotations").begin_object().field("k8s.io/initial-events-end", "true").end_object();
  }
  w.end_object().end_object().end_object();
  raw(text + "\n");
}

void Watch::on_bookmark() {
  bookmark(false);
  if (over()) return;
  const base::TimePoint last{ends_at_.since - kLastBookmark};
  const base::TimePoint next = loop_.now() + kBookmarkEvery;
  if (next <= last) return bookmark_.arm_at(next);
  if (loop_.now() < last) bookmark_.arm_at(last);
}

void Watch::on_timeout() {
  end();
}

void Watch::on_end() {
  bookmark_.cancel();
  timeout_.cancel();
}

}  // namespace sim
