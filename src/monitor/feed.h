// Feed: one subscriber of a monitor. It sends its client the present update, and each later one; one
// that is superseded before the client takes it is left out.
#pragma once

#include <string>
#include <string_view>

#include "fanout/typed.h"
#include "monitor/watch.h"

namespace monitor {

class Feed final : public fanout::FeedOf<Watch> {
 public:
  Feed(Watch& watch, mcp::Subscriber& subscriber) : fanout::FeedOf<Watch>(watch, subscriber) {}

 private:
  bool catch_up() override {
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
    return watch() ? watch()->last_words(reason) : std::string();
  }
  std::string_view dropped_advice() const override {
    return "this subscriber was too slow; the present state follows";
  }
};

}  // namespace monitor
