// Calls to the API server: the headers a request travels with, answers, failures, streams.
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/log.h"
#include "base/text.h"
#include "support/fake_api.h"
#include "support/kube_world.h"
#include "support/raw_server.h"

namespace {

using base::Errc;
using kube::config::Credentials;
using test::FakeAnswer;
using test::Seen;

class KubeClient : public test::KubeWorld {};

TEST_F(KubeClient, ARequestSaysWhoAsksAndWhatItTakes) {
  test::FakeApi api(loop);
  api.answer = [](const Seen&) { return FakeAnswer{.body = R"({"items":[]})"}; };
  kube::config::Config config = api.config();
  config.cluster.path_prefix = "/k8s/c-1";
  fill_user(config);
  auto client = make(config);
  EXPECT_EQ(client->server(), "http://127.0.0.1:" + std::to_string(api.port()) + "/k8s/c-1");
  test::Get get(*client);
  kube::ApiRequest request;
  request.path = "/api/v1/pods";
  request.query = "limit=5";
  get.call.start(request);
  EXPECT_TRUE(get.call.active());
  EXPECT_EQ(get.calls, 0) << "never inside start()";
  ASSERT_TRUE(finish(get));
  EXPECT_TRUE(get.ok()) << get.message();
  EXPECT_EQ(get.out->body, R"({"items":[]})");
  EXPECT_FALSE(get.call.active());
  const Seen& seen = api.seen.at(0);
  EXPECT_EQ(seen.method, "GET");
  EXPECT_EQ(seen.target, "/k8s/c-1/api/v1/pods?limit=5");
  EXPECT_EQ(seen.header("accept"), "application/json");
  EXPECT_EQ(seen.header("user-agent"), "k0rdent-mcp/1.2.3 (linux/amd64)");
  EXPECT_EQ(seen.header("host"), "127.0.0.1:" + std::to_string(api.port()));
  EXPECT_EQ(seen.header("authorization"), "Basic " + base::base64("admin:pass"));
  EXPECT_EQ(seen.header("impersonate-user"), "jane");
  EXPECT_EQ(seen.header("impersonate-uid"), "7");
  EXPECT_EQ(seen.count("impersonate-group"), 2);
  EXPECT_EQ(seen.header("impersonate-extra-scopes"), "r");
}

TEST_F(KubeClient, ABodyTravelsWithItsType) {
  test::FakeApi api(loop);
  api.answer = [](const Seen&) { return FakeAnswer{.status = 201}; };
  auto client = make(api.config());
  test::Get get(*client);
  kube::ApiRequest request;
  request.method = "POST";
  request.path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
  request.body = "{}";
  request.content_type = "application/json";
  get.call.start(request);
  ASSERT_TRUE(finish(get));
  EXPECT_EQ(get.status(), 201);
  EXPECT_EQ(api.seen[0].method, "POST");
  EXPECT_EQ(api.seen[0].body, "{}");
  EXPECT_EQ(api.seen[0].header("content-type"), "application/json");
}

TEST_F(KubeClient, Rule41ACallersBearerTravelsAlone) {
  test::FakeApi api(loop);
  kube::config::Config config = api.config();
  fill_user(config);
  auto client = make(config);
  test::Get get(*client);
  for (const auto& credentials : {Credentials::bearer("callers-own"), Credentials::none()}) {
    api.seen.clear();
    get.start(credentials);
    ASSERT_TRUE(finish(get));
    ASSERT_TRUE(get.ok()) << get.message();
    const Seen& seen = api.seen.at(0);
    const bool bearer = credentials.kind() == Credentials::Kind::bearer;
    EXPECT_EQ(seen.header("authorization"), bearer ? "Bearer callers-own" : "");
    EXPECT_EQ(seen.count("authorization"), bearer ? 1 : 0);
    for (const auto& [name, value] : seen.headers)
      EXPECT_FALSE(base::to_lower(name).starts_with("impersonate")) << name;
  }
}

TEST_F(KubeClient, ABearerThatCouldEndItsHeaderIsRefusedBeforeAnyRequest) {
  test::FakeApi api(loop);
  auto client = make(api.config());
  test::Get get(*client);
  for (const std::string& token : {std::string("a\r\nImpersonate-User: root"), std::string("a\nb"),
                                   std::string(), std::string("a b"), std::string("a\0b", 3),
                                   std::string("a\x7f"), std::string("t\xc3\xa9")}) {
    get.start(Credentials::bearer(token));
    EXPECT_EQ(get.out, std::nullopt) << "never inside start()";
    ASSERT_TRUE(finish(get));
    EXPECT_EQ(get.out->failure->code, Errc::unauthorized);
    EXPECT_EQ(get.status(), 401);
  }
  EXPECT_TRUE(api.seen.empty());
}

TEST_F(KubeClient, ABearerIsNotSentOverPlainHttpToAnotherMachine) {
  test::FakeApi api(loop);
  kube::config::Config config = api.config();
  config.cluster.host = "192.0.2.1";
  auto client = make(config);
  test::Get get(*client);
  get.start(Credentials::bearer("t"));
  ASSERT_TRUE(finish(get));
  EXPECT_EQ(get.out->failure->code, Errc::forbidden);
  EXPECT_NE(get.message().find("http://"), std::string::npos);
}

TEST_F(KubeClient, FailuresOfTheServerAreRead) {
  test::FakeApi api(loop);
  auto client = make(api.config());
  test::Get get(*client);
  api.answer = [](const Seen&) {
    return FakeAnswer{
        .status = 503, .body = "overloaded", .type = "text/plain", .extra = "Retry-After: 7\r\n"};
  };
  get.start();
  ASSERT_TRUE(finish(get));
  EXPECT_EQ(get.out->failure->code, Errc::unavailable);
  EXPECT_EQ(get.out->failure->retry_after, base::seconds(7));
  EXPECT_EQ(get.status(), 503);
  EXPECT_TRUE(get.out->body.empty());
  api.answer = [](const Seen&) {
    return FakeAnswer{.status = 403,
                      .body = test::status_json(403, "Forbidden", "no pods for you")};
  };
  get.start();
  ASSERT_TRUE(finish(get));
  EXPECT_EQ(get.out->failure->code, Errc::forbidden);
  EXPECT_EQ(get.message(), "no pods for you");
  api.answer = [](const Seen&) {
    return FakeAnswer{.status = 302, .extra = "Location: http://evil/\r\n"};
  };
  get.start();
  ASSERT_TRUE(finish(get));
  EXPECT_EQ(get.out->failure->code, Errc::protocol);
  EXPECT_EQ(api.seen.size(), 3u) << "no redirect was followed";
  EXPECT_EQ(client->stats().failures, 3u);
}

TEST_F(KubeClient, AStatusFailureThatCameWith200IsAFailure) {
  test::FakeApi api(loop);
  api.answer = [](const Seen&) {
    return FakeAnswer{.body = test::status_json(410, "Expired", "too old")};
  };
  auto client = make(api.config());
  test::Get get(*client);
  get.start();
  ASSERT_TRUE(finish(get));
  ASSERT_FALSE(get.ok());
  EXPECT_TRUE(get.out->failure->expired());
  // An object that only mentions such a Status is itself.
  api.answer = [](const Seen&) {
    return FakeAnswer{.body = R"({"kind":"Event","x":{"kind":"Status","status":"Failure"}})"};
  };
  get.start();
  ASSERT_TRUE(finish(get));
  EXPECT_TRUE(get.ok());
  api.answer = [](const Seen&) {
    return FakeAnswer{.body = R"({"kind":"Status","status":"Success"})"};
  };
  get.start();
  ASSERT_TRUE(finish(get));
  EXPECT_TRUE(get.ok());
}

TEST_F(KubeClient, AnHtmlPageWhereJsonWasAskedForIsAFailure) {
  test::FakeApi api(loop);
  api.answer = [](const Seen&) {
    return FakeAnswer{.body = "<html>please log in</html>", .type = "Text/HTML; charset=utf-8"};
  };
  auto client = make(api.config());
  test::Get get(*client);
  get.start();
  ASSERT_TRUE(finish(get));
  EXPECT_EQ(get.out->failure->code, Errc::protocol);
  EXPECT_NE(get.message().find("please log in"), std::string::npos);
}

TEST_F(KubeClient, AnAnswerBeyondTheCapIsTooLarge) {
  test::FakeApi api(loop);
  api.answer = [](const Seen&) { return FakeAnswer{.body = std::string(100, 'x')}; };
  auto client = make(api.config());
  test::Get exact(*client, 100), small(*client, 99);
  exact.start();
  ASSERT_TRUE(finish(exact));
  EXPECT_TRUE(exact.ok());
  small.start();
  ASSERT_TRUE(finish(small));
  EXPECT_EQ(small.out->failure->code, Errc::too_large);
  EXPECT_TRUE(small.out->body.empty());
  EXPECT_FALSE(small.call.active());
}

TEST_F(KubeClient, NoAnswerIsATimeoutAndNoServerIsUnavailable) {
  test::FakeApi api(loop);
  api.answer = [](const Seen&) { return FakeAnswer{.silent = true}; };
  auto client = make(api.config());
  test::Get get(*client);
  const base::TimePoint start = loop.now();
  get.start();
  ASSERT_TRUE(finish(get));
  EXPECT_EQ(get.out->failure->code, Errc::timeout);
  EXPECT_TRUE(get.out->failure->transport());
  EXPECT_EQ(loop.now() - start, base::seconds(30));

  int closed = 0;
  { closed = test::FakeApi(loop).port(); }
  kube::config::Config nowhere = api.config();
  nowhere.cluster.port = closed;
  auto other = make(nowhere);
  test::Get refused(*other);
  refused.start();
  ASSERT_TRUE(finish(refused));
  EXPECT_EQ(refused.out->failure->code, Errc::unavailable);
  EXPECT_EQ(refused.status(), 0);
}

TEST_F(KubeClient, AnErrorWhoseBodyNeverEndsIsToldWithWhatCame) {
  test::RawServer server(loop);
  server.script(
      {test::request(), test::send("HTTP/1.1 500 Oh\r\nContent-Length: 100\r\n\r\nhalf a story")});
  kube::config::Config config;
  config.cluster.tls = false;
  config.cluster.host = "127.0.0.1";
  config.cluster.port = server.port();
  auto client = make(config);
  test::Get get(*client);
  kube::ApiRequest request;
  request.path = "/x";
  request.total_time = base::kForever;
  const base::TimePoint start = loop.now();
  get.call.start(request);
  ASSERT_TRUE(finish(get));
  EXPECT_EQ(get.status(), 500);
  EXPECT_NE(get.message().find("half a story"), std::string::npos);
  EXPECT_EQ(loop.now() - start, kube::kErrorBodyTime);
}

// Streams, as watches and logs use them.
struct Stream : kube::ApiHandler {
  explicit Stream(kube::Client& client) : call(std::make_unique<kube::ApiCall>(client, *this)) {}
  void on_open(int) override {
    ++opens;
    if (free_at == "open") call.reset();
  }
  void on_data(std::string_view bytes) override {
    data += bytes;
    if (free_at == "data") call.reset();
  }
  void on_end(const kube::Failure* why) override {
    ++ends;
    if (why) failure = *why;
    if (free_at == "end") call.reset();
  }
  int opens = 0, ends = 0;
  std::string data, free_at;
  std::optional<kube::Failure> failure;
  std::unique_ptr<kube::ApiCall> call;
};

class KubeStream : public KubeClient {
 protected:
  void SetUp() override {
    kube::config::Config config;
    config.cluster.tls = false;
    config.cluster.host = "127.0.0.1";
    config.cluster.port = server.port();
    client = make(config);
  }
  kube::ApiRequest watch() const {
    kube::ApiRequest request;
    request.path = "/api/v1/pods";
    request.query = "watch=1";
    request.total_time = base::kForever;
    return request;
  }
  test::RawServer server{loop};
  std::unique_ptr<kube::Client> client;
};

constexpr const char* kChunkedHead = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

TEST_F(KubeStream, DataComesAsItArrivesAndACleanEndIsNoFailure) {
  server.script({test::request(), test::send(kChunkedHead), test::wait(base::seconds(1)),
                 test::send("3\r\none\r\n"), test::wait(base::hours(2)),
                 test::send("3\r\ntwo\r\n0\r\n\r\n")});
  Stream stream(*client);
  stream.call->start(watch());
  ASSERT_TRUE(run_until([&] { return stream.opens == 1; }));
  EXPECT_EQ(stream.data, "");
  ASSERT_TRUE(run_until([&] { return stream.data == "one"; }));
  ASSERT_TRUE(run_until([&] { return stream.ends == 1; }));
  EXPECT_EQ(stream.data, "onetwo");
  EXPECT_FALSE(stream.failure);
}

TEST_F(KubeStream, ACutIsAFailureOfTheBody) {
  server.script({test::request(), test::send(kChunkedHead), test::send("3\r\none\r\n"),
                 test::wait({}), test::reset()});
  Stream stream(*client);
  stream.call->start(watch());
  ASSERT_TRUE(run_until([&] { return stream.ends == 1; }));
  EXPECT_EQ(stream.opens, 1);
  ASSERT_TRUE(stream.failure);
  EXPECT_TRUE(stream.failure->transport());
}

TEST_F(KubeStream, ACallMayBeFreedInAnyOfItsCallbacks) {
  for (const char* when : {"open", "data", "end"}) {
    server.script(
        {test::request(), test::send(std::string(kChunkedHead) + "3\r\none\r\n0\r\n\r\n")});
    Stream stream(*client);
    stream.free_at = when;
    stream.call->start(watch());
    ASSERT_TRUE(run_until([&] { return !stream.call; })) << when;
    for (int i = 0; i < 5; ++i)
      loop.run_once();
    EXPECT_EQ(stream.ends, std::string(when) == "end" ? 1 : 0) << when;
  }
}

TEST_F(KubeStream, ACancelledCallSaysNothingAndClosesItsConnection) {
  server.script({test::request(), test::send(kChunkedHead)});
  Stream stream(*client);
  stream.call->start(watch());
  ASSERT_TRUE(run_until([&] { return stream.opens == 1; }));
  stream.call->cancel();
  EXPECT_FALSE(stream.call->active());
  ASSERT_TRUE(run_until([&] { return server.gone(0); }));
  EXPECT_EQ(stream.ends, 0);
  EXPECT_EQ(client->stats().connections, 0u);
}

TEST_F(KubeStream, APausedStreamDeliversNothing) {
  server.script({test::request(), test::send(std::string(kChunkedHead) + "3\r\none\r\n"),
                 test::wait(base::seconds(1)), test::send("3\r\ntwo\r\n0\r\n\r\n")});
  Stream stream(*client);
  stream.call->start(watch());
  ASSERT_TRUE(run_until([&] { return stream.data == "one"; }));
  stream.call->pause(true);
  run_until([&] { return false; });  // until nothing will ever happen
  EXPECT_EQ(stream.data, "one");
  stream.call->pause(false);
  ASSERT_TRUE(run_until([&] { return stream.ends == 1; }));
  EXPECT_EQ(stream.data, "onetwo");
}

TEST_F(KubeStream, WarningsAreDebugLinesAndCapped) {
  std::string head = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n";
  for (int i = 0; i < 50; ++i)
    head += "Warning: 299 - \"deprecated " + std::string(1000, 'x') + "\"\r\n";
  server.script({test::request(), test::send(head + "\r\n{}")});
  std::string log;
  base::log::capture(&log);
  base::log::configure({.level = base::log::Level::debug});
  Stream stream(*client);
  stream.call->start(watch());
  const bool done = run_until([&] { return stream.ends == 1; });
  base::log::capture(nullptr);
  base::log::configure({});
  ASSERT_TRUE(done);
  int lines = 0;
  for (const std::string_view line : base::split(log, '\n'))
    if (line.find("deprecated") != line.npos) {
      ++lines;
      EXPECT_LT(line.size(), 400u);
    }
  EXPECT_EQ(lines, 5);
}

}  // namespace
