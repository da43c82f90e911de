// Tools that answer at once: each kind of content, errors, a schema of its own, mirrored arguments.
#include "base/encoding.h"
#include "conformance/server/catalogue.h"

namespace everything {

namespace {

using mcp::Content;
using mcp::ToolResult;
using Call = mcp::TypedCall<ToolResult>;
using Quick = QuickTool<>;

template <class... Blocks>
ToolResult result_of(Blocks... blocks) {
  ToolResult result;
  (result.content.push_back(std::move(blocks)), ...);
  return result;
}

void simple_text(const mcp::NoArguments&, const Call& call) {
  call.succeed("This is a simple text response for testing.");
}

void image(const mcp::NoArguments&, const Call& call) {
  call.succeed(result_of(Content::of_image(png(), "image/png")));
}

void audio(const mcp::NoArguments&, const Call& call) {
  call.succeed(result_of(Content::of_audio(wav(), "audio/wav")));
}

void embedded_resource(const mcp::NoArguments&, const Call& call) {
  call.succeed(result_of(Content::embed(
      "test://embedded-resource",
      {.mime_type = "text/plain", .text = "This is an embedded resource content."})));
}

void multiple_types(const mcp::NoArguments&, const Call& call) {
  call.succeed(result_of(
      Content::of_text("Multiple content types test:"), Content::of_image(png(), "image/png"),
      Content::embed("test://mixed-content-resource",
                     {.mime_type = "application/json", .text = R"({"test":"data","value":123})"})));
}

void error(const mcp::NoArguments&, const Call& call) {
  call.fail(mcp::ToolError{"This tool intentionally returns an error for testing"});
}

struct Region {
  std::string region;
  static mcp::Fields fields() {
    return {mcp::field<&Region::region>(
        {.name = "region", .description = "where to look", .header = "Region"})};
  }
};

void mirrored(const Region& arguments, const Call& call) {
  call.succeed("region: " + arguments.region);
}

// JSON Schema 2020-12 with what a struct cannot say: shown as it stands here.
constexpr std::string_view kSchema =
    R"({"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object",)"
    R"("$defs":{"address":{"$anchor":"addressDef","type":"object","properties":)"
    R"({"street":{"type":"string"},"city":{"type":"string"}}}},)"
    R"("properties":{"name":{"type":"string"},"address":{"$ref":"#/$defs/address"},)"
    R"("contactMethod":{"type":"string","enum":["phone","email"]},)"
    R"("phone":{"type":"string"},"email":{"type":"string"}},)"
    R"("allOf":[{"anyOf":[{"required":["phone"]},{"required":["email"]}]}],)"
    R"("if":{"properties":{"contactMethod":{"const":"phone"}},"required":["contactMethod"]},)"
    R"("then":{"required":["phone"]},"else":{"required":["email"]},"additionalProperties":false})";

class SchemaTool final : public mcp::Tool {
 public:
  const mcp::ToolInfo& info() const override { return info_; }
  const mcp::Schema& input() const override { return schema_; }
  const mcp::Schema* output() const override { return nullptr; }
  std::unique_ptr<mcp::ToolRun> begin(base::json::Value arguments, mcp::ToolReply& reply) override {
    Call(reply).succeed("got " + (arguments ? arguments.to_json() : "nothing"));
    return nullptr;
  }

 private:
  mcp::ToolInfo info_{.name = "json_schema_2020_12_tool",
                      .description = "Shows a schema of JSON Schema 2020-12 unchanged"};
  mcp::Schema schema_ = mcp::Schema::verbatim(std::string(kSchema));
};

}  // namespace

std::string png() {
  return *base::parse_base64(
      "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJg"
      "gg"
      "==");
}

std::string wav() {
  return *base::parse_base64("UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA=");
}

void add_plain_tools(World& world) {
  const auto add = [&world](const char* name, const char* description, Quick::Fn fn) {
    world.registry.add(std::make_unique<Quick>(name, description, fn));
  };
  add("test_simple_text", "Answers with a text", simple_text);
  add("test_image_content", "Answers with an image", image);
  add("test_audio_content", "Answers with a sound", audio);
  add("test_embedded_resource", "Answers with a resource inside", embedded_resource);
  add("test_multiple_content_types", "Answers with text, image and resource", multiple_types);
  add("test_error_handling", "Fails as tools do", error);
  world.registry.add(std::make_unique<QuickTool<Region>>(
      "test_x_mcp_header", "Takes an argument that a header repeats", mirrored));
  world.registry.add(std::make_unique<SchemaTool>());
}

}  // namespace everything
