#include "mcp/ask.h"

#include <algorithm>
#include <utility>

namespace mcp {

using base::json::Type;
using base::json::Value;
using base::json::Writer;

ClientCapabilities ClientCapabilities::read(Value capabilities, Version version) {
  ClientCapabilities c;
  const Value elicitation = capabilities["elicitation"];
  const Value sampling = capabilities["sampling"];
  const bool modes = version >= Version::v2025_11_25;
  if (version >= Version::v2025_06_18 && elicitation.is(Type::object)) {
    c.elicit_url = modes && elicitation["url"].is(Type::object);
    // An empty object means form; so does any other before there were modes.
    c.elicit_form = !modes || elicitation["form"].is(Type::object) || !elicitation["url"];
  }
  c.sampling = sampling.is(Type::object);
  c.sampling_tools = modes && sampling["tools"].is(Type::object);
  c.sampling_context = !modes ? c.sampling : sampling["context"].is(Type::object);
  c.roots = capabilities["roots"].is(Type::object);
  c.tasks = version >= Version::v2026_07_28 &&
            capabilities["extensions"][kTasksExtension].is(Type::object);
  return c;
}

// ---- Question

Question Question::form(std::string key, std::string_view message, std::string_view schema_json) {
  Question q{std::move(key), Kind::form, {}};
  Writer w(q.params_json);
  w.begin_object().field("message", message).key("requestedSchema").raw(schema_json).end_object();
  return q;
}

Question Question::url(std::string key, std::string_view message, std::string_view url,
                       std::string_view elicitation_id) {
  Question q{std::move(key), Kind::url, {}};
  Writer w(q.params_json);
  w.begin_object().field("mode", "url").field("message", message).field("url", url);
  w.field("elicitationId", elicitation_id).end_object();
  return q;
}

Question Question::sample(std::string key, std::string_view prompt, int max_tokens) {
  std::string params;
  Writer w(params);
  w.begin_object().key("messages").begin_array().begin_object().field("role", "user");
  w.key("content").begin_object().field("type", "text").field("text", prompt).end_object();
  w.end_object().end_array().field("maxTokens", max_tokens).end_object();
  return sample(std::move(key), std::move(params));
}

Question Question::sample(std::string key, std::string params_json) {
  return {std::move(key), Kind::sampling, std::move(params_json)};
}

Question Question::roots(std::string key) {
  return {std::move(key), Kind::roots, "{}"};
}

std::string_view Question::method() const {
  switch (kind) {
    case Kind::form:
    case Kind::url:
      return "elicitation/create";
    case Kind::sampling:
      return "sampling/createMessage";
    case Kind::roots:
      return "roots/list";
  }
  return {};
}

bool Question::fits(const ClientCapabilities& client) const {
  switch (kind) {
    case Kind::form:
      return client.elicit_form;
    case Kind::url:
      return client.elicit_url;
    case Kind::sampling:
      return client.sampling;
    case Kind::roots:
      return client.roots;
  }
  return false;
}

std::string_view Question::required_json() const {
  switch (kind) {
    case Kind::form:
      return R"({"elicitation":{}})";
    case Kind::url:
      return R"({"elicitation":{"url":{}}})";
    case Kind::sampling:
      return R"({"sampling":{}})";
    case Kind::roots:
      return R"({"roots":{}})";
  }
  return {};
}

RpcError missing_capability(const Question& question) {
  RpcError error{RpcCode::missing_capability,
                 "this needs a client that can answer " + std::string(question.method()) +
                     (question.kind == Question::Kind::url ? " with a URL" : ""),
                 {}};
  error.message = unanswered_text(std::move(error.message), question);
  Writer w(error.data_json);
  w.begin_object().key("requiredCapabilities").raw(question.required_json()).end_object();
  return error;
}

std::string unanswered_text(std::string why, const Question& question) {
  if (!question.unanswered.empty()) why.append("; ").append(question.unanswered);
  return why;
}

// ---- Answers

namespace {

std::optional<Elicited> read_elicited(Value result) {
  const std::string_view action = result["action"].str();
  Elicited out;
  if (action == "accept") {
    out.action = Elicited::Action::accept;
  } else if (action == "decline") {
    out.action = Elicited::Action::decline;
  } else if (action != "cancel") {
    return std::nullopt;
  }
  const Value content = result["content"];
  if (content && !content.is(Type::null) && !content.is(Type::object)) return std::nullopt;
  if (content.is(Type::object)) out.content_json = content.to_json();
  return out;
}

std::optional<Sampled> read_sampled(Value result) {
  const Value content = result["content"];
  if (!result["role"].is(Type::string)) return std::nullopt;
  if (!content.is(Type::object) && !content.is(Type::array)) return std::nullopt;
  Sampled out;
  out.role = result["role"].str();
  out.model = result["model"].str();
  out.stop_reason = result["stopReason"].str();
  out.content_json = content.to_json();
  out.text = content["text"].str();
  for (Value block : content.array())
    out.text += block["text"].str();
  return out;
}

std::optional<std::vector<Root>> read_roots(Value result) {
  const Value roots = result["roots"];
  if (!roots.is(Type::array)) return std::nullopt;
  std::vector<Root> out;
  for (Value root : roots.array()) {
    if (!root["uri"].is(Type::string)) return std::nullopt;
    out.push_back({std::string(root["uri"].str()), std::string(root["name"].str())});
  }
  return out;
}

}  // namespace

bool Answers::add(std::string key, Question::Kind kind, Value result) {
  Given given{std::move(key), {}, {}, {}};
  switch (kind) {
    case Question::Kind::form:
    case Question::Kind::url:
      given.elicited = read_elicited(result);
      break;
    case Question::Kind::sampling:
      given.sampled = read_sampled(result);
      break;
    case Question::Kind::roots:
      given.roots = read_roots(result);
      break;
  }
  if (!given.elicited && !given.sampled && !given.roots) return false;
  given_.push_back(std::move(given));
  return true;
}

bool Answers::add(std::string key, Value result) {
  using Kind = Question::Kind;
  return add(key, Kind::form, result) || add(key, Kind::sampling, result) ||
         add(std::move(key), Kind::roots, result);
}

const Answers::Given* Answers::find(std::string_view key) const {
  const auto at = std::find_if(given_.begin(), given_.end(),
                               [&](const Given& given) { return given.key == key; });
  return at == given_.end() ? nullptr : &*at;
}

const Elicited* Answers::elicited(std::string_view key) const {
  const Given* given = find(key);
  return given && given->elicited ? &*given->elicited : nullptr;
}

const Sampled* Answers::sampled(std::string_view key) const {
  const Given* given = find(key);
  return given && given->sampled ? &*given->sampled : nullptr;
}

const std::vector<Root>* Answers::roots(std::string_view key) const {
  const Given* given = find(key);
  return given && given->roots ? &*given->roots : nullptr;
}

}  // namespace mcp
