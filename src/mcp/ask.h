// Asking the client during a call: elicitation (a form, or a page at a URL), sampling, roots.
//
// A call that needs an answer *ends its round* with CallContext::ask(questions, state). When the
// answers have arrived, the tool, prompt or resource is started again with the same arguments and
// finds the answers and its state in CallContext::answers(). The same code thus works in every
// revision:
//
//   std::unique_ptr<ToolRun> start(Arguments a, TypedCall<Result> call) override {
//     const Elicited* sure = call->answers().elicited("sure");
//     if (!sure) {
//       call->ask({Question::form<Sure>("sure", "Delete it?")});
//       return nullptr;
//     }
//     …
//
//   legacy   each question is a request on the call's own event stream; the server keeps the
//            arguments and the state until the client has answered all questions
//   modern   the call is answered with resultType "input_required"; the server keeps nothing: the
//            client sends everything again, including the sealed state
//
// answers() holds the last round's answers only: put into the state what a later round needs. In
// the legacy era a client that answers with a JSON-RPC error, in the wrong shape or not at all
// (kAskTime) ends the call with an error that says so; in the modern era an answer of the wrong
// shape is refused with invalid_params. Declining or cancelling an elicitation is an answer.
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

// A user needs time to read, think and type; most clients have a shorter limit of their own.
constexpr base::Duration kAskTime = base::minutes(10);

constexpr std::string_view kTasksExtension = "io.modelcontextprotocol/tasks";

// The capabilities that the client declared: at initialize (legacy) or in the request (modern).
struct ClientCapabilities {
  bool elicit_form = false, elicit_url = false;
  bool sampling = false, sampling_tools = false, sampling_context = false;
  bool roots = false;
  bool tasks = false;  // the modern extension io.modelcontextprotocol/tasks
  // `capabilities`: the object as received. Members that `version` does not define are ignored.
  static ClientCapabilities read(base::json::Value capabilities, Version version);
};

struct Question {
  enum class Kind : unsigned char { form, url, sampling, roots };
  std::string key;  // names the answer; unique in the round, without '#'
  Kind kind = Kind::form;
  std::string params_json;  // the request's complete params
  // What holds if there will be no answer, for the error that says so: "nothing was written". "":
  // nothing is said.
  std::string unanswered = {};

  // The form has T's fields: strings, numbers, booleans and choices (one_of), nothing nested.
  template <class T>
  static Question form(std::string key, std::string_view message) {
    return form(std::move(key), message, Schema::of<T>().input_json());
  }
  // `schema_json`: requestedSchema.
  static Question form(std::string key, std::string_view message, std::string_view schema_json);
  // The client opens the page for the user, who enters there what the client must not see. "accept"
  // means that the page was opened; when the user is done there, call
  // CallContext::elicitation_complete(elicitation_id).
  static Question url(std::string key, std::string_view message, std::string_view url,
                      std::string_view elicitation_id);
  // One user message, answered by the client's model.
  static Question sample(std::string key, std::string_view prompt, int max_tokens);
  // `params_json`: CreateMessageRequest's params.
  static Question sample(std::string key, std::string params_json);
  static Question roots(std::string key);

  std::string_view method() const;  // "elicitation/create", …
  bool fits(const ClientCapabilities& client) const;
  // The capabilities that a client needs to answer it, as JSON: {"elicitation":{"url":{}}}
  std::string_view required_json() const;
};

struct Elicited {
  enum class Action : unsigned char { accept, decline, cancel };
  Action action = Action::cancel;
  std::string content_json;  // an object; "": none
  bool accepted() const { return action == Action::accept; }
  // The form's content as a T; Errc::invalid_argument when it does not fit T's fields.
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
  std::string text;          // the text blocks, joined
  std::string content_json;  // as received: a block, or a list of blocks
};

struct Root {
  std::string uri, name;
};

// The answers to the last round's questions, and the state that the round passed to ask().
class Answers {
 public:
  std::string state;
  bool empty() const { return given_.empty(); }

  // nullptr: not answered, or not an answer of that kind: ask (again). Valid as long as this.
  const Elicited* elicited(std::string_view key) const;
  const Sampled* sampled(std::string_view key) const;
  const std::vector<Root>* roots(std::string_view key) const;

  // For the eras' code: adds `result`, a result without its JSON-RPC envelope. False: it is not a
  // valid answer of that kind.
  bool add(std::string key, Question::Kind kind, base::json::Value result);
  // The same when the question is no longer known: the kind follows from the shape of `result`.
  // False: it has the shape of none.
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
// data.requiredCapabilities. The legacy era has no such code and turns it into a tool error.
RpcError missing_capability(const Question& question);
// `why` a question has no answer, and what holds then (Question::unanswered).
std::string unanswered_text(std::string why, const Question& question);

}  // namespace mcp
