// Pulse: does the API server still answer? A server that is frozen, or a network that swallows packets behind a proxy, ends no connection: open
// watches are quiet, and only a question shows that nobody is there. GET /version every `period`; after kPulseMisses in a row without an answer of an
// API server (kPulseTime each; pages of a proxy and 5xx are none) its listeners are told, at each miss from then on, and once when it answers again.
#pragma once

#include <optional>
#include <string>

#include "base/link.h"
#include "kube/client.h"

namespace kube {

constexpr base::Duration kPulsePeriod = base::seconds(20);  // some bytes each; half of what a user waits before trying again
constexpr base::Duration kPulseTime = base::seconds(10);    // a server so slow answers no call in time either
constexpr int kPulseMisses = 2;                             // one answer may be lost with its connection
constexpr base::Duration kPulseAgain = base::seconds(1);    // after the first miss

class Pulse {
 public:
  class Listener : private base::Link {
   public:
    virtual ~Listener() { unlink(); }
    virtual void on_silent(const Failure& failure, base::Duration again_in) = 0;
    virtual void on_answers() = 0;

   private:
    friend class Pulse;
  };

  // Both outlive it; its listeners may die in any call of theirs. Zero `period`: it never asks.
  Pulse(loop::Loop& loop, Client& client, base::Duration period = kPulsePeriod);
  ~Pulse();
  void start();
  void stop();
  void add(Listener& listener) { listeners_.push_back(listener); }
  // Why it is said that nothing answers; nothing: it does, or was not asked.
  const std::optional<Failure>& silent() const { return silent_; }
  // It takes the question and says nothing. (One that is away refuses, which ends its watches: they tell.)
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
  base::Link listeners_;
  ApiGet get_;
  loop::Timer timer_;
};

}  // namespace kube
