// Resources: a text, bytes, one that may be watched, and all of a template.
#include "conformance/server/catalogue.h"

namespace everything {

namespace {

class StaticResource final : public mcp::ResourceFamily {
 public:
  StaticResource(std::string name, std::string uri, mcp::ResourceContent content)
      : info_{.uri_template = {},
              .name = std::move(name),
              .title = {},
              .description = "A resource for testing",
              .mime_type = content.mime_type,
              .uri = std::move(uri)},
        content_(std::move(content)) {}
  const mcp::ResourceInfo& info() const override { return info_; }
  bool owns(std::string_view uri) const override { return uri == info_.uri; }
  std::unique_ptr<mcp::ToolRun> read(const mcp::Caller&, std::string_view,
                                     mcp::ReadReply& reply) override {
    reply.succeed(content_);
    return nullptr;
  }
  // Anybody may wait for a change; none comes.
  std::unique_ptr<mcp::Feed> subscribe(mcp::Subscriber& subscriber) override {
    subscriber.accepted();
    return std::make_unique<Silent>(subscriber);
  }

 private:
  struct Silent final : mcp::Feed {
    explicit Silent(mcp::Subscriber& to) : subscriber(to) {}
    void on_room() override {}
    void on_credentials(const mcp::Caller&) override {}
    void on_ending(std::string_view) override { subscriber.ended(); }
    mcp::Subscriber& subscriber;
  };
  mcp::ResourceInfo info_;
  mcp::ResourceContent content_;
};

class TemplateFamily final : public mcp::ResourceFamily {
 public:
  const mcp::ResourceInfo& info() const override { return info_; }
  bool owns(std::string_view uri) const override {
    return uri.starts_with(kHead) && uri.ends_with(kTail) &&
           uri.size() > kHead.size() + kTail.size();
  }
  std::unique_ptr<mcp::ToolRun> read(const mcp::Caller&, std::string_view uri,
                                     mcp::ReadReply& reply) override {
    uri.remove_prefix(kHead.size());
    uri.remove_suffix(kTail.size());
    std::string text, data("Data for ID: ");
    base::json::Writer w(text);
    w.begin_object().field("id", uri).field("templateTest", true);
    w.field("data", data.append(uri)).end_object();
    reply.succeed({.mime_type = "application/json", .text = std::move(text)});
    return nullptr;
  }

 private:
  static constexpr std::string_view kHead = "test://template/", kTail = "/data";
  mcp::ResourceInfo info_{.uri_template = "test://template/{id}/data",
                          .name = "template",
                          .title = {},
                          .description = "A resource for each id",
                          .mime_type = "application/json"};
};

}  // namespace

void add_resources(World& world) {
  const auto add = [&world](const char* name, const char* uri, mcp::ResourceContent content) {
    world.registry.add(std::make_unique<StaticResource>(name, uri, std::move(content)));
  };
  add("static-text", "test://static-text",
      {.mime_type = "text/plain", .text = "This is the content of the static text resource."});
  add("static-binary", "test://static-binary",
      {.mime_type = "image/png", .text = {}, .blob = png()});
  add("watched-resource", "test://watched-resource",
      {.mime_type = "text/plain", .text = "This is a resource that may be watched."});
  world.registry.add(std::make_unique<TemplateFamily>());
}

}  // namespace everything
