// The world of the modern era's tests: McpWorld, and requests of revision 2026-07-28 with their
// headers.
#pragma once

#include <string>
#include <string_view>

#include "support/mcp_world.h"

namespace test {

class ModernWorld : public McpWorld {
 protected:
  static constexpr std::string_view kVersionLine = "MCP-Protocol-Version: 2026-07-28\r\n";

  // The two members that every request needs, and `more` (",…").
  static std::string meta(std::string_view capabilities = "{}", std::string_view more = {}) {
    std::string out = R"({"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
                      R"("io.modelcontextprotocol/clientCapabilities":)";
    return out.append(capabilities).append(more).append("}");
  }
  // `params`: members without braces, e.g. R"("name":"test.echo")".
  static std::string body(std::string_view method, std::string_view params = {},
                          std::string_view id = "1", std::string_view meta_json = {}) {
    std::string all = "{";
    if (!params.empty()) all.append(params).append(",");
    all.append(R"("_meta":)").append(meta_json.empty() ? meta() : meta_json).append("}");
    return rpc(method, all, id);
  }
  static std::string headers(std::string_view method, std::string_view name = {},
                             std::string_view more = {}) {
    std::string out(kVersionLine);
    out.append("Mcp-Method: ").append(method).append("\r\n");
    if (!name.empty()) out.append("Mcp-Name: ").append(name).append("\r\n");
    return out.append(more);
  }
  Answer ask(std::string_view method, std::string_view params = {}, std::string_view name = {},
             std::string_view more = {}) {
    return post(body(method, params), headers(method, name, more));
  }
  // A listen stream that tells `notifications` (an object).
  std::unique_ptr<EventStream> listen_to(std::string_view notifications, std::string_view id = "77",
                                         std::string_view more = {}, int send_buffer = 0) {
    auto stream = std::make_unique<EventStream>();
    stream->peer = connect(send_buffer);
    stream->peer->send(request("POST", headers("subscriptions/listen", {}, more),
                               body("subscriptions/listen",
                                    std::string(R"("notifications":)").append(notifications), id)));
    settle();
    stream->read();
    return stream;
  }
  // The code of an error answer; 0 when it is none.
  static std::int64_t code(const Answer& answer) {
    base::json::Document doc;
    const auto v = doc.parse(answer.body);
    return v ? (*v)["error"]["code"].int_or(0) : 0;
  }
};

}  // namespace test
