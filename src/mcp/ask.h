// Asking the client while a call is under way: elicitation (a form, or a page at a URL), sampling,
// roots.
//
// A call that needs an answer *ends its round* by CallContext::ask(questions, state); when the
// answers are there the tool, prompt or resource is started anew with the same arguments, and finds
// them and its state in CallContext::answers(). So one way of writing fits every revision:
//
//   std::unique_ptr<ToolRun> start(Arguments a, TypedCall<Result> call) override {
//     const Elicited* sure = call->answers().elicited("sure");
//     if (!sure) {
//       call->ask({Question::form<Sure>("sure", "Delete it?")});
//       return nullptr;
//     }
//     …
//
//   legacy   each question is a request on the call's own event stream; the arguments and the state
//            are kept until the client has answered all
//   modern   the call is answered with resultType "input_required"; nothing is kept, for the client
//            sends all again: the state travels sealed
//
// What an earlier round's answers said must go into the state if it is needed later: answers() are
// those of the last round only. A client that refuses (a JSON-RPC error), answers in a wrong shape
// or not at all (kAskTime) ends the call with a tool error that says so; declining or cancelling an
// elicitation is an answer.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "base/time.h"
#include "mcp/jsonrpc.h"
#include "mcp/schema.h"
#include "mcp/version.h"

namespace mcp {

// People read, think and type. A client's own limit is shorter as a rule.
constexpr base::Duration kAskTime = base::minutes(10);

constexpr std::string_view kTasksExtension = "io.modelcontextprotocol/tasks";

// What the client declared: at initialize, or in the request.
struct ClientCapabilities {
  bool elicit_form = false, elicit_url = false;
  bool sampling = false, sampling_tools = false, sampling_context = false;
  bool roots = false;
  bool tasks = false;  // the modern extension io.modelcontextprotocol/tasks
  // `capabilities`: the object as it came. What the revision does not know counts as absent.
  static ClientCapabilities read(base::json::Value capabilities, Version version);
};

struct Question {
  enum class Kind : unsigned char { form, url, sampling, roots };
  std::string key;  // of its answer; unique in the round, without '#'
  Kind kind = Kind::form;
  std::string params_json;  // of the request, whole

  // The form is T's fields: strings, numbers, booleans and choices (one_of), nothing nested.
  template <class T>
  static Question form(std::string key, std::string_view message) {
    return form(std::move(key), message, Schema::of<T>().input_json());
  }
  // `schema_json`: requestedSchema.
  static Question form(std::string key, std::string_view message, std::string_view schema_json);
  // The client shows the page to the user, who does there what the client must not see. Accepted
  // means: was opened. When it is done: CallContext::elicitation_complete(elicitation_id).
  static Question url(std::string key, std::string_view message, std::string_view url,
                      std::string_view elicitation_id);
  // One message of the user, answered by the client's model.
  static Question sample(std::string key, std::string_view prompt, int max_tokens);
  // `params_json`: CreateMessageRequest's params.
  static Question sample(std::string key, std::string params_json);
  static Question roots(std::string key);

  std::string_view method() const;  // "elicitation/create", …
  bool fits(const ClientCapabilities& client) const;
  // What a client needs for it, as ClientCapabilities: {"elicitation":{"url":{}}}
  std::string_view required_json() const;
};

struct Elicited {
  enum class Action : unsigned char { accept, decline, cancel };
  Action action = Action::cancel;
  std::string content_json;  // an object; "" : none
  bool accepted() const { return action == Action::accept; }
  // The form's content as its struct; Errc::invalid_argument when the client sent something else.
  template <class T>
  base::Result<T> content() const {
    base::json::Document doc;
    auto value = doc.parse(content_json.empty() ? "{}" : content_json);
    if (!value) return std::move(value).error();
    return Schema::read<T>(*value);
  }
};

struct Sampled {
  std::string role, model, stop_reason;
  std::string text;          // of the text blocks, joined
  std::string content_json;  // as it came: a block, or a list of them
};

struct Root {
  std::string uri, name;
};

// The answers of the last round, and the state it ended with.
class Answers {
 public:
  std::string state;
  bool empty() const { return given_.empty(); }

  // nullptr: not answered (or not of that shape): ask (again). Valid as long as this object.
  const Elicited* elicited(std::string_view key) const;
  const Sampled* sampled(std::string_view key) const;
  const std::vector<Root>* roots(std::string_view key) const;

  // The era's: takes `result`, a bare result. False: it is no answer of that kind.
  bool add(std::string key, Question::Kind kind, base::json::Value result);
  // The same when the question is not known any more: by its shape. False: of none.
  bool add(std::string key, base::json::Value result);

 private:
  struct Given {
    std::string key;
    std::optional<Elicited> elicited;
    std::optional<Sampled> sampled;
    std::optional<std::vector<Root>> roots;
  };
  const Given* find(std::string_view key) const;
  std::vector<Given> given_;
};

// The protocol error for a question that the client cannot answer: -32021 with
// data.requiredCapabilities. The legacy era shows it as a tool's error: it has no such code.
RpcError missing_capability(const Question& question);

}  // namespace mcp
