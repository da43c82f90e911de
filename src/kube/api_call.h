// ApiCall: one call to the API server through a Client (client.h); ApiGet: one whose body is collected.
// Every answer other than 2xx becomes a Failure, as does an HTML page where JSON was requested.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/delegate.h"
#include "base/limits.h"
#include "base/time.h"
#include "kube/body_room.h"
#include "kube/config/credentials.h"
#include "kube/failure.h"

namespace kube {

class Client;

// Limits on the body of an answer other than 2xx: the bytes kept, and the wait for its end. A
// Status has a few KiB.
constexpr std::size_t kErrorBodyBytes = 64 * 1024;
constexpr base::Duration kErrorBodyTime = base::seconds(10);

struct ApiRequest {
  std::string method = "GET";
  std::string path;   // from Resource::path, or "/version"
  std::string query;  // from Query
  std::string body;
  std::string content_type;  // the body's
  std::string accept = "application/json";
  config::Credentials credentials = config::Credentials::configured();
  base::Duration head_time = base::seconds(30);
  base::Duration total_time = base::seconds(60);  // kForever for watches and log follows
  bool idempotent = true;
  std::string audit_id;  // the Audit-ID header; "" : the API server makes one
  bool urgent = false;   // authenticates a caller: may dial with the last descriptors (net/dial.h)
};

class ApiHandler {
 public:
  virtual ~ApiHandler() = default;
  // The value of a Warning header (parsed by warnings.h), for answers of any status, before the
  // callbacks below.
  virtual void on_warning(std::string_view) {}
  // The Audit-Id header, with which the API server's own audit log names the request; as above.
  virtual void on_audit_id(std::string_view) {}
  // The Content-Type of a 2xx answer, "" if it has none; before on_open.
  virtual void on_content_type(std::string_view) {}
  // A 2xx answer (204 included) begins; called once, before any data.
  virtual void on_open(int status) = 0;
  virtual void on_data(std::string_view bytes) = 0;
  // Called once, as the last statement, so that it may destroy the call. nullptr: the answer is
  // complete. After on_open a failure is one of the body (cut, stalled).
  virtual void on_end(const Failure* failure) = 0;
};

// One call at a time; a member of its owner. The handler is never called inside start(). The
// destructor cancels, also inside a callback. start() may be called again from on_end. Client and
// handler must outlive it.
class ApiCall {
 public:
  ApiCall(Client& client, ApiHandler& handler);
  ~ApiCall();
  ApiCall(const ApiCall&) = delete;
  ApiCall& operator=(const ApiCall&) = delete;
  void start(ApiRequest request);  // Requires: !active()
  void cancel();
  bool active() const;
  void pause(bool paused);

 private:
  friend class Client;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// A call that collects the whole body (at most `max_body` bytes, else Errc::too_large). A Status
// object with status Failure is a failure, whatever the HTTP status was. While the body is read it counts
// in the client's BodyRoom, and waits there if that is full.
class ApiGet : private ApiHandler {
 public:
  struct Outcome {
    std::optional<Failure> failure;
    int status = 0;
    std::string body;
  };
  using Fn = base::Delegate<void(Outcome)>;
  ApiGet(Client& client, Fn fn, std::size_t max_body = base::limits::kClientBodyBytes);
  void start(ApiRequest request);
  void cancel();
  bool active() const { return call_.active(); }

 private:
  void on_open(int status) override;
  void on_data(std::string_view bytes) override;
  void on_end(const Failure* failure) override;
  void go_on() { call_.pause(false); }
  Fn fn_;
  std::size_t max_body_;
  Outcome outcome_;
  BodyRoom::Place place_;
  ApiCall call_;
};

}  // namespace kube
