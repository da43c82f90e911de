// ApiServer: the simulated Kubernetes API server: TLS on a loopback port of the caller's loop, in
// front of a Store and a LogStore. In a test it lives in the same loop as the server under test, on
// virtual time; as build/k0rdent-mcp-sim it runs on real time. It speaks like kube-apiserver 1.35
// as far as ../src/kube uses it: list, get, watch, pods/log, the minimum of writes, discovery,
// SelfSubjectReview, Status errors.
//
// Who asks is decided by bearer tokens (users); without a known one: 401. What is refused to a
// user: 403. What goes wrong on demand: faults().
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "http/server.h"
#include "loop/loop.h"
#include "net/tls.h"
#include "sim/acting.h"
#include "sim/admission.h"
#include "sim/faults.h"
#include "sim/log_store.h"
#include "sim/long_answer.h"
#include "sim/store.h"
#include "sim/watch.h"

namespace sim {

// PEM texts; test/support/certs.h makes them.
struct ServerCerts {
  std::string ca_pem, cert_pem, key_pem;
};

// Requests remembered for tests.
constexpr std::size_t kRemembered = 20000;

class ApiServer final : public http::Handler {
 public:
  // `loop` outlives it. One user is known from the start: "admin", by the token kAdminToken.
  ApiServer(loop::Loop& loop, const ServerCerts& certs);
  ~ApiServer() override;

  static constexpr std::string_view kAdminToken = "sim-admin-token";

  // Port 0: any; after a stop() the same again.
  base::Result<void> start(std::string_view host = "127.0.0.1", int port = 0);
  // As a crash: every connection is cut, nothing listens. Objects and logs stay.
  void stop();
  bool running() const { return server_ != nullptr; }
  int port() const { return port_; }
  std::string url() const;
  // A kubeconfig for this server: CA inside, the token as the user's.
  std::string kubeconfig(std::string_view token = kAdminToken) const;

  Store& store() { return store_; }
  LogStore& logs() { return logs_; }
  Faults& faults() { return faults_; }
  Admissions& admissions() { return admissions_; }
  std::map<std::string, User, std::less<>>& users() { return users_; }  // by token
  ReviewedTokens& reviewed() { return reviewed_; }  // what TokenReview knows, by token
  // Called after each change of the store, when watches have been told; may write in a later turn
  // only.
  void on_stored(base::Delegate<void(const Change&)> fn) { stored_ = fn; }
  void set_stale_answer(StaleAnswer how) { stale_ = how; }
  void set_reviews(bool served) { reviews_ = served; }  // SelfSubjectReview
  void set_watch_list(bool on) { watch_list_ = on; }    // the feature of that name
  void remember_requests(bool yes) { remember_ = yes; }

  struct Seen {
    std::string verb, path, query, user, audit_id;
    base::TimePoint at;
    std::string authorization;  // the whole header
  };
  // In the order of arrival; verb "log" for pods/log, "" for what is no resource.
  const std::deque<Seen>& seen() const { return seen_; }
  // How many of them: verb equal (or ""), path containing.
  int count(std::string_view verb, std::string_view path = {}) const;
  void forget_seen() { seen_.clear(); }

  std::size_t connections() const { return server_ ? server_->connections() : 0; }
  std::uint64_t accepted() const { return accepted_; }
  // Open watches and followed logs whose path contains `path`.
  int open_streams(std::string_view path = {}) const;
  enum class End : unsigned char { proper, cut };
  void end_streams(std::string_view path = {}, End how = End::proper);
  // Bytes into the bodies of open streams.
  void raw_to_streams(std::string_view path, std::string_view bytes);
  // A fault in the connection of an open stream, counted from here.
  void fault_in_streams(std::string_view path, const ByteFault& fault);

  // Bytes sent in answer to the last request of this verb and exactly this path, from its head on,
  // until its connection served another request.
  std::uint64_t bytes_of_last(std::string_view verb, std::string_view path) const;

 private:
  struct Delayed;
  std::unique_ptr<net::Stream> wrap(base::Fd fd);
  void on_request(const http::Request& request, http::Reply reply) override;
  void serve(const ApiRequest& request, http::Reply reply, const AnswerFault& fault);
  bool start_long(const ApiRequest& request, http::Reply& reply, Answer& answer);
  Answer answer_of(const ApiRequest& request);
  void give(const ApiRequest& request, const Answer& answer, http::Reply reply);
  void later(base::Duration in, http::Reply reply, std::function<void(http::Reply)> then);
  void adopt(std::unique_ptr<LongAnswer> stream);
  FaultStream* stream_of(std::string_view peer) const;
  void note(const ApiRequest& request, const http::Request& raw);
  void on_stream_closed(FaultStream& stream);
  void on_change(const Change& change);
  void on_record(const std::string& key, const LogRecord* record);
  void sweep();

  loop::Loop& loop_;
  ServerCerts certs_;
  std::unique_ptr<net::TlsContext> tls_;
  Store store_;
  LogStore logs_;
  Faults faults_;
  Admissions admissions_;
  base::Delegate<void(const Change&)> stored_;
  std::uint64_t audits_ = 0;
  std::map<std::string, User, std::less<>> users_;
  ReviewedTokens reviewed_;
  base::Random random_{20260101};
  StaleAnswer stale_ = StaleAnswer::error_frame;
  bool reviews_ = true, remember_ = true, watch_list_ = false;
  int port_ = 0;
  std::string host_;
  std::uint64_t accepted_ = 0;
  std::deque<Seen> seen_;
  std::vector<std::unique_ptr<LongAnswer>> streams_;
  std::vector<std::unique_ptr<Delayed>> delayed_;
  std::vector<http::Reply> silent_;  // never answered
  std::vector<base::Fd> mute_;       // connections that get no byte
  std::map<std::string, FaultStream*> by_peer_;
  struct Sent {
    std::string peer;  // "" once the connection is closed
    std::uint64_t before = 0, total = 0;
  };
  std::map<std::string, Sent> sent_;  // by "verb path", of the last request
  loop::Deferred sweep_;
  std::unique_ptr<http::Server> server_;
};

}  // namespace sim
