// An API server for benchmarks that costs next to nothing: its answers are made beforehand. Plain
// HTTP on loopback, events.k8s.io/v1 only. The simulator is for behaviour, this is for speed.
//
// usage: flood-api KUBECONFIG EVENTS OBJECTS
//   Writes a kubeconfig for itself there. A list of events has OBJECTS of them, in pages of 500 as
//   a client asks for them; a watch is quiet. Commands, one a line on standard input; each is
//   answered with one line or more:
//     flood    EVENTS events into every open watch, the last one named "last": "bytes N"
//     cut      cuts every stream, and from then on answers 503 to everything: "cut N"
//     arrivals "SECONDS COUNT" for each second since the cut with requests, then "end"
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "base/payload.h"
#include "http/server.h"
#include "loop/clock.h"
#include "loop/loop.h"

namespace {

constexpr std::size_t kPieceBytes = 256 * 1024;
constexpr long kPage = 500;

// As a controller's recorder and kube-apiserver write it.
std::string event_json(long number, std::string_view name, long version) {
  const std::string n(name), v = std::to_string(version), id = std::to_string(number);
  return R"({"kind":"Event","apiVersion":"events.k8s.io/v1","metadata":{"name":")" + n +
         R"(","namespace":"bench","uid":"5f3c1b7e-9d5a-4a8e-8a35-)" +
         std::string(12 - id.size(), '0') + id + R"(","resourceVersion":")" + v +
         R"(","creationTimestamp":"2026-11-21T09:00:00Z","managedFields":[{"manager":"helm-controller",)"
         R"("operation":"Update","apiVersion":"events.k8s.io/v1","time":"2026-11-21T09:00:00Z",)"
         R"("fieldsType":"FieldsV1","fieldsV1":{"f:action":{},"f:eventTime":{},"f:note":{},)"
         R"("f:reason":{},"f:regarding":{},"f:related":{},"f:reportingController":{},)"
         R"("f:reportingInstance":{},"f:series":{".":{},"f:count":{},"f:lastObservedTime":{}},)"
         R"("f:type":{}}}]},"eventTime":"2026-11-21T09:00:00.000000Z","series":{"count":)" +
         v +
         R"(,"lastObservedTime":"2026-11-21T09:10:00.000000Z"},)"
         R"("reportingController":"helm-controller","reportingInstance":"helm-controller-7f8c9d",)"
         R"("action":"Reconcile","reason":"InstallSucceeded","regarding":{"kind":"HelmRelease",)"
         R"("namespace":"bench","name":"cluster-)" +
         n +
         R"(","uid":"0d8c5d83-1a30-4b9e-bf6b-2d7a1f0c9e11","apiVersion":"helm.toolkit.fluxcd.io/v2",)"
         R"("resourceVersion":"123456789"},"note":"Helm install succeeded for release bench/cluster-)" +
         n +
         R"(.v1 with chart aws-standalone-cp@1.0.16 after reconciling the cluster template",)"
         R"("type":"Normal","deprecatedSource":{},"deprecatedFirstTimestamp":null,)"
         R"("deprecatedLastTimestamp":null})";
}

class Api final : public http::Handler {
 public:
  Api(loop::Loop& loop, long events, long objects)
      : loop_(loop),
        events_(events),
        server_(loop, *this, limits()),
        input_(loop, "commands", loop::FdWatch::Fn::bind<&Api::on_input>(this)) {
    for (long from = 0; from == 0 || from < objects; from += kPage) {
      const long end = std::min(from + kPage, objects);
      std::string page =
          R"({"kind":"EventList","apiVersion":"events.k8s.io/v1","metadata":{"resourceVersion":")" +
          std::to_string(objects + 1) + '"';
      if (end < objects) page += R"(,"continue":")" + std::to_string(pages_.size() + 1) + '"';
      page += R"(},"items":[)";
      for (long i = from; i < end; ++i)
        page += (i > from ? "," : "") + event_json(i, "event-" + std::to_string(i), i + 1);
      list_bytes_ += page.size() + 2;
      pages_.push_back(page + "]}");
    }
  }

  bool start(const char* kubeconfig) {
    if (!server_.listen("127.0.0.1", 0)) return false;
    std::FILE* file = std::fopen(kubeconfig, "w");
    if (!file) return false;
    std::fprintf(file,
                 "apiVersion: v1\nkind: Config\ncurrent-context: b\n"
                 "clusters: [{name: b, cluster: {server: \"http://127.0.0.1:%d\"}}]\n"
                 "users: [{name: b, user: {}}]\n"
                 "contexts: [{name: b, context: {cluster: b, user: b}}]\n",
                 server_.address().port());
    std::fclose(file);
    ::fcntl(0, F_SETFL, O_NONBLOCK);
    input_.start(0, loop::kRead);
    make_flood();
    std::printf("ready %zu\n", list_bytes_);
    std::fflush(stdout);
    return true;
  }
  void stop() { input_.stop(); }

 private:
  struct Stream {
    http::Reply reply;
    std::size_t next = SIZE_MAX;  // piece of the flood; SIZE_MAX: none under way
    Api* api = nullptr;
    void pump() {
      while (next < api->flood_.size() && reply.write(api->flood_[next]))
        ++next;
    }
  };

  static http::ServerLimits limits() {
    http::ServerLimits out;
    out.stream_queue_bytes = 4 * kPieceBytes;
    return out;
  }

  // MODIFIED of a thousand objects in turn: what a busy cluster's recorders do.
  void make_flood() {
    std::string piece;
    for (long i = 0; i < events_; ++i) {
      const bool last = i + 1 == events_;
      piece += R"({"type":"MODIFIED","object":)" +
               event_json(last ? events_ : i % 1000,
                          last ? "last" : "event-" + std::to_string(i % 1000), 1000000 + i) +
               "}\n";
      if (piece.size() < kPieceBytes && !last) continue;
      flood_bytes_ += piece.size();
      flood_.emplace_back(piece);
      piece.clear();
    }
  }

  void on_request(const http::Request& request, http::Reply reply) override {
    if (cut_) {
      ++arrivals_[(loop_.now() - cut_at_) / base::seconds(1)];
      return reply.send(503, "text/plain", "away\n");
    }
    const auto json = [&](std::string_view body) { reply.send(200, "application/json", body); };
    if (request.path == "/version") return json(R"({"gitVersion":"v1.35.0"})");
    if (request.path == "/apis/events.k8s.io/v1") {
      return json(R"({"kind":"APIResourceList","groupVersion":"events.k8s.io/v1","resources":[)"
                  R"({"name":"events","namespaced":true,"kind":"Event",)"
                  R"("verbs":["get","list","watch"]}]})");
    }
    if (!request.path.ends_with("/events")) return reply.send(404, "text/plain", "no\n");
    if (request.query.find("watch=") == std::string_view::npos) {
      const std::size_t at = request.query.find("continue=");
      const std::string token(at == request.query.npos ? "0" : request.query.substr(at + 9));
      return json(pages_.at(std::strtoul(token.c_str(), nullptr, 10)));
    }
    auto stream = std::make_unique<Stream>();
    stream->api = this;
    stream->reply = std::move(reply);
    stream->reply.begin(200, "application/json");
    stream->reply.when_drained(base::Delegate<void()>::bind<&Stream::pump>(stream.get()));
    streams_.push_back(std::move(stream));
  }

  void on_input(std::uint32_t) {
    char text[256];
    const ssize_t n = ::read(0, text, sizeof text);
    if (n <= 0) std::_Exit(0);
    commands_.append(text, static_cast<std::size_t>(n));
    for (std::size_t end = 0; (end = commands_.find('\n')) != std::string::npos;) {
      command(commands_.substr(0, end));
      commands_.erase(0, end + 1);
    }
    std::fflush(stdout);
  }

  void command(const std::string& what) {
    if (what == "flood") {
      std::printf("bytes %zu\n", flood_bytes_);
      for (auto& stream : streams_) {
        stream->next = 0;
        stream->pump();
      }
    } else if (what == "cut") {
      cut_ = true;
      cut_at_ = loop_.now();
      std::printf("cut %zu\n", streams_.size());
      for (auto& stream : streams_)
        stream->reply.cut();
    } else if (what == "arrivals") {
      for (const auto& [second, count] : arrivals_)
        std::printf("%lld %ld\n", static_cast<long long>(second), count);
      std::printf("end\n");
    }
  }

  loop::Loop& loop_;
  long events_;
  std::vector<std::string> pages_;  // of a list
  std::size_t list_bytes_ = 0;
  std::string commands_;
  std::vector<base::Payload> flood_;
  std::size_t flood_bytes_ = 0;
  std::vector<std::unique_ptr<Stream>> streams_;
  bool cut_ = false;
  base::TimePoint cut_at_{};
  std::map<std::int64_t, long> arrivals_;
  http::Server server_;
  loop::FdWatch input_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  loop::RealClock clock;
  loop::Loop loop(clock);
  Api api(loop, std::atol(argv[2]), std::atol(argv[3]));
  if (!api.start(argv[1])) return 1;
  loop.run();
}
