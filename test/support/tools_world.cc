#include "support/tools_world.h"

#include <filesystem>

#include "base/check.h"
#include "base/log.h"
#include "http/sse.h"
#include "kube/config/kubeconfig.h"

namespace test {

bool TestSubscriber::publish(const base::Payload& frame) {
  EXPECT_EQ(accepts, 1) << "published before the subscription was accepted";
  if (room == 0) {
    wants_room_ = true;
    return false;
  }
  --room;
  std::string_view bytes = frame.view();
  http::sse::Reader reader;
  http::sse::Event event;
  EXPECT_TRUE(reader.next(bytes, event) && bytes.empty()) << frame.view();
  base::json::Document doc;
  const auto root = doc.parse(event.data);
  EXPECT_TRUE(root.has_value()) << event.data;
  if (!root) return true;
  EXPECT_EQ((*root)["method"].str(), "notifications/resources/updated");
  EXPECT_EQ((*root)["params"]["uri"].str(), uri_);
  deltas.push_back((*root)["params"]["_meta"]["delta"].to_json());
  frames.push_back(frame);
  return true;
}

void TestSubscriber::make_room(int more) {
  room += more;
  if (std::exchange(wants_room_, false)) feed->on_room();
}

std::vector<std::string> TestSubscriber::told() const {
  std::vector<std::string> out;
  for (const std::string& text : deltas) {
    base::json::Document doc;
    const auto delta = doc.parse(text);
    if (!delta) {
      out.emplace_back("no JSON");
    } else if (const base::json::Value event = (*delta)["event"]; event.present()) {
      out.push_back(std::string((*delta)["action"].str()) + " " + std::string(event["name"].str()) +
                    " " + std::string(event["message"].str()));
    } else if ((*delta)["dropped"].present()) {
      out.push_back("dropped " + std::to_string((*delta)["dropped"].int_or(-1)));
    } else {
      std::string line((*delta)["type"].str());
      for (const char* key : {"line", "message", "error", "reason"}) {
        if ((*delta)[key].present()) line.append(" ").append((*delta)[key].str());
      }
      out.push_back(std::move(line));
    }
  }
  return out;
}

catalog::Settings fixture_catalog() {
  return {.url = std::filesystem::absolute("test/fixtures/catalog").string()};
}

ToolsWorld::ToolsWorld() : catalog(loop, resolver, fixture_catalog()) {
  base::log::capture(&log);
  kube::config::LoadOptions options;
  options.file = dir.write("kubeconfig", api.kubeconfig());
  auto config = kube::config::load_config(options);
  CHECK(config.has_value());
  auto made = kube::Client::create(loop, resolver, *std::move(config), "test");
  CHECK(made.has_value());
  client = *std::move(made);
  discovery = std::make_unique<kube::Discovery>(loop, *client);
  context = std::make_unique<cluster::Cluster>(
      cluster::Cluster::Parts{loop, *client, *discovery, retries, filter, scope});
}

ToolsWorld::~ToolsWorld() {
  loop.run_once();
  base::log::capture(nullptr);
}

TestReply ToolsWorld::call(mcp::Tool& tool, std::string_view arguments, const mcp::Caller& caller) {
  TestReply reply(caller);
  base::json::Document doc;
  const auto parsed = doc.parse(arguments);
  EXPECT_TRUE(parsed.has_value()) << arguments;
  const std::unique_ptr<mcp::ToolRun> run = tool.begin(*parsed, reply);
  doc.release();  // arguments are valid inside begin() only
  EXPECT_TRUE(run_until([&] { return !reply.text.empty(); }));
  return reply;
}

TestReply ToolsWorld::read(mcp::ResourceFamily& family, std::string_view uri,
                           const mcp::Caller& caller) {
  TestReply reply(caller);
  const std::unique_ptr<mcp::ToolRun> run = family.read(caller, std::string(uri), reply);
  EXPECT_TRUE(run_until([&] { return !reply.text.empty() || !reply.mime_type.empty(); }));
  return reply;
}

void ToolsWorld::deny(std::string verb, std::string resource, std::string group, std::string ns) {
  const bool any = group == "*";
  admin().denied.push_back(
      {std::move(verb), std::move(resource), std::move(ns), any ? std::string() : group, any});
}

void ToolsWorld::answer(std::string verb, std::string path, const sim::Status& status, int count,
                        int skip) {
  sim::AnswerFault fault;
  fault.match = {std::move(verb), std::move(path), {}, skip, count};
  fault.answer = sim::refuse(status);
  api.faults().add(std::move(fault));
}

}  // namespace test
