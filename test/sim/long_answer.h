// LongAnswer: an answer that goes on: a watch or a followed log. Owned by the ApiServer, which
// frees it once over().
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/delegate.h"
#include "base/payload.h"
#include "http/server.h"
#include "sim/log_store.h"
#include "sim/request.h"
#include "sim/store.h"

namespace sim {

class LongAnswer {
 public:
  LongAnswer(ApiRequest request, http::Reply reply)
      : request_(std::move(request)), reply_(std::move(reply)) {
    reply_.when_gone(base::Delegate<void()>::bind<&LongAnswer::on_gone>(this));
  }
  virtual ~LongAnswer() = default;
  LongAnswer(const LongAnswer&) = delete;
  LongAnswer& operator=(const LongAnswer&) = delete;

  virtual void start() = 0;
  virtual void on_change(const Change&) {}
  virtual void on_record(const std::string&, const LogRecord*) {}

  // A proper end: the terminating chunk.
  void end() {
    if (!over_) reply_.end();
    finish();
  }
  // The connection is cut inside the body.
  void cut() {
    if (!over_) reply_.cut();
    finish();
  }
  // Bytes of the test's, as they are.
  void raw(std::string_view bytes) { send(base::Payload(bytes)); }

  const ApiRequest& request() const { return request_; }
  bool over() const { return over_; }
  // Called when it is over; may free this in a later turn only.
  void on_over(base::Delegate<void()> fn) { over_fn_ = fn; }

 protected:
  // As the API server does, a reader that is too slow is ended properly.
  void send(const base::Payload& bytes) {
    if (!over_ && !reply_.write(bytes)) end();
  }
  http::Reply& reply() { return reply_; }
  void finish() {
    if (over_) return;
    over_ = true;
    on_end();
    if (over_fn_) over_fn_();
  }
  // Timers are to be silenced.
  virtual void on_end() {}

 private:
  void on_gone() { finish(); }
  ApiRequest request_;
  http::Reply reply_;
  bool over_ = false;
  base::Delegate<void()> over_fn_;
};

}  // namespace sim
