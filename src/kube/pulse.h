// Pulse: probes whether the API server still answers. A frozen server, or a network that drops
// packets behind a proxy, ends no connection: open watches are merely quiet, and only a request
// shows that there is no server. It sends GET /version every `period`. After kPulseMisses
// consecutive misses, and at each further miss, it notifies its listeners; and once when the server
// answers again. A miss is no answer of an API server within kPulseTime; a proxy's page and a 5xx
// are misses, too.
#pragma once

#include <optional>
#include <string>

#include "base/list.h"
#include "kube/client.h"

namespace kube {

// Half of the time that a user waits before trying again; a probe takes some bytes.
constexpr base::Duration kPulsePeriod = base::seconds(20);
constexpr base::Duration kPulseTime = base::seconds(10);  // a slower server answers no call in time
constexpr int kPulseMisses = 2;                           // one may be lost with its connection
constexpr base::Duration kPulseAgain = base::seconds(1);  // after the first miss

class Pulse {
 public:
  class Listener : private base::Link {
   public:
    virtual ~Listener() { unlink(); }
    virtual void on_silent(const Failure& failure, base::Duration again_in) = 0;
    virtual void on_answers() = 0;

   private:
    friend class base::List<Listener>;
  };

  // Both must outlive it. Listeners may be destroyed inside any of their callbacks. A zero `period`
  // disables the probes.
  Pulse(loop::Loop& loop, Client& client, base::Duration period = kPulsePeriod);
  ~Pulse();
  void start();
  void stop();
  void add(Listener& listener) { listeners_.add(listener); }
  // Why the server is considered silent; nullopt: it answers, or was not probed.
  const std::optional<Failure>& silent() const { return silent_; }
  // The server accepts the request and does not answer. (A server that is down refuses connections,
  // which ends its watches; those report it.)
  bool frozen() const { return silent_ && silent_->code == base::Errc::timeout; }

 private:
  void ask();
  void on_answer(const ApiGet::Outcome& outcome);
  template <class Fn>
  void tell(Fn fn);

  Client& client_;
  const base::Duration period_;
  int misses_ = 0;
  std::optional<Failure> silent_;
  base::List<Listener> listeners_;
  ApiGet get_;
  loop::Timer timer_;
};

}  // namespace kube
