#include "mcp/resource.h"

#include <string>

#include "base/json.h"

namespace mcp {

base::Payload update_frame(std::string_view uri, std::string_view delta_json) {
  constexpr std::string_view kHead =
      "event: message\ndata: "
      R"({"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"_meta":{"delta":)";
  std::string tail = R"(},"uri":)";
  base::json::append_string(tail, uri);
  tail += "}}\n\n";
  return base::Payload::concat(kHead, delta_json, tail);
}

}  // namespace mcp
