// watch: follows resources until they end or the user stops it. When the server goes away, as in a
// restart, the subscription begins anew, and what was printed before is not printed again.
#include <algorithm>
#include <deque>
#include <unordered_set>

#include <unistd.h>

#include "base/output.h"
#include "base/yaml_write.h"
#include "cli/change_line.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/session.h"

namespace cli {

using base::Errc;
using base::json::Value;

namespace {

// From the first attempt after a loss to one that a restarted server is not flooded by.
constexpr base::Duration kFirstDelay = base::milliseconds(500), kLongestDelay = base::seconds(10);
// Changes that are recognized after a new subscription: more than a server keeps of events or a log's
// history; 2 MB.
constexpr std::size_t kRemembered = 65536;

// What was printed, the newest kRemembered.
class Seen {
 public:
  bool holds(std::size_t hash) const { return set_.contains(hash); }
  void add(std::size_t hash) {
    if (!set_.insert(hash).second) return;
    order_.push_back(hash);
    if (order_.size() <= kRemembered) return;
    set_.erase(order_.front());
    order_.pop_front();
  }

 private:
  std::unordered_set<std::size_t> set_;
  std::deque<std::size_t> order_;
};

bool wants_colours(app::Getenv getenv) {
  const char *term = getenv("TERM"), *none = getenv("NO_COLOR");
  // no-color.org: an empty NO_COLOR forbids none.
  return ::isatty(STDOUT_FILENO) == 1 && (none == nullptr || *none == '\0') && term != nullptr &&
         std::string_view(term) != "dumb";
}

bool may_pass(const client::Outcome& outcome) {
  if (!outcome.failure) return false;
  const Errc code = outcome.failure->code();
  return code != Errc::unauthorized && code != Errc::forbidden && code != Errc::invalid_argument;
}

class Watch {
 public:
  Watch(Session& session, const Options& options, app::Getenv getenv)
      : session_(session),
        uris_(options.words),
        format_(options.format_said || ::isatty(STDOUT_FILENO) == 1 ? options.format
                                                                    : Format::json),
        lines_({wants_colours(getenv), options.format == Format::wide, uris_.size() > 1}) {}

  int run() {
    base::Duration delay = kFirstDelay;
    for (bool begun = false;; begun = true) {
      acknowledged_ = false;
      const client::Outcome outcome =
          session_.ask(listen(), Session::NotifyFn::bind<&Watch::on_notification>(this));
      if (closed_) return kOk;  // the reader of a pipe has enough
      if (exit_code_ != kOk) return exit_code_;
      if (over_.size() == uris_.size()) return kOk;
      if (outcome.rpc || (outcome.failure && (!may_pass(outcome) || !(begun || acknowledged_))))
        return complain_of(outcome, uris_.front(), session_.name());
      if (acknowledged_) delay = kFirstDelay;
      const std::string why =
          outcome.failure ? outcome.failure->what() : "the server ended the stream";
      complain(why + "; trying again in " + base::format_duration(delay));
      session_.wait(delay);
      delay = std::min(delay * 2, kLongestDelay);
      again_ = true;
    }
  }

 private:
  client::Ask listen() const {
    client::Ask ask;
    ask.method = "subscriptions/listen";
    base::json::Writer w(ask.members);
    w.key("notifications").begin_object().key("resourceSubscriptions").begin_array();
    for (const std::string& uri : uris_)
      if (!over_.contains(uri)) w.string(uri);
    w.end_array().end_object();
    return ask;
  }

  void on_notification(std::string_view method, Value params) {
    if (method == "notifications/subscriptions/acknowledged") return on_acknowledged(params);
    if (method != "notifications/resources/updated" || closed_) return;
    const std::string uri(params["uri"].str());
    if (const Value error = params["_meta"]["error"]; error.present()) {
      complain(uri + ": " + std::string(error["message"].str()));
      exit_code_ = kFailed;
      return session_.stop();
    }
    const Value delta = params["_meta"]["delta"];
    if (!delta.present()) return;
    const std::size_t hash = std::hash<std::string>()(uri + " " + identity_of(delta));
    if (!again_ || !seen_.holds(hash)) show(uri, delta);
    seen_.add(hash);
    if (is_last(delta)) over_.insert(uri);
    if (closed_ || over_.size() == uris_.size()) session_.stop();
  }

  void on_acknowledged(Value params) {
    acknowledged_ = true;
    const Value honored = params["notifications"]["resourceSubscriptions"];
    for (const std::string& uri : uris_) {
      bool found = over_.contains(uri);
      for (const Value each : honored.array())
        found = found || each.str() == uri;
      if (found) continue;
      complain(uri + ": there is no such resource, or it cannot be watched");
      exit_code_ = kFailed;
      return session_.stop();
    }
  }

  void show(const std::string& uri, Value delta) {
    std::string out;
    base::json::Writer w(out);
    switch (format_) {
      case Format::json:
        w.begin_object().field("uri", uri).key("delta").raw(delta.to_json()).end_object();
        break;
      case Format::yaml:
        out = "---\n";
        base::yaml::append_yaml(out, delta);
        break;
      case Format::name:
        out = name_of_change(delta);
        if (out.empty()) return;
        break;
      default:
        out = lines_.text(uri, delta);
    }
    closed_ = !print_line(out);
  }

  // The lines of a table are safe for a terminal already, and have colours.
  bool print_line(std::string_view text) const {
    if (format_ != Format::table && format_ != Format::wide) return print(text);
    return base::write_output(text);
  }

  Session& session_;
  const std::vector<std::string> uris_;
  const Format format_;
  ChangeLines lines_;
  Seen seen_;
  std::unordered_set<std::string> over_;  // URIs of which nothing more follows
  bool again_ = false, acknowledged_ = false, closed_ = false;
  int exit_code_ = kOk;
};

}  // namespace

int run_watch(const Options& options, app::Getenv getenv) {
  if (options.words.empty())
    return complain("watch needs a URI: k0rdent-mcp watch k0rdent://events/NAMESPACE"), kUsage;
  Options each = options;
  std::sort(each.words.begin(), each.words.end());
  each.words.erase(std::unique(each.words.begin(), each.words.end()), each.words.end());
  auto session = Session::open(each, getenv, false);
  if (!session) return complain_of_session(session.error());
  return Watch(**session, each, getenv).run();
}

}  // namespace cli
