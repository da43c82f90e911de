// Feed: one subscriber of a monitor. It sends its client the present update, and each later one; one
// that is superseded before the client takes it is left out. With a timeout it ends by itself.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "fanout/typed.h"
#include "loop/loop.h"
#include "monitor/watch.h"

namespace monitor {

class Feed final : public fanout::FeedOf<Watch> {
 public:
  // `timeout`: from its acceptance on.
  Feed(Watch& watch, mcp::Subscriber& subscriber, std::optional<base::Duration> timeout)
      : fanout::FeedOf<Watch>(watch, subscriber),
        timeout_(timeout),
        timer_(watch.context().kube.loop, "monitor timeout",
               loop::Timer::Fn::bind<&Feed::on_timeout>(this)) {}

 private:
  bool catch_up() override {
    if (timeout_ && !std::exchange(begun_, true)) timer_.arm(*timeout_);
    const Watch* from = watch();
    // What is final comes as last words.
    if (!from || from->over()) return true;
    return publish(mcp::update_frame(uri(), from->update()));
  }
  void missed(const fanout::Delta&) override {}
  std::string delta_json(kube::watch::Change, std::string_view doc) const override {
    return std::string(doc);
  }
  std::string last_words(std::string_view reason) const override {
    if (!watch()) return {};
    return timed_out_ ? watch()->timeout_words(*timeout_) : watch()->last_words(reason);
  }
  std::string_view dropped_advice() const override {
    return "this subscriber was too slow; the present state follows";
  }
  void on_timeout() {
    timed_out_ = true;
    end("timeout");
  }

  const std::optional<base::Duration> timeout_;
  bool begun_ = false, timed_out_ = false;
  loop::Timer timer_;
};

}  // namespace monitor
