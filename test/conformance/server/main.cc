// The everything-server: the catalogue behind the library's endpoint, for the official conformance
// suite. usage: everything-server   Listens on a free port of loopback and prints its URL; ends at
// SIGTERM or SIGINT.
#include <csignal>
#include <cstdio>

#include "conformance/server/catalogue.h"
#include "http/server.h"
#include "loop/clock.h"
#include "loop/signal.h"
#include "mcp/endpoint/endpoint.h"

namespace {

// Everybody is welcome.
class Anybody final : public mcp::Authenticator {
 public:
  std::optional<mcp::Verdict> known(std::optional<std::string_view>) override {
    return mcp::Verdict{{}, {"anybody", {}}};
  }
  std::unique_ptr<mcp::PendingVerdict> ask(std::string_view, std::string_view, Fn) override {
    return nullptr;
  }
  bool expires() const override { return false; }
};

mcp::shared::Options options() {
  mcp::shared::Options options;
  options.server_name = "everything-server";
  options.server_title = "Everything";
  options.server_version = "1.0.0";
  return options;
}

class Everything final : private http::Handler {
 public:
  Everything()
      : signals_(loop_, {SIGTERM, SIGINT},
                 base::Delegate<void(int)>::bind<&Everything::on_signal>(this)),
        endpoint_(loop_, filled(), anybody_, options()),
        server_(loop_, *this) {}

  int run() {
    if (auto ok = server_.listen("127.0.0.1", 0); !ok) {
      std::fprintf(stderr, "everything-server: %s\n", ok.error().what().c_str());
      return 1;
    }
    std::printf("http://%s/mcp\n", server_.address().text().c_str());
    std::fflush(stdout);
    loop_.run();
    return 0;
  }

 private:
  mcp::Registry& filled() {
    everything::add_plain_tools(world_);
    everything::add_streaming_tools(world_);
    everything::add_asking_tools(world_);
    everything::add_task_tools(world_);
    everything::add_resources(world_);
    everything::add_prompts(world_);
    return registry_;
  }
  void on_request(const http::Request& request, http::Reply reply) override {
    if (!endpoint_.admit(request, reply)) return;
    if (request.path == "/mcp") return endpoint_.on_request(request, std::move(reply));
    reply.send(404, "text/plain", "the endpoint is /mcp\n");
  }
  void on_signal(int) { loop_.stop(); }

  loop::RealClock clock_;
  loop::Loop loop_{clock_};
  loop::Signals signals_;
  mcp::Registry registry_;
  everything::World world_{loop_, registry_};
  Anybody anybody_;
  mcp::endpoint::Endpoint endpoint_;
  http::Server server_;
};

}  // namespace

int main() {
  return Everything().run();
}
