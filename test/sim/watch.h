// Watch: one open watch: frames of what changes after a version,
// bookmarks, its end at timeoutSeconds.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/random.h"
#include "loop/loop.h"
#include "sim/answer.h"
#include "sim/long_answer.h"
#include "sim/selector.h"
#include "sim/store.h"

namespace sim {

// As the API server's watch cache: about every minute, and shortly before the end.
constexpr base::Duration kBookmarkEvery = base::seconds(60);
constexpr base::Duration kLastBookmark = base::seconds(2);

// How a version is answered that has left the history.
enum class StaleAnswer : unsigned char {
  error_frame,  // 200 and an ERROR frame with code 410
  http_410,
  empty_200,  // as some control planes do for events: 200, no frame, a proper end
};

struct WatchOptions {
  View view;
  Selector selector;
  std::uint64_t after = 0;  // frames of later versions; 0: first the present state as ADDED
  bool bookmarks = false;
  bool may_stream = false;  // in: the WatchList feature is on
  bool initial = false;     // the present state, and a bookmark that says its end
  base::Duration timeout{};
};

class Watch final : public LongAnswer {
 public:
  // `loop` and `store` outlive it.
  Watch(loop::Loop& loop, const Store& store, WatchOptions options, ApiRequest request,
        http::Reply reply);

  void start() override;
  void on_change(const Change& change) override;

 private:
  void on_end() override;
  void on_bookmark();
  void bookmark(bool ends_initial);
  void on_timeout();
  void frame(std::string_view type, const Object& object);

  loop::Loop& loop_;
  const Store& store_;
  WatchOptions options_;
  std::string prefix_;
  base::TimePoint ends_at_;
  loop::Timer bookmark_, timeout_;
};

// Reads a watch's parameters. False: refused with `answer` (an answer with no body and 200 is to be
// an empty stream).
bool plan_watch(const Store& store, View view, const ApiRequest& request, StaleAnswer stale,
                base::Random& random, WatchOptions& options, Answer& answer);

}  // namespace sim
