// The whole server on the simulated cluster, and clients that close their connections with a reset
// at any moment of their calls.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/random.h"
#include "support/story_world.h"

namespace {

using test::StoryWorld;

struct StoryReset : StoryWorld {
  // A connection on which a call of 2026-07-28 is under way.
  base::Fd call() {
    base::Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
    to.sin_port = ::htons(static_cast<std::uint16_t>(app->address().port()));
    EXPECT_EQ(::connect(fd.get(), reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
    const std::string body =
        R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{)"
        R"("name":"k0rdent.mgmt.events.list","arguments":{"namespace":"team-a"},"_meta":{)"
        R"("io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
        R"("io.modelcontextprotocol/clientCapabilities":{}}}})";
    const std::string request =
        "POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        "Accept: application/json, text/event-stream\r\nMCP-Protocol-Version: 2026-07-28\r\n"
        "Mcp-Method: tools/call\r\nMcp-Name: k0rdent.mgmt.events.list\r\nContent-Length: " +
        std::to_string(body.size()) + "\r\n\r\n" + body;
    EXPECT_EQ(::send(fd.get(), request.data(), request.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(request.size()));
    return fd;
  }
  static void reset(base::Fd fd) {
    const linger now{1, 0};
    ::setsockopt(fd.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
  }
};

// It ended the process: a call whose client went in the turn of its answer was freed twice.
TEST_F(StoryReset, CallsWhoseConnectionsAreResetAtAnyMomentEndNothingElse) {
  start_app();
  cluster.emit({.ns = "team-a", .name = "e", .message = "m"});
  auto other = connect();
  base::Random random(1);
  for (int round = 0; round < 10; ++round) {
    std::vector<base::Fd> all;
    for (int i = 0; i < 40; ++i) {
      all.push_back(call());
      if (random.below(4) == 0) loop.run_once();
    }
    while (!all.empty()) {
      const std::size_t i = random.below(all.size());
      reset(std::move(all[i]));
      all.erase(all.begin() + static_cast<std::ptrdiff_t>(i));
      if (random.below(3) == 0) loop.run_once();
    }
  }
  other->ask("tools/call",
             R"({"name":"k0rdent.mgmt.events.list","arguments":{"namespace":"team-a"}})");
  EXPECT_EQ(other->status(), 200);
  EXPECT_TRUE(other->result());
  stop_app();
  EXPECT_FALSE(app_running());
}

}  // namespace
