// Prompts: plain, with arguments and their completion, with a resource, an image, a question.
#include "conformance/server/catalogue.h"

namespace everything {

namespace {

using mcp::Content;
using mcp::PromptMessage;
using mcp::PromptResult;

template <class Arguments = mcp::NoArguments>
class QuickPrompt : public mcp::TypedPrompt<Arguments> {
 public:
  using Fn = void (*)(const Arguments&, mcp::PromptReply&);
  QuickPrompt(std::string name, std::string description, Fn fn)
      : mcp::TypedPrompt<Arguments>(
            {.name = std::move(name), .description = std::move(description)}),
        fn_(fn) {}
  std::unique_ptr<mcp::ToolRun> start(Arguments arguments, mcp::PromptReply& reply) override {
    fn_(arguments, reply);
    return nullptr;
  }

 private:
  Fn fn_;
};

void simple(const mcp::NoArguments&, mcp::PromptReply& reply) {
  reply.succeed({.messages = {PromptMessage::user("This is a simple prompt for testing.")}});
}

struct Two {
  std::string arg1, arg2;
  static mcp::Fields fields() {
    return {
        mcp::field<&Two::arg1>({.name = "arg1", .description = "the first one", .required = true}),
        mcp::field<&Two::arg2>(
            {.name = "arg2", .description = "the second one", .required = true})};
  }
};

class ArgumentsPrompt final : public QuickPrompt<Two> {
 public:
  ArgumentsPrompt()
      : QuickPrompt("test_prompt_with_arguments", "Repeats its arguments",
                    [](const Two& arguments, mcp::PromptReply& reply) {
                      reply.succeed({.messages = {PromptMessage::user(
                                         "Prompt with arguments: arg1='" + arguments.arg1 +
                                         "', arg2='" + arguments.arg2 + "'")}});
                    }) {}
  bool completes() const override { return true; }
  std::unique_ptr<mcp::ToolRun> complete(const mcp::CompletionRequest& request,
                                         mcp::CompletionReply& reply) override {
    std::vector<std::string> fitting;
    for (const std::string_view value : {"testing", "tested", "other"}) {
      if (value.starts_with(request.value)) fitting.emplace_back(value);
    }
    const std::uint64_t total = fitting.size();
    reply.succeed(std::move(fitting), total);
    return nullptr;
  }
};

struct Uri {
  std::string uri;
  static mcp::Fields fields() {
    return {mcp::field<&Uri::uri>(
        {.name = "resourceUri", .description = "the resource to embed", .required = true})};
  }
};

void with_resource(const Uri& arguments, mcp::PromptReply& reply) {
  PromptResult result;
  result.messages.push_back(PromptMessage::user(Content::embed(
      arguments.uri,
      {.mime_type = "text/plain", .text = "Embedded resource content for testing."})));
  result.messages.push_back(PromptMessage::user("Please process the embedded resource above."));
  reply.succeed(std::move(result));
}

void with_image(const mcp::NoArguments&, mcp::PromptReply& reply) {
  PromptResult result;
  result.messages.push_back(PromptMessage::user(Content::of_image(png(), "image/png")));
  result.messages.push_back(PromptMessage::user("Please analyze the image above."));
  reply.succeed(std::move(result));
}

struct Context {
  std::string context;
  static mcp::Fields fields() { return {mcp::field<&Context::context>({.name = "context"})}; }
};

void asking(const mcp::NoArguments&, mcp::PromptReply& reply) {
  const mcp::Elicited* answer = reply.answers().elicited("user_context");
  if (!answer) {
    return reply.ask({mcp::Question::form<Context>("user_context", "What is this about?")});
  }
  const auto context = answer->content<Context>();
  reply.succeed(
      {.messages = {PromptMessage::user("Context: " + (context ? context->context : "none"))}});
}

}  // namespace

void add_prompts(World& world) {
  mcp::Registry& registry = world.registry;
  registry.add(std::make_unique<QuickPrompt<>>("test_simple_prompt", "A plain text", simple));
  registry.add(std::make_unique<ArgumentsPrompt>());
  registry.add(std::make_unique<QuickPrompt<Uri>>("test_prompt_with_embedded_resource",
                                                  "A resource and a text", with_resource));
  registry.add(
      std::make_unique<QuickPrompt<>>("test_prompt_with_image", "An image and a text", with_image));
  registry.add(std::make_unique<QuickPrompt<>>("test_input_required_result_prompt",
                                               "Asks before it answers", asking));
}

}  // namespace everything
