#include "events/list_row.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "answer/age.h"
#include "answer/list_source.h"
#include "answer/members.h"
#include "base/text.h"
#include "events/api_choice.h"
#include "events/source.h"
#include "events/view.h"
#include "kinds/table.h"

namespace events {

using answer::ListArguments;
using answer::MemberType;
using answer::RowColumn;
using answer::RowMember;
using base::WallTime;
using base::json::Value;
using base::json::Writer;

namespace {

// Items of a list carry no apiVersion. A required member of core/v1 tells the two apart.
Api api_of(Value event) {
  return event["involvedObject"] ? Api::core_v1 : Api::events_v1;
}
View view_of(Value event) {
  return event_view(event, api_of(event));
}

template <auto Member>
void text(Value event, WallTime, std::string& out) {
  answer::append_text(out, view_of(event).*Member);
}

void involved(Value event, WallTime, std::string& out) {
  const View::Subject subject = view_of(event).subject;
  Writer(out)
      .begin_object()
      .field_if("namespace", subject.ns)
      .field_if("name", subject.name)
      .field_if("kind", subject.kind)
      .field_if("uid", subject.uid)
      .end_object();
}

void count(Value event, WallTime, std::string& out) {
  if (const std::int64_t n = view_of(event).count; n > 0) out = std::to_string(n);
}

void series(Value event, WallTime, std::string& out) {
  const auto found = view_of(event).series;
  if (!found) return;
  Writer w(out);
  w.begin_object();
  if (found->count > 0) w.field("count", found->count);
  w.field_if("lastObservedTime", found->last_observed).end_object();
}

std::string whole(Value event) {
  return event_json(event, api_of(event));
}

// ---- kubectl's columns (the printer of kube-apiserver 1.35)

std::string last_seen(Value event, WallTime now) {
  const WallTime at = event_time(event, api_of(event));
  if (at == WallTime{}) return "<unknown>";
  return answer::age_text(base::Duration(now.ns - at.ns));
}
// All digits, so that times compare as text.
std::string last_seen_at(Value event) {
  const WallTime at = event_time(event, api_of(event));
  return at == WallTime{} ? std::string() : base::format_rfc3339(at, 9);
}
std::string object(Value event, WallTime) {
  const Value subject = event_subject(event, api_of(event));
  std::string out = base::to_lower(subject["kind"].str());
  if (const std::string_view name = subject["name"].str(); !name.empty())
    out.append("/").append(name);
  return out;
}
std::string message(Value event, WallTime) {
  return std::string(base::trim(event_message(event, api_of(event))));
}

constexpr RowMember kMembers[] = {
    {.name = "reason", .required = true, .write = text<&View::reason>},
    {.name = "message", .required = true, .write = text<&View::message>},
    {.name = "type", .required = true, .write = text<&View::type>},
    {.name = "involvedObject", .type = MemberType::object, .required = true, .write = involved},
    {.name = "reportingController", .write = text<&View::controller>},
    {.name = "reportingInstance", .write = text<&View::instance>},
    {.name = "count", .type = MemberType::number, .write = count},
    {.name = "firstTimestamp", .write = text<&View::first>},
    {.name = "lastTimestamp", .write = text<&View::last>},
    {.name = "eventTime", .write = text<&View::time>},
    {.name = "series", .type = MemberType::object, .write = series},
};
constexpr RowColumn kColumns[] = {
    {.header = "LAST SEEN", .cell = last_seen, .time = last_seen_at},
    {.header = "TYPE", .path = ".type"},
    {.header = "REASON", .path = ".reason"},
    {.header = "OBJECT", .cell = object},
    {.header = "MESSAGE", .cell = message},
};

void add_arguments(mcp::Fields& out) {
  using A = ListArguments;
  out.push_back(mcp::field<&A::types>({.name = "types", .description = "Normal, Warning"}));
  out.push_back(mcp::field<&A::for_kind>(
      {.name = "forKind", .description = "only about objects of this kind"}));
  out.push_back(mcp::field<&A::for_name>(
      {.name = "forName", .description = "only about objects of this name"}));
  out.push_back(mcp::field<&A::since_seconds>(
      {.name = "sinceSeconds", .description = "only of the last N seconds; 0: all"}));
}

class RowSource final : public answer::ListSource, private SourceHandler {
 public:
  RowSource(cluster::Cluster& cluster, cluster::ListHandler& handler)
      : handler_(handler), source_(cluster, *this) {}

  base::Result<void> start(const mcp::Caller& caller, const ListArguments& arguments) override {
    auto selector =
        Selector::parse({arguments.ns, arguments.types, arguments.for_kind, arguments.for_name,
                         arguments.field_selector, arguments.label_selector});
    if (!selector) return std::move(selector).error();
    return source_.start(*std::move(selector), arguments.since_seconds, caller);
  }
  std::size_t hidden() const override { return source_.hidden(); }

 private:
  void on_event(Value event, Api) override { handler_.on_object(event); }
  void on_events_restart() override { handler_.on_restart(); }
  void on_event_unreadable(const std::string& which) override { handler_.on_unreadable(which); }
  void on_events_end(const kube::Failure* failure) override { handler_.on_done(failure); }

  cluster::ListHandler& handler_;
  Source source_;
};

std::unique_ptr<answer::ListSource> make_source(cluster::Cluster& cluster,
                                                cluster::ListHandler& handler) {
  return std::make_unique<RowSource>(cluster, handler);
}

const answer::ListRow kRow = {
    .name = "k0rdent.mgmt.events.list",
    .title = "List events",
    .description =
        "Lists Kubernetes events, newest first, of one namespace or of all. A field selector "
        "may use the names of either event API. Subscribe to "
        "k0rdent://events/{namespace} to be notified of new ones.",
    .category = "events",
    .action = "list",
    .what = "events",
    .key = "events",
    .kind = kinds::get("Event"),
    .members = kMembers,
    .whole = whole,
    .columns = kColumns,
    .has_age = false,
    .has_name = false,
    .omitted = true,
    .sort_by = "LAST SEEN",
    .add_arguments = add_arguments,
    .source = make_source,
    .needs = [] { return list_needs(); }};

}  // namespace

const answer::ListRow& list_row() {
  return kRow;
}

}  // namespace events
