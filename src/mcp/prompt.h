// What a prompt author writes: a TypedPrompt, whose arguments are the strings of a struct.
//
//   struct Arguments { std::string pod; static mcp::Fields fields(); };         // schema.h
//   class WhyPrompt final : public mcp::TypedPrompt<Arguments> {
//    public:
//     WhyPrompt() : TypedPrompt({.name = "why", .title = "Why does it fail?"}) {}
//     std::unique_ptr<mcp::ToolRun> start(Arguments arguments, mcp::PromptReply& reply) override {
//       std::string text = "Why does " + arguments.pod + " fail?";
//       reply.succeed({.messages = {mcp::PromptMessage::user(std::move(text))}});
//       return nullptr;                                                         // answered at once
//     }
//   };
//
// start() may return a run that answers later, and may ask the client: context.h.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "mcp/completion.h"
#include "mcp/content.h"
#include "mcp/context.h"
#include "mcp/schema.h"

namespace mcp {

struct PromptInfo {
  std::string name;
  std::string title = {};
  std::string description = {};
  std::vector<Icon> icons = {};
  std::string meta_json = {};  // _meta, an object; "": none
};

struct PromptMessage {
  bool assistant = false;  // the message's role; false: user
  Content content;
  static PromptMessage user(std::string text) { return {false, Content::of_text(std::move(text))}; }
  static PromptMessage user(Content content) { return {false, std::move(content)}; }
};

struct PromptResult {
  std::string description = {};
  std::vector<PromptMessage> messages = {};
};

class PromptReply : public CallContext {
 public:
  virtual void succeed(PromptResult result) = 0;
};

class Prompt {
 public:
  virtual ~Prompt() = default;
  virtual const PromptInfo& info() const = 0;
  // Its fields are the prompt's arguments: strings.
  virtual const Schema& input() const = 0;
  // Starts one round. `arguments` are valid inside this call only; if they do not fit, fails with
  // RpcError invalid_params. nullptr when the round ended inside.
  virtual std::unique_ptr<ToolRun> begin(base::json::Value arguments, PromptReply& reply) = 0;
  // completion/complete for the prompt's arguments. nullptr when answered inside.
  virtual bool completes() const { return false; }
  virtual std::unique_ptr<ToolRun> complete(const CompletionRequest& request,
                                            CompletionReply& reply) {
    (void)request;
    reply.succeed({});
    return nullptr;
  }
};

template <class Arguments>
class TypedPrompt : public Prompt {
 public:
  explicit TypedPrompt(PromptInfo info) : info_(std::move(info)) {}
  const PromptInfo& info() const final { return info_; }
  const Schema& input() const final { return Schema::of<Arguments>(); }
  std::unique_ptr<ToolRun> begin(base::json::Value arguments, PromptReply& reply) final {
    auto read = Schema::read<Arguments>(arguments);
    if (read) return start(*std::move(read), reply);
    reply.fail({RpcCode::invalid_params, read.error().what(), {}});
    return nullptr;
  }

  virtual std::unique_ptr<ToolRun> start(Arguments arguments, PromptReply& reply) = 0;

 private:
  PromptInfo info_;
};

}  // namespace mcp
