// The end of an App, stage by stage (app.h has the table).
#include "app/shutdown.h"

#include <algorithm>
#include <utility>

#include "app/app.h"
#include "app/notify.h"
#include "base/log.h"

namespace app {

using base::Duration;

constexpr std::string_view kEnding = "the server is shutting down";

// The number of connections that must close before the shutdown is complete.
std::size_t App::connections() const {
  return server_->connections() + (stdio_ ? stdio_->open() : 0);
}

void App::shutdown(const std::string& why) {
  if (state_ != State::running || !started_) return;
  state_ = State::draining;
  shutdown_at_ = loop_.now();
  const mcp::endpoint::EndpointStats s = endpoint_->stats();
  LOG_INFO("shutdown: draining", {"why", why}, {"sessions", s.sessions}, {"streams", s.streams},
           {"subscriptions", s.subscriptions}, {"calls", s.calls}, {"watches", managers_->active()},
           {"connections", connections()});
  trim_timer_.cancel();
  trimmer_.stop();
  gauge_.stop();
  notify_systemd("STOPPING=1");
  health_->drain();
  if (doors_) doors_->finish();
  server_->end_keep_alive();
  if (stdio_) stdio_->stop();
  endpoint_->begin_drain();
  watches_at_stop_ = managers_->active();
  endpoint_->end_feeds(kEnding);
  stop_managers();
  late_timer_.arm(std::min<Duration>(kLateTime, settings_.drain_timeout / 4));
  stage_timer_.arm(call_grace());
  progress_.schedule();
}

Duration App::call_grace() const {
  return std::min<Duration>(kCallGrace, settings_.drain_timeout / 2);
}

void App::end_late_time() {
  if (doors_) doors_->end_handshakes();
  server_->stop_accepting();
  endpoint_->refuse_calls();
  progress_.schedule();
}

// Cancelling the server's scope reaches every watch within this call; each manager reports in
// a later one (on_manager_stopped) that none is left.
void App::stop_managers() {
  scope_.cancel();
  managers_->for_each([this](fanout::Manager& manager) {
    ++managers_stopping_;
    manager.stop(settings_.drain_timeout,
                 fanout::Manager::StopFn::bind<&App::on_manager_stopped>(this));
  });
}

void App::on_manager_stopped(const fanout::StopReport& report) {
  watches_left_ += report.left.size();
  if (--managers_stopping_ > 0) return;
  LOG_INFO("shutdown: watches closed", {"watches", watches_at_stop_}, {"left", watches_left_},
           {"queued", endpoint_->stats().queued_frames},
           {"ms", base::to_ms(loop_.now() - shutdown_at_)});
  progress_.schedule();
}

void App::on_progress() {
  if (state_ != State::running && state_ != State::stopped) progress_.schedule();
}

// Advances the shutdown as far as possible; runs after every progress and when a stage times out.
void App::step() {
  const Duration spent = loop_.now() - shutdown_at_;
  if (state_ == State::draining) {
    const bool over = spent >= call_grace();
    const bool all_over = spent >= settings_.drain_timeout;
    if (managers_stopping_ > 0 && !all_over) return;
    if (endpoint_->stats().calls > 0 && !over) return;
    if (over) abandon_calls();
    close_streams();
  }
  if (state_ != State::closing) return;
  const bool patient = spent < call_grace();
  if (!patient) abandon_calls();
  const bool open = connections() > 0 || (doors_ && doors_->handshakes() > 0);
  if (open && spent < settings_.drain_timeout)
    return stage_timer_.arm((patient ? call_grace() : settings_.drain_timeout) - spent);
  finish();
}

void App::abandon_calls() {
  if (abandoned_) return;
  abandoned_ = endpoint_->stats().calls;
  endpoint_->abandon_calls(kEnding);
  head_checks_.refuse_all(kEnding);
}

void App::close_streams() {
  state_ = State::closing;
  const mcp::endpoint::EndpointStats s = endpoint_->stats();
  endpoint_->end_streams();
  LOG_INFO("shutdown: closing", {"calls_abandoned", abandoned_.value_or(0)}, {"streams", s.streams},
           {"queued", s.queued_frames}, {"connections", connections()},
           {"ms", base::to_ms(loop_.now() - shutdown_at_)});
}

void App::finish() {
  state_ = State::stopped;
  stage_timer_.cancel();
  late_timer_.cancel();
  progress_.cancel();
  const mcp::endpoint::EndpointStats s = endpoint_->stats();
  const std::size_t left = connections();
  if (doors_) doors_->end_handshakes();
  server_->close_all();
  // Until here probes can learn that the server shuts down.
  if (ops_server_) ops_server_->close_all();
  if (doors_) doors_->stop_ops();
  catalog_->close();
  if (oauth_) oauth_->close();
  if (stdio_) stdio_->close();
  LOG_INFO("shutdown: stopped", {"delivered", s.delivered}, {"dropped", s.dropped},
           {"left_behind", s.queued_frames}, {"connections_cut", left},
           {"ms", base::to_ms(loop_.now() - shutdown_at_)});
  on_stopped_();
}

}  // namespace app
