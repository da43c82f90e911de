// The whole server against the simulated API server, in one loop on virtual time, and an MCP client
// that keeps what it is told.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "app/app.h"
#include "app/settings.h"
#include "http/client_call.h"
#include "http/client_pool.h"
#include "http/sse.h"
#include "support/sim_world.h"
#include "support/temp_dir.h"

namespace test {

class StoryWorld;

// One MCP session: requests by POST, notifications from one GET stream.
class McpSession {
 public:
  McpSession(StoryWorld& world, std::string token = {});

  // initialize, notifications/initialized, and the stream. False: `status` says why.
  bool open();
  // Goes on after the last event id that came, if there was one.
  void open_stream();
  bool stream_open() const { return stream_ && stream_->head_seen && !stream_->end; }
  // The stream was ended properly by the server.
  bool stream_ended() const { return stream_ && stream_->end && stream_->end->ok(); }
  bool stream_over() const { return stream_ && stream_->end.has_value(); }
  void pause(bool paused) { stream_->call.pause(paused); }
  // The connection of the stream goes, as a client's that dies.
  void drop_stream() { stream_.reset(); }
  void end();                                                 // DELETE
  void use(std::string token) { token_ = std::move(token); }  // from the next request on
  std::string challenge() const { return answer_ ? answer_->challenge : std::string(); }

  // What notifications/message said, as JSON.
  const std::vector<std::string>& messages() const { return messages_; }

  // Sends a request and waits for its answer; `result()` and `error()` read it.
  void ask(std::string_view method, std::string_view params_json);
  // Sends it and does not wait.
  std::unique_ptr<SimCall> send(std::string_view method, std::string_view params_json);
  base::json::Value result() { return answer_ ? answer_->json()["result"] : base::json::Value(); }
  base::json::Value error() { return answer_ ? answer_->json()["error"] : base::json::Value(); }
  const std::string& id() const { return id_; }
  int status() const { return answer_ ? answer_->status : 0; }
  // True: accepted.
  bool subscribe(const std::string& uri);
  bool unsubscribe(const std::string& uri);

  // Every notification, its params as JSON.
  struct Update {
    std::string uri, delta;
  };
  const std::vector<Update>& updates() const { return updates_; }
  void forget() { updates_.clear(); }
  // "ADDED name message", … of events; "line text", "gap", "end" … of logs.
  std::vector<std::string> told() const;

 private:
  struct Stream final : http::CallHandler {
    Stream(McpSession& owner_in, http::ClientPool& pool) : owner(owner_in), call(pool, *this) {}
    void on_head(const http::ResponseHead& head) override { head_seen = head.status == 200; }
    void on_body(std::string_view bytes) override { owner.on_bytes(bytes); }
    void on_end(const http::CallEnd& how) override { end = how; }
    McpSession& owner;
    bool head_seen = false;
    std::optional<http::CallEnd> end;
    http::ClientCall call;
  };
  void on_bytes(std::string_view bytes);
  std::unique_ptr<SimCall> post(std::string body);
  StoryWorld& world_;
  std::string token_, id_, last_event_id_;
  int next_ = 1;
  std::unique_ptr<SimCall> answer_;
  std::unique_ptr<Stream> stream_;
  http::sse::Reader reader_;
  std::vector<Update> updates_;
  std::vector<std::string> messages_;
};

class StoryWorld : public SimWorld {
 protected:
  // The server's log is kept, and shown when the test failed.
  StoryWorld();
  ~StoryWorld() override;

  // Starts the server and waits until it is ready.
  void start_app(app::Settings settings = {});
  // Begins its end and waits for it.
  void stop_app();
  bool app_running() const { return app != nullptr && !stopped_; }

  std::unique_ptr<McpSession> connect(std::string token = {});
  // Waits until the session was told `n` things (and not more, for what is under way).
  bool told(const McpSession& session, std::size_t n);

  TempDir dir;
  std::string log;
  std::unique_ptr<app::App> app;
  std::unique_ptr<http::ClientPool> front;  // to the server under test

 private:
  friend class McpSession;
  void on_stopped() { stopped_ = true; }
  bool stopped_ = false;
};

}  // namespace test
