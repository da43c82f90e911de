// Tools that ask the client: elicitation, sampling, roots; in one round, in several, with state.
#include "conformance/server/catalogue.h"

namespace everything {

namespace {

using mcp::Question;
using Call = mcp::TypedCall<mcp::ToolResult>;
using None = mcp::NoArguments;

struct Name {
  std::string name;
  static mcp::Fields fields() { return {mcp::field<&Name::name>({.name = "name"})}; }
};
struct Color {
  std::string color;
  static mcp::Fields fields() { return {mcp::field<&Color::color>({.name = "color"})}; }
};
struct Ok {
  bool ok = false;
  static mcp::Fields fields() { return {mcp::field<&Ok::ok>({.name = "ok"})}; }
};

std::string_view to_string(mcp::Elicited::Action action) {
  switch (action) {
    case mcp::Elicited::Action::accept:
      return "accept";
    case mcp::Elicited::Action::decline:
      return "decline";
    case mcp::Elicited::Action::cancel:
      break;
  }
  return "cancel";
}

std::string describe(const mcp::Elicited& answer) {
  std::string text = "action=";
  text.append(to_string(answer.action)).append(", content=");
  return text.append(answer.content_json.empty() ? "{}" : answer.content_json);
}

// ---- one question

struct Prompted {
  std::string prompt;
  static mcp::Fields fields() {
    return {mcp::field<&Prompted::prompt>(
        {.name = "prompt", .description = "what to ask the model", .required = true})};
  }
};

void sampling(const Prompted& arguments, const Call& call) {
  const mcp::Sampled* said = call->answers().sampled("response");
  if (!said) return call->ask({Question::sample("response", arguments.prompt, 100)});
  call.succeed("LLM response: " + said->text);
}

struct Told {
  std::string message;
  static mcp::Fields fields() {
    return {mcp::field<&Told::message>(
        {.name = "message", .description = "what to ask the user", .required = true})};
  }
};

struct User {
  std::string username, email;
  static mcp::Fields fields() {
    return {mcp::field<&User::username>(
                {.name = "username", .description = "User's response", .required = true}),
            mcp::field<&User::email>(
                {.name = "email", .description = "User's email address", .required = true})};
  }
};

void elicitation(const Told& arguments, const Call& call) {
  const mcp::Elicited* answer = call->answers().elicited("user");
  if (!answer) return call->ask({Question::form<User>("user", arguments.message)});
  call.succeed("User response: " + describe(*answer));
}

// A form with a default for every kind of field.
struct Defaults {
  std::string name = "John Doe";
  std::int64_t age = 30;
  double score = 95.5;
  std::string status = "active";
  bool verified = true;
  static mcp::Fields fields() {
    return {
        mcp::field<&Defaults::name>({.name = "name", .show_default = true}),
        mcp::field<&Defaults::age>({.name = "age", .show_default = true}),
        mcp::field<&Defaults::score>({.name = "score", .show_default = true}),
        mcp::field<&Defaults::status>(
            {.name = "status", .one_of = {"active", "inactive", "pending"}, .show_default = true}),
        mcp::field<&Defaults::verified>({.name = "verified", .show_default = true}),
    };
  }
};

void defaults(const None&, const Call& call) {
  const mcp::Elicited* answer = call->answers().elicited("form");
  if (!answer) return call->ask({Question::form<Defaults>("form", "Check these values")});
  call.succeed("Elicitation completed: " + describe(*answer));
}

// Every way in which a form may offer a choice.
constexpr std::string_view kChoices =
    R"({"type":"object","properties":{)"
    R"("untitledSingle":{"type":"string","enum":["option1","option2","option3"]},)"
    R"("titledSingle":{"type":"string","oneOf":[{"const":"value1","title":"First Option"},)"
    R"({"const":"value2","title":"Second Option"},{"const":"value3","title":"Third Option"}]},)"
    R"("legacyEnum":{"type":"string","enum":["opt1","opt2","opt3"],)"
    R"("enumNames":["Option One","Option Two","Option Three"]},)"
    R"("untitledMulti":{"type":"array","items":{"type":"string",)"
    R"("enum":["option1","option2","option3"]}},)"
    R"("titledMulti":{"type":"array","items":{"anyOf":[{"const":"value1","title":"First Choice"},)"
    R"({"const":"value2","title":"Second Choice"},{"const":"value3","title":"Third Choice"}]}})"
    R"(},"required":[]})";

void choices(const None&, const Call& call) {
  const mcp::Elicited* answer = call->answers().elicited("form");
  if (!answer) return call->ask({Question::form("form", "Choose", kChoices)});
  call.succeed("Elicitation completed: " + describe(*answer));
}

void missing_capability(const None&, const Call& call) {
  const mcp::Sampled* said = call->answers().sampled("any");
  if (!said) return call->ask({Question::sample("any", "Say anything", 10)});
  call.succeed(said->text);
}

void streaming_elicitation(const None&, const Call& call) {
  const mcp::Elicited* answer = call->answers().elicited("sure");
  if (answer) return call.succeed(describe(*answer));
  call->progress({.done = 1, .total = 2});
  call->ask({Question::form<Ok>("sure", "Go on?")});
}

// ---- what the suite calls "input required"

void ask_name(const None&, const Call& call) {
  const mcp::Elicited* answer = call->answers().elicited("user_name");
  if (!answer) return call->ask({Question::form<Name>("user_name", "What is your name?")});
  const auto name = answer->content<Name>();
  call.succeed("Hello, " + (name ? name->name : "stranger") + "!");
}

void ask_model(const None&, const Call& call) {
  const mcp::Sampled* said = call->answers().sampled("capital_question");
  if (!said) {
    return call->ask({Question::sample("capital_question", "What is the capital of France?", 100)});
  }
  call.succeed("The model says: " + said->text);
}

void ask_roots(const None&, const Call& call) {
  const std::vector<mcp::Root>* roots = call->answers().roots("client_roots");
  if (!roots) return call->ask({Question::roots("client_roots")});
  std::string text = "Roots:";
  for (const mcp::Root& root : *roots)
    text.append(" ").append(root.uri);
  call.succeed(std::move(text));
}

void ask_with_state(const None&, const Call& call) {
  const mcp::Answers& answers = call->answers();
  if (!answers.elicited("confirm")) {
    return call->ask({Question::form<Ok>("confirm", "Confirm?")}, "asked");
  }
  call.succeed(answers.state == "asked" ? "state-ok" : "state-lost");
}

void ask_three(const None&, const Call& call) {
  const mcp::Answers& answers = call->answers();
  if (answers.elicited("user_name") && answers.sampled("greeting") &&
      answers.roots("client_roots")) {
    return call.succeed("All three were answered");
  }
  call->ask({Question::form<Name>("user_name", "What is your name?"),
             Question::sample("greeting", "Write a greeting", 50), Question::roots("client_roots")},
            "three");
}

void ask_twice(const None&, const Call& call) {
  const mcp::Answers& answers = call->answers();
  if (const mcp::Elicited* name = answers.elicited("step1")) {
    return call->ask({Question::form<Color>("step2", "Which color?")}, "2" + describe(*name));
  }
  if (answers.state.starts_with("2") && answers.elicited("step2")) {
    return call.succeed("Done: " + answers.state.substr(1) + "; " +
                        describe(*answers.elicited("step2")));
  }
  call->ask({Question::form<Name>("step1", "What is your name?")}, "1");
}

void ask_what_fits(const None&, const Call& call) {
  const mcp::Answers& answers = call->answers();
  if (!answers.empty()) return call.succeed("Answered");
  std::vector<Question> questions;
  if (call->client().elicit_form) questions.push_back(Question::form<Ok>("ok", "All right?"));
  if (call->client().sampling) questions.push_back(Question::sample("any", "Say anything", 10));
  if (questions.empty()) return call.succeed("Nobody to ask");
  call->ask(std::move(questions));
}

}  // namespace

void add_asking_tools(World& world) {
  const auto add = [&world](const char* name, const char* description, QuickTool<>::Fn fn) {
    world.registry.add(std::make_unique<QuickTool<>>(name, description, fn));
  };
  world.registry.add(
      std::make_unique<QuickTool<Prompted>>("test_sampling", "Asks the client's model", sampling));
  world.registry.add(
      std::make_unique<QuickTool<Told>>("test_elicitation", "Asks the user", elicitation));
  add("test_elicitation_sep1034_defaults", "Asks with defaults", defaults);
  add("test_elicitation_sep1330_enums", "Asks with choices", choices);
  add("test_missing_capability", "Needs sampling", missing_capability);
  add("test_streaming_elicitation", "Asks while it streams", streaming_elicitation);
  add("test_input_required_result_elicitation", "Asks for a name", ask_name);
  add("test_input_required_result_sampling", "Asks the model", ask_model);
  add("test_input_required_result_list_roots", "Asks for roots", ask_roots);
  add("test_input_required_result_request_state", "Asks and remembers", ask_with_state);
  add("test_input_required_result_tampered_state", "Asks and remembers", ask_with_state);
  add("test_input_required_result_multiple_inputs", "Asks for three things", ask_three);
  add("test_input_required_result_multi_round", "Asks twice", ask_twice);
  add("test_input_required_result_capabilities", "Asks what it may", ask_what_fits);
}

}  // namespace everything
