#include "kube/api_call.h"

#include <utility>

#include "base/check.h"
#include "base/log.h"
#include "base/text.h"
#include "http/client_call.h"
#include "kube/client.h"
#include "kube/config/auth.h"
#include "kube/config/caller_tokens.h"
#include "kube/config/transport.h"
#include "loop/loop.h"

namespace kube {
namespace {

constexpr int kWarningsLogged = 5;                // for one answer
constexpr std::size_t kLoggedWarningBytes = 200;  // of one warning

// DEBUG, because API servers repeat their warning of a deprecated version in every answer.
void log_warnings(const http::Headers& headers) {
  if (!base::log::enabled(base::log::Level::debug)) return;
  int left = kWarningsLogged;
  for (const http::Header& header : headers.all()) {
    if (!base::iequals(header.name, "warning")) continue;
    if (left-- == 0) return;
    LOG_DEBUG("warning from the API server",
              {"warning", base::printable(header.value, kLoggedWarningBytes)});
  }
}

// The answer is a proxy's or captive portal's page, also where a log was requested.
bool is_unasked_html(const http::Headers& headers) {
  const std::string_view type = headers.find("content-type").value_or("");
  const std::string_view media = base::trim(type.substr(0, type.find(';')));
  return base::iequals(media, "text/html");
}

bool is_success(int status) {
  return status >= 200 && status < 300;
}

}  // namespace

// The states of an ApiCall:
//
//   state     meaning                                       leaves by
//   idle      no call in progress                           start → waiting, sending, refused
//   waiting   the exec plugin runs, or the caller's token   its end → sending, refused;
//             is being exchanged                            total_time → end
//   sending   the request is sent, no answer yet            2xx head → open; other head → error;
//                                                           end
//   open      a 2xx answer: data goes to the handler        end
//   error     another answer: its body is collected for     401, once, when there are other
//             kErrorBodyTime at most                        credentials → waiting, sending; end
//   refused   the request cannot be sent; reported from a   end
//             task, never inside start()
//
// "end": the state becomes idle, then on_end is called as the last statement. cancel() leads to
// idle without a callback.
struct ApiCall::Impl final : http::CallHandler {
  enum class State : unsigned char { idle, waiting, sending, open, error, refused };

  Impl(Client& client_in, ApiHandler& handler_in);

  void start(ApiRequest what);
  void cancel();
  void pause(bool want);
  bool in_callback() const { return depth > 0; }
  loop::Loop& loop() const { return client.loop(); }

  void on_head(const http::ResponseHead& head) override;
  void on_body(std::string_view bytes) override;
  void on_end(const http::CallEnd& end) override;

 private:
  class InCallback;
  void acquire();
  void send();
  // The source of its credentials, where they may still have to come: ours, or those that stand for
  // a caller's.
  bool exchanged() const {
    return request.credentials.kind() == config::Credentials::Kind::exchanged;
  }
  config::CallerTokens& tokens() const { return *client.caller_tokens(); }
  std::uint64_t present_stamp() const;
  bool try_others();
  Failure no_credentials() const;
  void refuse(Failure why);
  void on_credentials();
  void on_refused();
  void on_time();
  void answer_is_whole();
  void leave();
  void record(int answer);
  void finish(const Failure* why);  // must be the last statement of its caller
  Failure collected() const;

  Client& client;
  ApiHandler& handler;
  ApiRequest request;
  base::TimePoint started;
  std::uint64_t stamp = 0;                 // identifies the credentials sent
  std::optional<Failure> failure;          // in state refused; and of the first 401
  std::string body;                        // of an error answer
  std::optional<std::string> retry_after;  // its Retry-After header
  int status = 0;
  int depth = 0;
  bool again = false, paused = false;
  config::Transport::Use route;  // must outlive `call`
  std::unique_ptr<http::ClientCall> call;
  config::Auth::Waiter waiter;
  loop::Deferred refused_task;
  loop::Timer timer;

 public:
  State state = State::idle;
};

// While one lives, a method of the Impl is on the stack, so ~ApiCall must not free it.
class ApiCall::Impl::InCallback {
 public:
  explicit InCallback(Impl& call) : call_(call) { ++call_.depth; }
  ~InCallback() { --call_.depth; }
  InCallback(const InCallback&) = delete;
  InCallback& operator=(const InCallback&) = delete;

 private:
  Impl& call_;
};

ApiCall::Impl::Impl(Client& client_in, ApiHandler& handler_in)
    : client(client_in),
      handler(handler_in),
      waiter(config::Auth::Waiter::Fn::bind<&Impl::on_credentials>(this)),
      refused_task(client.loop(), "kube call refused",
                   loop::Deferred::Fn::bind<&Impl::on_refused>(this)),
      timer(client.loop(), "kube call time limit", loop::Timer::Fn::bind<&Impl::on_time>(this)) {}

void ApiCall::Impl::start(ApiRequest what) {
  CHECK(state == State::idle);
  client.count_start();
  request = std::move(what);
  started = client.loop().now();
  again = paused = false;
  failure.reset();
  if (auto objection = client.objection(request)) return refuse(*std::move(objection));
  acquire();
}

std::uint64_t ApiCall::Impl::present_stamp() const {
  return exchanged() ? tokens().stamp(request.credentials.lines()) : client.auth().stamp();
}

// The first answer was 401.
bool ApiCall::Impl::try_others() {
  if (exchanged()) return tokens().refused(request.credentials.lines(), stamp);
  return request.credentials.ours() && client.auth().refused(stamp);
}

Failure ApiCall::Impl::no_credentials() const {
  if (!exchanged()) return Failure::from_error(client.auth().error());
  Failure why =
      Failure::from_error(base::Error(tokens().error()).within("no token for the API server"));
  why.unsent = true;
  if (why.code == base::Errc::unauthorized) why.status = 401;
  // The issuer's word, not the API server's: it says nothing about the resource.
  why.foreign = why.code == base::Errc::forbidden;
  if (why.foreign) why.status = 403;
  return why;
}

void ApiCall::Impl::acquire() {
  if (!request.credentials.ours() && !exchanged()) return send();
  const std::string_view name = request.credentials.lines();
  switch (exchanged() ? tokens().prepare(name) : client.auth().prepare()) {
    case config::Auth::State::ready:
      return send();
    case config::Auth::State::running:
      state = State::waiting;
      if (request.total_time != base::kForever) timer.arm_at(started + request.total_time);
      return exchanged() ? tokens().wait(name, waiter) : client.auth().wait(waiter);
    case config::Auth::State::failed:
      break;
  }
  if (again) {  // the second answer is a 401, too
    failure->message += " (" + no_credentials().message + ")";
    return refuse(*std::move(failure));
  }
  refuse(no_credentials());
}

void ApiCall::Impl::on_credentials() {
  const InCallback guard(*this);
  timer.cancel();
  acquire();
}

void ApiCall::Impl::send() {
  const bool ours = request.credentials.ours();
  if (again && stamp == present_stamp()) return refuse(*std::move(failure));
  stamp = present_stamp();
  state = State::sending;
  http::ClientRequest out = client.make_request(request);
  out.total_time = request.total_time;
  if (again && out.total_time != base::kForever) out.total_time -= client.loop().now() - started;
  route =
      client.transport().use(ours ? config::Transport::Kind::ours : config::Transport::Kind::bare);
  call = std::make_unique<http::ClientCall>(route.pool(), *this);
  call->start(std::move(out));
  if (paused) call->pause(true);
}

void ApiCall::Impl::refuse(Failure why) {
  state = State::refused;
  failure = std::move(why);
  refused_task.schedule();
}

void ApiCall::Impl::on_refused() {
  const InCallback guard(*this);
  Failure why = *std::move(failure);
  if (why.status == 0) why.unsent = true;
  finish(&why);
}

void ApiCall::Impl::on_head(const http::ResponseHead& head) {
  const InCallback guard(*this);
  status = head.status;
  record(status);
  log_warnings(head.headers);
  for (const http::Header& header : head.headers.all())
    if (base::iequals(header.name, "warning")) handler.on_warning(header.value);
  if (const auto id = head.headers.find("audit-id")) handler.on_audit_id(*id);
  body.clear();
  retry_after.reset();
  if (is_success(status) && !is_unasked_html(head.headers)) {
    state = State::open;
    handler.on_content_type(head.headers.find("content-type").value_or(""));
    return handler.on_open(status);
  }
  state = State::error;
  if (const auto value = head.headers.find("retry-after")) retry_after = std::string(*value);
  timer.arm(kErrorBodyTime);
}

void ApiCall::Impl::on_body(std::string_view bytes) {
  const InCallback guard(*this);
  if (state == State::open) return handler.on_data(bytes);
  body.append(bytes.substr(0, kErrorBodyBytes - body.size()));
}

void ApiCall::Impl::on_end(const http::CallEnd& end) {
  const InCallback guard(*this);
  // What arrived of an error's body is more informative than the reason for the cut.
  if (state == State::error) return answer_is_whole();
  if (end.ok()) return finish(nullptr);
  if (state == State::sending) record(http::StatusCounts::kNone);
  // A rotated CA or certificate shows as a failed handshake, or as an alert after a successful one
  // (TLS 1.3).
  const bool refused = end.error->code() == base::Errc::unauthorized;
  if (refused || end.phase == http::CallEnd::Phase::dial) client.transport().check_files(true);
  Failure why = Failure::from_error(*end.error);
  why.unsent = end.phase == http::CallEnd::Phase::dial;
  finish(&why);
}

void ApiCall::Impl::on_time() {
  const InCallback guard(*this);
  if (state == State::error) return answer_is_whole();
  Failure why = Failure::from_error(base::Error(
      base::Errc::timeout, "no credentials within " + base::format_duration(request.total_time)));
  why.unsent = true;
  finish(&why);
}

void ApiCall::Impl::answer_is_whole() {
  Failure why = collected();
  if (status == 401 && !again && try_others()) {
    again = true;
    failure = std::move(why);
    const bool was_paused = paused;
    leave();
    paused = was_paused;
    return acquire();
  }
  finish(&why);
}

Failure ApiCall::Impl::collected() const {
  if (is_success(status))
    return Failure::from_bad_answer(status, "an HTML page instead of the answer of an API server",
                                    body);
  return Failure::from_response(status, body, retry_after);
}

void ApiCall::Impl::record(int answer) {
  const Verb verb = verb_of(request.method, request.path, request.query);
  client.count_answer(verb, answer, loop().now() - started);
}

void ApiCall::Impl::leave() {
  state = State::idle;
  paused = false;
  waiter.cancel();
  refused_task.cancel();
  timer.cancel();
  if (!call) return;
  call->cancel();
  if (in_callback()) {
    client.loop().retire(std::move(call));  // it may be on the stack
  } else {
    call.reset();
  }
  route.reset();
}

void ApiCall::Impl::finish(const Failure* why) {
  leave();
  if (why) {
    client.count_failure();
    LOG_DEBUG("a call to the API server failed", {"method", request.method}, {"path", request.path},
              {"status", why->status}, {"error", why->message});
  }
  handler.on_end(why);
}

void ApiCall::Impl::cancel() {
  if (state != State::idle) leave();
}

void ApiCall::Impl::pause(bool want) {
  if (state == State::idle) return;
  paused = want;
  if (call) call->pause(want);
}

ApiCall::ApiCall(Client& client, ApiHandler& handler)
    : impl_(std::make_unique<Impl>(client, handler)) {}

ApiCall::~ApiCall() {
  impl_->cancel();
  if (impl_->in_callback()) {
    loop::Loop& loop = impl_->loop();
    loop.retire(std::move(impl_));
  }
}

void ApiCall::start(ApiRequest request) {
  impl_->start(std::move(request));
}
void ApiCall::cancel() {
  impl_->cancel();
}
bool ApiCall::active() const {
  return impl_->state != Impl::State::idle;
}
void ApiCall::pause(bool paused) {
  impl_->pause(paused);
}

}  // namespace kube
