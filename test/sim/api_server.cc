#include "sim/api_server.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include <sys/socket.h>

#include "base/check.h"
#include "base/encoding.h"
#include "base/text.h"
#include "base/url.h"
#include "net/tcp_stream.h"
#include "net/tls_stream.h"
#include "sim/pod_log.h"

namespace sim {

// An answer that waits for its time.
struct ApiServer::Delayed {
  Delayed(ApiServer& owner_in, http::Reply reply_in, std::function<void(http::Reply)> then_in)
      : owner(owner_in),
        reply(std::move(reply_in)),
        then(std::move(then_in)),
        timer(owner.loop_, "delayed answer", loop::Timer::Fn::bind<&Delayed::on_time>(this)) {}
  void on_time() {
    over = true;
    owner.sweep_.schedule();
    then(std::move(reply));
  }
  ApiServer& owner;
  http::Reply reply;
  std::function<void(http::Reply)> then;
  bool over = false;
  loop::Timer timer;
};

namespace {

http::ServerLimits limits() {
  http::ServerLimits out;
  out.connections = 20000;
  out.idle_time = base::seconds(90);       // kube-apiserver's
  out.write_stall_time = base::hours(24);  // a stalled stream is a test's own doing
  out.stream_queue_bytes = 64 * base::limits::kMiB;
  out.stream_queue_messages = 200000;
  return out;
}

std::string_view verb_of(const ApiRequest& request) {
  return request.sub == "log" ? std::string_view("log") : std::string_view(request.verb);
}

bool is_review(const ApiRequest& request) {
  return request.path == "/apis/authentication.k8s.io/v1/selfsubjectreviews";
}

}  // namespace

ApiServer::ApiServer(loop::Loop& loop, const ServerCerts& certs)
    : loop_(loop),
      certs_(certs),
      store_(loop),
      sweep_(loop, "sweep of answers", loop::Deferred::Fn::bind<&ApiServer::sweep>(this)) {
  auto tls = net::TlsContext::server({certs.cert_pem, certs.key_pem, "", false});
  CHECK(tls.has_value());
  tls_ = *std::move(tls);
  store_.on_change(base::Delegate<void(const Change&)>::bind<&ApiServer::on_change>(this));
  logs_.on_record(LogStore::Fn::bind<&ApiServer::on_record>(this));
  users_[std::string(kAdminToken)] = {"admin", "1", {"system:masters", "system:authenticated"}, {}};
}

ApiServer::~ApiServer() {
  stop();
}

base::Result<void> ApiServer::start(std::string_view host, int port) {
  server_ = std::make_unique<http::Server>(loop_, *this, limits());
  server_->set_wrap(http::Server::WrapFn::bind<&ApiServer::wrap>(this));
  host_ = host;
  if (auto ok = server_->listen(host, port != 0 ? port : port_); !ok) {
    server_.reset();
    return ok;
  }
  port_ = server_->address().port();
  return {};
}

// A killed process closes its sockets without a word of TLS.
void ApiServer::stop() {
  for (const auto& [peer, stream] : by_peer_) {
    stream->on_closed({});
    ::shutdown(stream->fd(), SHUT_RDWR);
  }
  by_peer_.clear();
  for (const auto& stream : streams_)
    stream->cut();
  streams_.clear();
  for (const auto& one : delayed_)
    one->reply.cut();
  delayed_.clear();
  for (http::Reply& reply : silent_)
    reply.cut();
  silent_.clear();
  mute_.clear();
  server_.reset();
}

std::string ApiServer::url() const {
  return "https://" + base::join_host_port(host_, port_);
}

std::string ApiServer::kubeconfig(std::string_view token) const {
  std::string out = "apiVersion: v1\nkind: Config\ncurrent-context: sim\nclusters:\n- name: sim\n";
  out += "  cluster:\n    server: " + url() + "\n    certificate-authority-data: ";
  out += base::base64(certs_.ca_pem) + "\nusers:\n- name: sim\n  user:\n    token: ";
  out += std::string(token) + "\ncontexts:\n- name: sim\n  context:\n    cluster: sim\n";
  return out + "    user: sim\n    namespace: default\n";
}

std::unique_ptr<net::Stream> ApiServer::wrap(base::Fd fd) {
  using Accept = ConnectionPlan::Accept;
  ++accepted_;
  ConnectionPlan plan = faults_.next_connection();
  if (plan.accept == Accept::silent) {
    // What the HTTP server gets instead is over at once.
    int ends[2];
    CHECK(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0);
    mute_.push_back(std::move(fd));
    ::close(ends[1]);
    return std::make_unique<net::TcpStream>(loop_, base::Fd(ends[0]));
  }
  std::unique_ptr<net::Stream> inner;
  if (plan.accept == Accept::reset) {
    inner = std::make_unique<net::TcpStream>(loop_, std::move(fd));
    plan.faults.assign(1, {ByteFault::Kind::reset});
  } else {
    inner = std::make_unique<net::TlsStream>(loop_, *tls_, std::move(fd));
    if (plan.accept == Accept::garbage) plan.faults.assign(1, {ByteFault::Kind::garbage});
  }
  auto stream = std::make_unique<FaultStream>(loop_, std::move(inner));
  for (const ByteFault& fault : plan.faults)
    stream->add(fault);
  by_peer_[stream->remembered_peer()] = stream.get();
  stream->on_closed(base::Delegate<void(FaultStream&)>::bind<&ApiServer::on_stream_closed>(this));
  return stream;
}

void ApiServer::on_stream_closed(FaultStream& stream) {
  const auto it = by_peer_.find(stream.remembered_peer());
  if (it != by_peer_.end() && it->second == &stream) by_peer_.erase(it);
  for (auto& [path, sent] : sent_) {
    if (sent.peer != stream.remembered_peer()) continue;
    sent.total = stream.sent() - sent.before;
    sent.peer.clear();
  }
}

FaultStream* ApiServer::stream_of(std::string_view peer) const {
  const auto it = by_peer_.find(std::string(peer));
  return it == by_peer_.end() ? nullptr : it->second;
}

void ApiServer::on_request(const http::Request& raw, http::Reply reply) {
  ApiRequest request(raw);
  const auto user = users_.find(request.token);
  if (user != users_.end()) request.user = user->second;
  const bool may = impersonate(request, raw.headers, users_);
  if (request.audit_id.empty()) {
    char id[48];
    std::snprintf(id, sizeof id, "a0d10000-0000-4000-8000-%012llx",
                  static_cast<unsigned long long>(++audits_));
    request.audit_id = id;
  }
  if (remember_) note(request, raw);
  if (!may) {
    Answer no = refuse(forbidden(request.user.name, "impersonate",
                                 {"", "v1", "users", "User", false}, "", "", ""));
    return give(request, no, std::move(reply));
  }
  const std::optional<AnswerFault> fault = faults_.take(request);
  if (!fault) return serve(request, std::move(reply), {});
  if (FaultStream* stream = stream_of(request.peer)) {
    for (const ByteFault& one : fault->bytes)
      stream->add_from_here(one);
  }
  if (fault->executed) (void)answer_of(request);
  if (fault->executed_after) {
    later(*fault->executed_after, http::Reply(),
          [this, request](const http::Reply&) { (void)answer_of(request); });
  }
  if (fault->cut) return reply.cut();
  if (fault->never) {
    silent_.push_back(std::move(reply));
    return;
  }
  if (fault->delay == base::Duration{}) return serve(request, std::move(reply), *fault);
  later(fault->delay, std::move(reply), [this, request, fault = *fault](http::Reply late) {
    serve(request, std::move(late), fault);
  });
}

void ApiServer::note(const ApiRequest& request, const http::Request& raw) {
  const std::string verb(verb_of(request));
  seen_.push_back({verb, request.path, std::string(raw.query), request.user.name, request.audit_id,
                   loop_.now(), std::string(raw.headers.find("Authorization").value_or(""))});
  if (seen_.size() > kRemembered) seen_.pop_front();
  for (auto& [path, sent] : sent_) {
    if (sent.peer != request.peer) continue;
    if (const FaultStream* stream = stream_of(request.peer))
      sent.total = stream->sent() - sent.before;
    sent.peer.clear();
  }
  if (const FaultStream* stream = stream_of(request.peer)) {
    sent_[verb + " " + request.path] = {request.peer, stream->sent(), 0};
  }
}

std::uint64_t ApiServer::bytes_of_last(std::string_view verb, std::string_view path) const {
  const auto it = sent_.find(std::string(verb) + " " + std::string(path));
  if (it == sent_.end()) return 0;
  const FaultStream* stream = it->second.peer.empty() ? nullptr : stream_of(it->second.peer);
  return stream ? stream->sent() - it->second.before : it->second.total;
}

void ApiServer::serve(const ApiRequest& request, http::Reply reply, const AnswerFault& fault) {
  if (fault.answer) return give(request, *fault.answer, std::move(reply));
  if (fault.stream) {
    reply.begin(fault.stream->status, fault.stream->type,
                fault.stream->extra + audit_header(request));
    reply.write(base::Payload(fault.stream->body));
    return reply.end();
  }
  Answer answer;
  const bool is_long = request.verb == "watch" || (request.sub == "log" && request.verb == "get");
  const bool welcome = !request.user.name.empty() && !denied(request);
  if (is_long && welcome) {
    if (start_long(request, reply, answer)) return;
    if (answer.status == 200) {
      reply.begin(200, answer.type, audit_header(request));
      reply.write(base::Payload(answer.body));
      return reply.end();
    }
  } else {
    answer = answer_of(request);
  }
  if (fault.edit) fault.edit(answer.body);
  answer.extra += fault.extra;
  if (answer.delay == base::Duration{}) return give(request, answer, std::move(reply));
  later(answer.delay, std::move(reply),
        [this, request, answer](http::Reply late) { give(request, answer, std::move(late)); });
}

bool ApiServer::start_long(const ApiRequest& request, http::Reply& reply, Answer& answer) {
  const View view = store_.find(request.group, request.version, request.resource);
  if (!view.collection) {
    answer = page_not_found();
    return false;
  }
  if (request.verb == "watch") {
    WatchOptions options;
    options.may_stream = watch_list_;
    if (!plan_watch(store_, view, request, stale_, random_, options, answer)) return false;
    adopt(std::make_unique<Watch>(loop_, store_, std::move(options), request, std::move(reply)));
    return true;
  }
  PodLogOptions options;
  if (!plan_pod_log(store_, logs_, request, loop_.wall_now(), options, answer)) return false;
  adopt(std::make_unique<PodLog>(logs_, std::move(options), request, std::move(reply)));
  return true;
}

Answer ApiServer::answer_of(const ApiRequest& request) {
  Answer answer;
  if (request.token.empty() && answer_public(request, answer)) return answer;
  if (request.user.name.empty()) return refuse(unauthorized());
  if (answer_public(request, answer)) return answer;
  if (is_review(request) && reviews_) {
    return request.verb == "create" ? answer_review(request.user) : refuse(method_not_allowed());
  }
  if (request.path == "/apis/authentication.k8s.io/v1/tokenreviews" && request.verb == "create") {
    const bool no = denied(request.user, "create", request.group, "tokenreviews", "");
    return no ? refuse(forbidden(request.user.name, "create",
                                 {request.group, "v1", "tokenreviews", "TokenReview", false}, "",
                                 "", ""))
              : answer_token_review(request, reviewed_);
  }
  if (request.path == "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews") {
    return request.verb == "create" ? answer_access_review(request) : refuse(method_not_allowed());
  }
  if (request.resource.empty()) return answer_discovery(store_, request, reviews_);
  const View view = store_.find(request.group, request.version, request.resource);
  if (!view.collection) return page_not_found();
  if (denied(request)) {
    return refuse(forbidden(request.user.name, request.verb, view.type(), request.sub, request.ns,
                            request.name));
  }
  if (view.type().namespaced && request.ns.empty() && !request.name.empty())
    return page_not_found();
  if (request.verb == "get" && request.sub == "scale") {
    return answer_write(store_, view, request, admissions_);
  }
  if (request.verb == "get" || request.verb == "list") {
    answer = request.verb == "get" ? answer_get(store_, view, request)
                                   : answer_list(store_, view, request);
    leave_metadata(request, answer);
    return answer;
  }
  return answer_write(store_, view, request, admissions_);
}

void ApiServer::give(const ApiRequest& request, const Answer& answer, http::Reply reply) {
  std::string extra = answer.extra;
  if (base::to_lower(extra).find("audit-id:") == extra.npos) extra += audit_header(request);
  reply.send(answer.status, answer.status == 204 ? std::string_view() : answer.type, answer.body,
             extra);
}

void ApiServer::later(base::Duration in, http::Reply reply, std::function<void(http::Reply)> then) {
  delayed_.push_back(std::make_unique<Delayed>(*this, std::move(reply), std::move(then)));
  delayed_.back()->timer.arm(in);
}

void ApiServer::adopt(std::unique_ptr<LongAnswer> stream) {
  stream->on_over(base::Delegate<void()>::bind<&loop::Deferred::schedule>(&sweep_));
  streams_.push_back(std::move(stream));
  streams_.back()->start();
}

void ApiServer::sweep() {
  std::erase_if(streams_, [](const auto& stream) { return stream->over(); });
  std::erase_if(delayed_, [](const auto& one) { return one->over; });
}

void ApiServer::on_change(const Change& change) {
  for (const auto& stream : streams_)
    stream->on_change(change);
  if (stored_) stored_(change);
  if (change.kind != ChangeKind::deleted || change.collection->type().plural != "pods") return;
  base::json::Document doc;
  const auto pod = doc.parse("{" + std::string(change.before.text[0].view()));
  for (const base::json::Value one : (*pod)["spec"]["containers"].array()) {
    const std::string key = change.key + "/" + std::string(one["name"].str());
    if (!logs_.find(key)) continue;
    logs_.end(key);
    logs_.forget(key);
  }
}

void ApiServer::on_record(const std::string& key, const LogRecord* record) {
  for (const auto& stream : streams_)
    stream->on_record(key, record);
}

int ApiServer::count(std::string_view verb, std::string_view path) const {
  return static_cast<int>(std::count_if(seen_.begin(), seen_.end(), [&](const Seen& one) {
    return (verb.empty() || one.verb == verb) && one.path.find(path) != std::string::npos;
  }));
}

namespace {

template <class Fn>
void for_each_open(const std::vector<std::unique_ptr<LongAnswer>>& streams, std::string_view path,
                   Fn fn) {
  for (const auto& stream : streams) {
    if (!stream->over() && stream->request().path.find(path) != std::string::npos) fn(*stream);
  }
}

}  // namespace

int ApiServer::open_streams(std::string_view path) const {
  int n = 0;
  for_each_open(streams_, path, [&](LongAnswer&) { ++n; });
  return n;
}

void ApiServer::end_streams(std::string_view path, End how) {
  for_each_open(streams_, path,
                [&](LongAnswer& stream) { how == End::cut ? stream.cut() : stream.end(); });
}

void ApiServer::raw_to_streams(std::string_view path, std::string_view bytes) {
  for_each_open(streams_, path, [&](LongAnswer& stream) { stream.raw(bytes); });
}

void ApiServer::fault_in_streams(std::string_view path, const ByteFault& fault) {
  for_each_open(streams_, path, [&](LongAnswer& stream) {
    if (FaultStream* bytes = stream_of(stream.request().peer)) bytes->add_from_here(fault);
  });
}

}  // namespace sim
