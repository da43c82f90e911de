// Lists: which version of the collection, which page of it.
#include <optional>
#include <utility>

#include "base/encoding.h"
#include "base/text.h"
#include "sim/answer.h"
#include "sim/selector.h"

namespace sim {
namespace {

using base::json::Writer;

// How long the API server waits for a version it does not have yet.
constexpr base::Duration kFutureVersionWait = base::seconds(3);

struct Plan {
  std::uint64_t version = 0;
  std::int64_t limit = 0;
  std::string start;
  std::optional<Answer> refused;
};

Status bad_option(std::string field, std::string message) {
  return invalid("meta.k8s.io", "ListOptions", "",
                 {"FieldValueForbidden", "Forbidden: " + message, std::move(field)});
}

// The token of a page: opaque to clients, JSON in base64 inside.
std::string make_token(std::int64_t version, const std::string& start) {
  std::string json;
  Writer w(json);
  w.begin_object().field("v", "meta.k8s.io/v1").field("rv", version).field("start", start);
  w.end_object();
  return base::base64(json);
}

Answer expired_token(const std::string& start) {
  Status status = expired(
      "The provided continue parameter is too old to display a consistent list result. You can "
      "start a new list without the continue parameter, or use the continue token in this "
      "response to retrieve the remainder of the results.");
  status.continue_token = make_token(-1, start);
  return refuse(status);
}

void plan_page(const Store& store, const ApiRequest& request, Plan& plan) {
  const std::string& said = request.query.get("resourceVersion");
  if (!said.empty() && said != "0") {
    plan.refused =
        refuse(bad_request("specifying resource version is not allowed when using continue"));
    return;
  }
  const std::string json = base::parse_base64(request.query.get("continue")).value_or("");
  base::json::Document doc;
  const auto token = doc.parse(json);
  if (!token || (*token)["v"].str() != "meta.k8s.io/v1") {
    plan.refused =
        refuse(bad_request("continue key is not valid: " + request.query.get("continue")));
    return;
  }
  plan.start = (*token)["start"].str();
  const std::int64_t version = (*token)["rv"].int_or(-1);
  plan.version = version < 0 ? store.version() : static_cast<std::uint64_t>(version);
  if (plan.version < store.oldest()) plan.refused = expired_token(plan.start);
}

void plan_version(const Store& store, const ApiRequest& request, Plan& plan) {
  const std::string& said = request.query.get("resourceVersion");
  const std::string& match = request.query.get("resourceVersionMatch");
  plan.version = store.version();
  if (said.empty()) {
    if (!match.empty()) {
      plan.refused = refuse(
          bad_option("resourceVersionMatch",
                     "resourceVersionMatch is forbidden unless resourceVersion is provided"));
    }
    return;
  }
  const std::optional<std::int64_t> number = base::parse_int(said);
  if (!number || *number < 0) {
    plan.refused = refuse(bad_request("invalid resource version \"" + said + "\""));
    return;
  }
  if (*number == 0) {
    plan.limit = 0;  // served from the watch cache, whole
    if (match == "Exact") {
      plan.refused = refuse(bad_option("resourceVersionMatch",
                                       "resourceVersionMatch \"Exact\" is forbidden for "
                                       "resourceVersion \"0\""));
    }
    return;
  }
  const auto version = static_cast<std::uint64_t>(*number);
  if (version > store.version()) {
    plan.refused = refuse(version_too_large(version, store.version()));
    plan.refused->delay = kFutureVersionWait;
    return;
  }
  if (match == "Exact" || (match.empty() && plan.limit > 0)) {
    plan.version = version;
    if (version < store.oldest()) {
      plan.refused = refuse(expired("The provided resource version is too old: " + said));
    }
  }
}

Plan make_plan(const Store& store, const ApiRequest& request) {
  Plan plan;
  if (request.query.has("limit")) plan.limit = request.query.number("limit").value_or(-1);
  if (plan.limit < 0) {
    plan.refused = refuse(bad_request("strconv.ParseInt: parsing \"" + request.query.get("limit") +
                                      "\": invalid syntax"));
  } else if (request.query.flag("sendInitialEvents")) {
    plan.refused =
        refuse(bad_option("sendInitialEvents", "sendInitialEvents is forbidden for list"));
  } else if (request.query.get("continue").empty()) {
    plan_version(store, request, plan);
  } else if (request.query.has("resourceVersionMatch")) {
    plan.refused = refuse(bad_option(
        "resourceVersionMatch", "resourceVersionMatch is forbidden when continue is provided"));
  } else {
    plan_page(store, request, plan);
  }
  return plan;
}

}  // namespace

Answer answer_list(Store& store, View view, const ApiRequest& request) {
  Plan plan = make_plan(store, request);
  if (plan.refused) return *std::move(plan.refused);
  auto selector = Selector::parse(view.type(), request.query.get("fieldSelector"),
                                  request.query.get("labelSelector"));
  if (!selector) return refuse(bad_request(selector.error().what()));

  const std::string prefix = request.ns.empty() ? "" : request.ns + "/";
  std::string items, next;
  std::int64_t count = 0, remaining = 0;
  store.walk(view, plan.version, plan.start.empty() ? prefix : plan.start,
             [&](const std::string& key, const Object& object) {
               if (!key.starts_with(prefix)) return false;
               if (!selector->matches_text(view.text(object).view())) return true;
               if (plan.limit > 0 && count == plan.limit) {
                 if (remaining++ == 0) next = key;
                 return selector->empty();
               }
               if (count++ > 0) items += ',';
               if (view.type().custom) {
                 items += view.json(object);
               } else {
                 items += '{';
                 items += view.text(object).view();
               }
               return true;
             });
  Answer answer;
  answer.body.reserve(items.size() + 256);
  Writer w(answer.body);
  w.begin_object().field("kind", view.type().kind + "List");
  w.field("apiVersion", view.type().api_version()).key("metadata").begin_object();
  w.field("resourceVersion", std::to_string(plan.version));
  if (!next.empty()) {
    w.field("continue", make_token(static_cast<std::int64_t>(plan.version), next));
    if (selector->empty()) w.field("remainingItemCount", remaining);
  }
  w.end_object().key("items").begin_array();
  answer.body.append(items).append("]}");
  return answer;
}

static void write_partial(Writer& w, base::json::Value object) {
  w.begin_object().field("kind", "PartialObjectMetadata").field("apiVersion", "meta.k8s.io/v1");
  w.key("metadata").raw(object["metadata"].to_json()).end_object();
}

namespace {

// What every kind of this server prints: the real one has columns for each kind.
void write_column(Writer& w, const char* name, const char* format, int priority) {
  w.begin_object().field("name", name).field("type", "string").field("format", format);
  w.field("description", "").field("priority", priority).end_object();
}

void as_table(const ApiRequest& request, Answer& answer) {
  base::json::Document doc;
  const base::json::Value whole = *doc.parse(answer.body);
  const bool objects = request.query.get("includeObject") == "Object";
  std::string out;
  Writer w(out);
  w.begin_object().field("kind", "Table").field("apiVersion", "meta.k8s.io/v1");
  w.key("metadata").raw(whole["metadata"].to_json()).key("columnDefinitions").begin_array();
  write_column(w, "Name", "name", 0);
  write_column(w, "Status", "", 0);
  write_column(w, "Age", "", 0);
  write_column(w, "UID", "", 1);
  w.end_array().key("rows").begin_array();
  for (const base::json::Value item : whole["items"].array()) {
    const base::json::Value metadata = item["metadata"];
    w.begin_object().key("cells").begin_array().string(metadata["name"].str());
    if (const base::json::Value phase = item["status"]["phase"]; phase) {
      w.raw(phase.to_json());
    } else {
      w.null();
    }
    w.string("5m").string(metadata["uid"].str()).end_array().key("object");
    if (objects) {
      w.raw(item.to_json());
    } else {
      write_partial(w, item);
    }
    w.end_object();
  }
  w.end_array().end_object();
  answer.body = std::move(out);
}

}  // namespace

void leave_metadata(const ApiRequest& request, Answer& answer) {
  const std::string as =
      request.verb == "list" ? "PartialObjectMetadataList" : "PartialObjectMetadata";
  if (answer.status == 200 && request.verb == "list" &&
      request.accept.find(";as=Table;v=v1;g=meta.k8s.io") != std::string::npos) {
    return as_table(request, answer);
  }
  if (answer.status != 200 ||
      request.accept.find(";as=" + as + ";v=v1;g=meta.k8s.io") == std::string::npos)
    return;
  base::json::Document doc;
  const base::json::Value whole = *doc.parse(answer.body);
  std::string out;
  Writer w(out);
  if (request.verb == "get") {
    write_partial(w, whole);
  } else {
    w.begin_object().field("kind", as).field("apiVersion", "meta.k8s.io/v1");
    w.key("metadata").raw(whole["metadata"].to_json()).key("items").begin_array();
    for (const base::json::Value item : whole["items"].array())
      write_partial(w, item);
    w.end_array().end_object();
  }
  answer.body = std::move(out);
}

}  // namespace sim
