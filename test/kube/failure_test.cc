// What the API server, its proxies and the network say, as a Failure; and paths and queries.
#include "kube/failure.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "base/log.h"
#include "kube/resource.h"
#include "support/fake_api.h"

namespace {

using base::Errc;
using kube::Failure;

Failure from(std::string_view json, int http_status = 200) {
  base::json::Document doc;
  return Failure::from_status(*doc.parse(json), http_status);
}

TEST(KubeFailure, KnownReasonsHaveTheirCode) {
  const struct {
    const char* reason;
    int status;
    Errc code;
  } cases[] = {{"Unauthorized", 401, Errc::unauthorized},
               {"Forbidden", 403, Errc::forbidden},
               {"NotFound", 404, Errc::not_found},
               {"MethodNotAllowed", 405, Errc::invalid_argument},
               {"NotAcceptable", 406, Errc::invalid_argument},
               {"AlreadyExists", 409, Errc::conflict},
               {"Conflict", 409, Errc::conflict},
               {"BadRequest", 400, Errc::invalid_argument},
               {"Gone", 410, Errc::gone},
               {"Expired", 410, Errc::gone},
               {"RequestEntityTooLarge", 413, Errc::too_large},
               {"UnsupportedMediaType", 415, Errc::invalid_argument},
               {"Invalid", 422, Errc::invalid_argument},
               {"TooManyRequests", 429, Errc::throttled},
               {"InternalError", 500, Errc::internal},
               {"ServerTimeout", 500, Errc::timeout},
               {"StorageReadError", 500, Errc::internal},
               {"ServiceUnavailable", 503, Errc::unavailable},
               {"Timeout", 504, Errc::timeout}};
  for (const auto& c : cases) {
    const Failure f = from(R"({"kind":"Status","reason":")" + std::string(c.reason) + R"("})");
    EXPECT_EQ(f.code, c.code) << c.reason;
    EXPECT_EQ(f.status, c.status) << c.reason;
    EXPECT_EQ(f.reason, c.reason);
    EXPECT_EQ(f.message, c.reason) << "a Status without a message is told by its reason";
    EXPECT_FALSE(f.transport());
  }
}

// The API server quotes the whole object before the reason, which was cut off.
TEST(KubeFailure, AnObjectInAMessageGivesWayToTheReason) {
  const std::string object =
      R"(\"{\\\"metadata\\\":{\\\"x\\\":\\\")" + std::string(5000, 'x') + R"(\\\"}}\")";
  const Failure f = from(
      R"({"kind":"Status","reason":"Invalid","message":"\"\" is invalid: patch: Invalid value: )" +
      object + R"(: strict decoding error: unknown field \"spec.nope\""})");
  EXPECT_EQ(
      f.message,
      R"("" is invalid: patch: Invalid value: "{…}": strict decoding error: unknown field "spec.nope")");
  const Failure lines = from(R"({"kind":"Status","message":"errors:\n  .a: wrong\n  .b: wrong"})");
  EXPECT_EQ(lines.message, "errors: .a: wrong .b: wrong");
  for (const char* open : {R"(\"{)", R"(\"{\\\\)", R"(\"{x\\)"})
    EXPECT_FALSE(
        from(R"({"kind":"Status","message":"odd )" + std::string(open) + "\"}").message.empty());
}

TEST(KubeFailure, AKnownReasonWinsOverTheHttpCode) {
  const Failure f = from(R"({"kind":"Status","reason":"Expired","code":500})", 500);
  EXPECT_TRUE(f.expired());
  EXPECT_EQ(f.status, 500);
}

TEST(KubeFailure, NoTimeToWaitIsNone) {
  for (const char* details : {"{}", R"({"retryAfterSeconds":0})", R"({"retryAfterSeconds":-5})"}) {
    const std::string body = R"({"kind":"Status","apiVersion":"v1","status":"Failure","code":500,)"
                             R"("details":)" +
                             std::string(details) + "}";
    EXPECT_FALSE(Failure::from_response(500, body, std::nullopt).retry_after) << details;
  }
}

TEST(KubeFailure, AnUnknownReasonLeavesItToTheCode) {
  EXPECT_EQ(from(R"({"kind":"Status","reason":"Novel","code":404})").code, Errc::not_found);
  EXPECT_EQ(from(R"({"kind":"Status","reason":"Novel"})", 429).code, Errc::throttled);
  EXPECT_EQ(from(R"({"kind":"Status","reason":"Novel"})", 200).status, 500);
  EXPECT_EQ(from(R"({"kind":"Status","code":410})").code, Errc::gone);
  EXPECT_EQ(from(R"({"kind":"Status","code":-3})", 200).status, 500);
}

TEST(KubeFailure, ReadsMessageCauseAndRetryAfter) {
  const Failure f = from(
      R"({"kind":"Status","message":"Timeout: Too large\nresource version","reason":"Timeout","code":504,
          "details":{"causes":[{"reason":"ResourceVersionTooLarge","message":"x"}],"retryAfterSeconds":1}})");
  EXPECT_EQ(f.code, Errc::timeout);
  EXPECT_EQ(f.cause, "ResourceVersionTooLarge");
  EXPECT_EQ(f.retry_after, base::seconds(1));
  EXPECT_EQ(f.message.find('\n'), std::string::npos);
  EXPECT_EQ(f.error().code(), Errc::timeout);
}

TEST(KubeFailure, WhatIsNoStatusIsAGeneric500WithASnippet) {
  const Failure f = from(R"({"kind":"Pod","metadata":{"name":"x"}})");
  EXPECT_EQ(f.status, 500);
  EXPECT_EQ(f.code, Errc::internal);
  EXPECT_NE(f.message.find("Pod"), std::string::npos);
  EXPECT_EQ(Failure::from_status({}, 200).status, 500);
  EXPECT_EQ(from("[1]").status, 500);
}

TEST(KubeFailure, AnAnswersStatusIsRead) {
  const Failure f = Failure::from_response(
      403, test::status_json(403, "Forbidden", "pods is forbidden: no"), std::nullopt);
  EXPECT_EQ(f.code, Errc::forbidden);
  EXPECT_EQ(f.message, "pods is forbidden: no");
}

TEST(KubeFailure, PlainTextAndHtmlAreAPrintableSnippet) {
  const Failure plain =
      Failure::from_response(429, "Too many requests, please try again later.\n", "12");
  EXPECT_EQ(plain.code, Errc::throttled);
  EXPECT_EQ(plain.status, 429);
  EXPECT_EQ(plain.message,
            "HTTP 429 Too Many Requests: Too many requests, please try again later.");
  EXPECT_EQ(plain.retry_after, base::seconds(12));

  const Failure html = Failure::from_response(
      502, "<html>\r\n<h1>Bad\x1b[31m Gateway</h1>" + std::string(5000, 'x'), std::nullopt);
  EXPECT_EQ(html.code, Errc::unavailable);
  EXPECT_LT(html.message.size(), 400u);
  for (const char c : html.message)
    EXPECT_GE(static_cast<unsigned char>(c), ' ');

  EXPECT_EQ(Failure::from_response(503, "", std::nullopt).message, "HTTP 503 Service Unavailable");
  EXPECT_EQ(Failure::from_response(500, "{\"kind\":\"Sta", std::nullopt).code, Errc::internal);
  // What is no Status says nothing of what was asked for.
  for (const int code : {400, 401, 403, 404, 405, 409, 410, 422}) {
    const Failure page = Failure::from_response(code, "{\"kind\":\"Pod\"}", std::nullopt);
    EXPECT_EQ(page.code, Errc::unavailable) << code;
    EXPECT_EQ(page.status, code);
    EXPECT_TRUE(page.foreign);
    EXPECT_FALSE(page.says(code));
  }
  const Failure own = Failure::from_response(404, test::status_json(404, "NotFound", "no"), {});
  EXPECT_TRUE(own.says(404));
  EXPECT_FALSE(own.foreign);
}

TEST(KubeFailure, MessagesAreCapped) {
  const Failure f = Failure::from_response(
      400, test::status_json(400, "BadRequest", std::string(10000, 'm')), std::nullopt);
  EXPECT_LE(f.message.size(), kube::kMessageBytes);
  EXPECT_GT(f.message.size(), kube::kMessageBytes / 2);
}

TEST(KubeFailure, RetryAfterCountsInWholeSecondsOnlyAndIsCapped) {
  const auto after = [](const char* header) {
    return Failure::from_response(503, "", header).retry_after;
  };
  EXPECT_EQ(after("120"), base::seconds(120));
  EXPECT_EQ(after(" 7 "), base::seconds(7));
  EXPECT_EQ(after("Wed, 21 Oct 2026 07:28:00 GMT"), std::nullopt);
  EXPECT_EQ(after("1.5"), std::nullopt);
  EXPECT_EQ(after("-5"), std::nullopt);
  EXPECT_EQ(after("0"), std::nullopt);

  std::string log;
  base::log::capture(&log);
  EXPECT_EQ(after("999999"), kube::kRetryAfterCap);
  base::log::capture(nullptr);
  EXPECT_NE(log.find("999999"), std::string::npos);
}

TEST(KubeFailure, TheHeaderWinsOverTheStatussOwnRetryAfter) {
  const char* body = R"({"kind":"Status","code":503,"details":{"retryAfterSeconds":5}})";
  EXPECT_EQ(Failure::from_response(503, body, "9").retry_after, base::seconds(9));
  EXPECT_EQ(Failure::from_response(503, body, std::nullopt).retry_after, base::seconds(5));
  EXPECT_EQ(Failure::from_response(503, body, "soon").retry_after, base::seconds(5));
}

TEST(KubeFailure, RedirectsAreProtocolFailures) {
  const Failure f = Failure::from_response(302, "", std::nullopt);
  EXPECT_EQ(f.code, Errc::protocol);
  EXPECT_NE(f.message.find("redirects are not followed"), std::string::npos);
}

TEST(KubeFailure, TransportErrorsKeepTheirCodeAndHaveNoStatus) {
  const Failure f = Failure::from_error(base::Error(Errc::timeout, "connect\n: too slow"));
  EXPECT_TRUE(f.transport());
  EXPECT_EQ(f.code, Errc::timeout);
  EXPECT_EQ(f.message.find('\n'), std::string::npos);
}

TEST(KubeFailure, ABadAnswerIsToldWithASnippet) {
  const Failure f = Failure::from_bad_answer(200, "not JSON", "<html>login</html>");
  EXPECT_EQ(f.code, Errc::protocol);
  EXPECT_EQ(f.message, "not JSON: <html>login</html>");
  EXPECT_FALSE(f.transport());
}

TEST(KubeResource, PathsOfCoreAndGroupResources) {
  EXPECT_EQ(*kube::kPods.path("team-a"), "/api/v1/namespaces/team-a/pods");
  EXPECT_EQ(*kube::kPods.path(""), "/api/v1/pods");
  EXPECT_EQ(*kube::kPods.path("a", "p", "log"), "/api/v1/namespaces/a/pods/p/log");
  EXPECT_EQ(*kube::kEventsV1.path("a"), "/apis/events.k8s.io/v1/namespaces/a/events");
  EXPECT_EQ(*kube::kNamespaces.path(""), "/api/v1/namespaces");
  EXPECT_EQ(*kube::kNamespaces.path("", "team-a"), "/api/v1/namespaces/team-a");
  EXPECT_EQ(kube::kPods.text(), "pods/v1");
  EXPECT_EQ(kube::kEventsV1.text(), "events.events.k8s.io/v1");
}

TEST(KubeResource, SegmentsThatCouldLeaveThePathAreRefused) {
  for (const char* bad : {".", "..", "a/b", "%2e%2e", "/"}) {
    const auto path = kube::kPods.path("a", bad);
    ASSERT_FALSE(path) << bad;
    EXPECT_EQ(path.error().code(), Errc::invalid_argument);
    EXPECT_FALSE(kube::kPods.path(bad)) << bad;
  }
  EXPECT_EQ(*kube::kPods.path("a", "system:node?x=1 #"),
            "/api/v1/namespaces/a/pods/system%3Anode%3Fx%3D1%20%23");
  EXPECT_EQ(*kube::kPods.path("a", "x\r\ny"), "/api/v1/namespaces/a/pods/x%0D%0Ay");
}

TEST(KubeResource, ScopeAndPartsMustFit) {
  EXPECT_FALSE(kube::kNamespaces.path("a"));
  EXPECT_FALSE(kube::kPods.path("", "p"));
  EXPECT_FALSE(kube::kPods.path("a", "", "log"));
  EXPECT_FALSE((kube::Resource{"", "", "pods", true}.path("a")));
}

TEST(KubeResource, QueriesAreEncodedOnBothSides) {
  kube::Query q;
  q.add("fieldSelector", "involvedObject.name=x,a!=b")
      .add("limit", 500)
      .add("sinceTime", "2026-01-01T00:00:00+02:00");
  EXPECT_EQ(
      q.text(),
      "fieldSelector=involvedObject.name%3Dx%2Ca%21%3Db&limit=500&sinceTime=2026-01-01T00%3A00%3A00"
      "%2B02%3A00");
}

}  // namespace
