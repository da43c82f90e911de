#include "support/story_world.h"

#include <cstdio>
#include <utility>

#include "base/json.h"
#include "base/log.h"
#include "support/tools_world.h"

namespace test {

using base::json::Writer;

namespace {

constexpr std::string_view kInitialize =
    R"({"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}})";

}  // namespace

McpSession::McpSession(StoryWorld& world, std::string token)
    : world_(world), token_(std::move(token)) {}

std::unique_ptr<SimCall> McpSession::post(std::string body) {
  std::vector<std::pair<std::string, std::string>> headers = {
      {"Accept", "application/json, text/event-stream"}};
  if (!id_.empty()) headers.emplace_back("Mcp-Session-Id", id_);
  return std::make_unique<SimCall>(*world_.front, "POST", "/mcp", std::move(body), token_,
                                   "application/json", std::move(headers), base::kForever);
}

std::unique_ptr<SimCall> McpSession::send(std::string_view method, std::string_view params_json) {
  std::string body;
  Writer w(body);
  w.begin_object().field("jsonrpc", "2.0").field("id", next_++).field("method", method);
  w.key("params").raw(params_json).end_object();
  return post(std::move(body));
}

void McpSession::ask(std::string_view method, std::string_view params_json) {
  answer_ = send(method, params_json);
  EXPECT_TRUE(world_.run_until([&] { return answer_->done(); })) << method;
}

bool McpSession::open() {
  ask("initialize", kInitialize);
  id_ = answer_->session_id;
  if (status() != 200 || id_.empty()) return false;
  auto note = post(R"({"jsonrpc":"2.0","method":"notifications/initialized"})");
  world_.run_until([&] { return note->done(); });
  open_stream();
  return note->status == 202 && world_.run_until([&] { return stream_open(); });
}

void McpSession::open_stream() {
  reader_ = {};
  stream_ = std::make_unique<Stream>(*this, *world_.front);
  http::ClientRequest request;
  request.target = "/mcp";
  request.headers = {{"Accept", "text/event-stream"}, {"Mcp-Session-Id", id_}};
  if (!token_.empty()) request.headers.emplace_back("Authorization", "Bearer " + token_);
  if (!last_event_id_.empty()) request.headers.emplace_back("Last-Event-ID", last_event_id_);
  request.total_time = base::kForever;
  stream_->call.start(std::move(request));
}

void McpSession::end() {
  std::vector<std::pair<std::string, std::string>> headers = {{"Mcp-Session-Id", id_}};
  SimCall call(*world_.front, "DELETE", "/mcp", "", token_, "", std::move(headers));
  EXPECT_TRUE(world_.run_until([&] { return call.done(); }));
}

bool McpSession::subscribe(const std::string& uri) {
  ask("resources/subscribe", R"({"uri":")" + uri + R"("})");
  return result().present();
}

bool McpSession::unsubscribe(const std::string& uri) {
  ask("resources/unsubscribe", R"({"uri":")" + uri + R"("})");
  return result().present();
}

void McpSession::on_bytes(std::string_view bytes) {
  http::sse::Event event;
  while (reader_.next(bytes, event)) {
    if (!event.id.empty()) last_event_id_ = event.id;
    if (!event.has_data || event.data.empty()) continue;
    base::json::Document doc;
    const auto root = doc.parse(event.data);
    ASSERT_TRUE(root.has_value()) << event.data;
    if ((*root)["method"].str() == "notifications/message") {
      messages_.push_back((*root)["params"].to_json());
    }
    if ((*root)["method"].str() != "notifications/resources/updated") continue;
    const base::json::Value params = (*root)["params"];
    updates_.push_back({std::string(params["uri"].str()), params["_meta"]["delta"].to_json()});
  }
}

std::vector<std::string> McpSession::told() const {
  std::vector<std::string> out;
  for (const Update& update : updates_) {
    base::json::Document doc;
    const auto delta = doc.parse(update.delta);
    if (!delta) {
      out.push_back("no JSON");
    } else if ((*delta)["action"].present()) {
      const base::json::Value event = (*delta)["event"];
      out.push_back(std::string((*delta)["action"].str()) + " " + std::string(event["name"].str()) +
                    " " + std::string(event["message"].str()));
    } else {
      std::string text((*delta)["type"].str());
      if (text == "line") text += " " + std::string((*delta)["line"].str());
      out.push_back(text);
    }
  }
  return out;
}

StoryWorld::StoryWorld() {
  base::log::capture(&log);
}

StoryWorld::~StoryWorld() {
  stop_app();
  loop.run_once();
  app.reset();
  base::log::capture(nullptr);
  if (HasFailure()) std::fwrite(log.data(), 1, log.size(), stderr);
}

void StoryWorld::start_app(app::Settings settings) {
  settings.listens[0].port = 0;
  if (settings.catalog.url == catalog::kUsualUrl) settings.catalog = fixture_catalog();
  settings.kubeconfig = dir.write("kubeconfig", api.kubeconfig());
  stopped_ = false;
  app = std::make_unique<app::App>(loop, settings,
                                   base::Delegate<void()>::bind<&StoryWorld::on_stopped>(this));
  const auto started = app->start();
  ASSERT_TRUE(started.has_value()) << started.error().what();
  const int port = app->address().port();
  front = std::make_unique<http::ClientPool>(loop, resolver, "127.0.0.1", port,
                                             "127.0.0.1:" + std::to_string(port), nullptr);
  ASSERT_TRUE(run_until([&] { return app->ready() || !api.running(); }));
}

void StoryWorld::stop_app() {
  if (!app || stopped_) return;
  app->shutdown("end of the story");
  EXPECT_TRUE(run_until([&] { return stopped_; }));
}

std::unique_ptr<McpSession> StoryWorld::connect(std::string token) {
  auto session = std::make_unique<McpSession>(*this, std::move(token));
  EXPECT_TRUE(session->open()) << session->status();
  return session;
}

bool StoryWorld::told(const McpSession& session, std::size_t n) {
  const bool enough = run_until([&] { return session.updates().size() >= n; });
  settle();
  return enough && session.updates().size() == n;
}

}  // namespace test
