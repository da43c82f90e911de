// The world of the tools' tests: the simulated API server, a client of it and the context that
// tools and managers get; subscribers and replies that keep what they are told.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/random.h"
#include "catalog/catalog.h"
#include "fanout/context.h"
#include "kube/client.h"
#include "kube/discovery.h"
#include "kube/watch/retry.h"
#include "mcp/resource.h"
#include "mcp/tool.h"
#include "support/sim_world.h"
#include "support/temp_dir.h"

namespace test {

// A session's end of a feed. It takes `room` frames and says when one was refused.
class TestSubscriber final : public mcp::Subscriber {
 public:
  explicit TestSubscriber(std::string uri, mcp::Caller caller = {"self", {}})
      : uri_(std::move(uri)), caller_(std::move(caller)) {}

  const mcp::Caller& caller() const override { return caller_; }
  const std::string& uri() const override { return uri_; }
  void accepted() override { ++accepts; }
  void refused(mcp::RpcError error) override {
    ++refusals;
    refusal = std::move(error);
  }
  bool publish(const base::Payload& frame) override;
  void ended() override { ++ends; }

  // Takes `frames` more, telling the feed as a session would.
  void make_room(int frames);
  void renew(std::string bearer) {
    caller_.bearer = std::move(bearer);
    feed->on_credentials(caller_);
  }
  bool answered() const { return accepts + refusals > 0; }
  // "ADDED name message" of events, "line text", "gap" … of logs.
  std::vector<std::string> told() const;

  std::unique_ptr<mcp::Feed> feed;
  int room = 1 << 30;
  int accepts = 0, refusals = 0, ends = 0;
  mcp::RpcError refusal;
  std::vector<std::string> deltas;  // as JSON
  std::vector<base::Payload> frames;

 private:
  std::string uri_;
  mcp::Caller caller_;
  bool wants_room_ = false;
};

// A call that can do nothing before its end.
template <class Reply>
class TestContext : public Reply {
 public:
  explicit TestContext(mcp::Caller caller) : caller_(std::move(caller)) {}
  const mcp::Caller& caller() const override { return caller_; }
  bool wants_progress() const override { return false; }
  void progress(const mcp::Progress&) override {}
  void log(mcp::LogLevel, std::string_view) override {}
  void close_stream(base::Duration) override {}
  void elicitation_complete(std::string_view) override {}
  const mcp::ClientCapabilities& client() const override { return client_; }
  const mcp::Answers& answers() const override { return answers_; }
  void ask(std::vector<mcp::Question> questions, std::string) override {
    this->fail(mcp::missing_capability(questions.front()));
  }

 private:
  mcp::Caller caller_;
  mcp::ClientCapabilities client_;
  mcp::Answers answers_;
};

// What a tool or a read answered; "error: …" when it failed, "" while it works.
class TestReply final : public TestContext<mcp::ToolReply>, public TestContext<mcp::ReadReply> {
 public:
  explicit TestReply(mcp::Caller of)
      : TestContext<mcp::ToolReply>(of), TestContext<mcp::ReadReply>(of) {}
  void succeed(mcp::ToolResult result) override {
    text = std::move(result.structured_json);
    if (!result.content.empty()) shown = result.content.front().text;
  }
  void fail(mcp::ToolError error) override { text = "error: " + std::move(error.message); }
  void succeed(mcp::ResourceContent content) override {
    mime_type = std::move(content.mime_type);
    text = std::move(content.text);
  }
  void fail(mcp::RpcError error) override {
    code = static_cast<int>(error.code);
    text = "error: " + std::move(error.message);
  }
  std::string text, mime_type;
  std::string shown;  // the text of a tool's answer, where it is not `text`
  int code = 0;
};

// The catalog of test/fixtures/catalog, as a directory of an air-gapped site.
catalog::Settings fixture_catalog();

class ToolsWorld : public SimWorld {
 protected:
  ToolsWorld();
  // Frees what was retired while the client is still there.
  ~ToolsWorld() override;

  // Calls a tool or reads a resource and waits. `arguments`: they fit its schema.
  TestReply call(mcp::Tool& tool, std::string_view arguments, const mcp::Caller& caller = self());
  TestReply read(mcp::ResourceFamily& family, std::string_view uri,
                 const mcp::Caller& caller = self());
  static mcp::Caller self() { return {"self", {}}; }
  // The admin may not do this any more; ns "" and group "*" stand for any.
  void deny(std::string verb, std::string resource, std::string group = "*", std::string ns = {});
  void allow_all() { admin().denied.clear(); }
  sim::User& admin() { return api.users().find(sim::ApiServer::kAdminToken)->second; }
  // The one answer to requests that match.
  void answer(std::string verb, std::string path, const sim::Status& status, int count = 1,
              int skip = 0);

  TempDir dir;
  std::string log;
  cluster::NamespaceFilter filter;
  kube::watch::RetryTable retries{kube::watch::RetryParameters{}, loop, 1};
  loop::Scope scope{"server"};
  std::unique_ptr<kube::Client> client;
  std::unique_ptr<kube::Discovery> discovery;
  std::unique_ptr<cluster::Cluster> context;
  base::QueueBudget budget{base::kQueueBudget};
  fanout::WatchSettings watch_settings;
  base::Budgets* budgets = nullptr;  // a test's own, which outlives the managers
  // Reads test/fixtures/catalog.
  catalog::Catalog catalog;
  fanout::Context managed() { return {*context, budget, watch_settings, budgets}; }
};

}  // namespace test
