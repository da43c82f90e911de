#include "mcp/legacy/resume_window.h"

namespace mcp::legacy {

ResumeWindow::ResumeWindow(loop::Loop& loop, base::Duration window)
    : loop_(loop),
      window_(window),
      timer_(loop, "mcp resume window", loop::Timer::Fn::bind<&ResumeWindow::on_timer>(this)) {}

void ResumeWindow::add(Kept& kept) {
  kept.unlink();
  kept.due = loop_.now() + window_;
  list_.push_back(kept);
  if (!timer_.armed()) timer_.arm_at(kept.due);
}

void ResumeWindow::on_timer() {
  while (list_.linked()) {
    auto& kept = static_cast<Kept&>(*list_.next);
    if (kept.due > loop_.now()) return timer_.arm_at(kept.due);
    kept.unlink();
    kept.over();
  }
}

}  // namespace mcp::legacy
