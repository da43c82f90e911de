#include "fanout/guest.h"

#include "base/check.h"
#include "fanout/shared_watch.h"

namespace fanout {

Guest::~Guest() {
  CHECK(!watch_);
}

void Guest::leave() {
  if (!watch_) return;
  SharedWatch& watch = *watch_;
  detach();
  watch.left(*this);
}

void Guest::detach() {
  if (!watch_) return;
  if (accepted_) on_detach();
  node_.unlink();
  watch_ = nullptr;
}

}  // namespace fanout
