// ResultWriter: adds the members that every result of the modern era has besides its own
// (MCP 2026-07-28, Base Protocol, "Results" and "Caching"): resultType, serverInfo and, where a
// result may be cached, for how long. The results themselves are the same in both eras.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "mcp/jsonrpc.h"
#include "mcp/shared/options.h"

namespace mcp::modern {

// For results that a client may cache: discovery, the lists, resource contents. `for_all`: the
// result is the same for every caller, so that shared caches may keep it.
struct Caching {
  std::int64_t ttl_ms = 0;  // 0: must not be reused
  bool for_all = false;
};

// The code that this era has for `code`: the legacy revisions have codes of their own for some.
RpcCode in_this_era(RpcCode code);

class ResultWriter {
 public:
  explicit ResultWriter(const shared::Options& options);

  // `result`: an object that we made, compact, without _meta; `meta_json`: its own _meta, an
  // object; "": none.
  std::string complete(std::string_view result, std::string_view meta_json = {}) const {
    return with(result, {}, meta_json);
  }
  std::string complete(std::string_view result, const Caching& caching) const;
  // A listen stream's last message. `id_json`: its subscription id.
  std::string listen_over(std::string_view id_json) const;
  // `members`: the result's own members, e.g. "inputRequests":{…}; not empty.
  std::string input_required(std::string_view members) const;
  // The call goes on as a task. `task`: an object, without _meta.
  std::string task(std::string_view task) const;

 private:
  std::string with(std::string_view result, std::string_view more,
                   std::string_view meta_json) const;
  std::string meta_;  // "io.modelcontextprotocol/serverInfo":{…}
};

}  // namespace mcp::modern
