// Which verb a request is, and what the client counts of each.
#include "kube/verb.h"

#include <map>

#include <gtest/gtest.h>

#include "support/kube_world.h"

namespace {

using kube::Verb;
using kube::verb_of;

TEST(KubeVerb, IsKubernetesOwnWordForTheRequest) {
  EXPECT_EQ(verb_of("GET", "/version", ""), Verb::get);
  EXPECT_EQ(verb_of("GET", "/api", ""), Verb::get);
  EXPECT_EQ(verb_of("GET", "/apis/events.k8s.io/v1", ""), Verb::get);
  EXPECT_EQ(verb_of("GET", "/api/v1", ""), Verb::get);
  EXPECT_EQ(verb_of("GET", "/api/v1/namespaces", "limit=500"), Verb::list);
  EXPECT_EQ(verb_of("GET", "/api/v1/namespaces/a", ""), Verb::get);
  EXPECT_EQ(verb_of("GET", "/api/v1/namespaces/a/pods", ""), Verb::list);
  EXPECT_EQ(verb_of("GET", "/api/v1/namespaces/a/pods", "watch=1&limit=1"), Verb::watch);
  EXPECT_EQ(verb_of("GET", "/api/v1/pods", "fieldSelector=a%3Dwatch&watch=true"), Verb::watch);
  EXPECT_EQ(verb_of("GET", "/api/v1/pods", "fieldSelector=watch"), Verb::list);
  EXPECT_EQ(verb_of("GET", "/api/v1/namespaces/a/pods/b", ""), Verb::get);
  EXPECT_EQ(verb_of("GET", "/api/v1/namespaces/a/pods/b/log", "follow=true"), Verb::get);
  EXPECT_EQ(verb_of("GET", "/apis/k0rdent.mirantis.com/v1beta1/clusterdeployments", ""),
            Verb::list);
  EXPECT_EQ(verb_of("GET", "/apis/g/v1/namespaces/a/things", ""), Verb::list);
  EXPECT_EQ(verb_of("GET", "/apis/g/v1/namespaces/a/things/b", ""), Verb::get);
  EXPECT_EQ(verb_of("POST", "/api/v1/namespaces/a/pods", ""), Verb::create);
  EXPECT_EQ(verb_of("PUT", "/api/v1/namespaces/a/pods/b", ""), Verb::update);
  EXPECT_EQ(verb_of("PATCH", "/api/v1/namespaces/a/pods/b", ""), Verb::patch);
  EXPECT_EQ(verb_of("DELETE", "/api/v1/namespaces/a/pods/b", ""), Verb::del);
  EXPECT_EQ(verb_of("DELETE", "/api/v1/namespaces/a/pods", ""), Verb::delete_collection);
  EXPECT_EQ(verb_of("GET", "", ""), Verb::get);
  EXPECT_EQ(verb_of("GET", "/", ""), Verb::get);
}

class KubeVerbStats : public test::KubeWorld {
 protected:
  static std::uint64_t count(const kube::Client& client, Verb verb, std::string_view label) {
    std::uint64_t found = 0;
    client.stats(verb).answers.for_each([&](std::string_view each, std::uint64_t n) {
      if (each == label) found = n;
    });
    return found;
  }
};

TEST_F(KubeVerbStats, EachAnswerIsCountedByVerbAndCodeWithTheTimeToItsHead) {
  test::FakeApi api(loop);
  int asked = 0;
  api.answer = [&](const test::Seen&) {
    return test::FakeAnswer{.status = ++asked == 1 ? 200 : 404};
  };
  auto client = make(api.config());
  for (int i = 0; i < 3; ++i) {
    test::Get get(*client);
    kube::ApiRequest request;
    request.path = "/api/v1/namespaces/a/pods";
    get.call.start(request);
    ASSERT_TRUE(finish(get));
  }
  EXPECT_EQ(count(*client, Verb::list, "200"), 1u);
  EXPECT_EQ(count(*client, Verb::list, "404"), 2u);
  EXPECT_EQ(client->stats(Verb::list).head_time.count(), 3u);
  EXPECT_EQ(client->stats(Verb::get).answers.total(), 0u);
}

TEST_F(KubeVerbStats, NoAnswerIsCountedAndACancelledCallIsNot) {
  kube::config::Config config;
  {
    test::FakeApi api(loop);
    config = api.config();
  }
  auto client = make(config);
  test::Get get(*client);
  kube::ApiRequest request;
  request.path = "/version";
  get.call.start(request);
  ASSERT_TRUE(finish(get));
  EXPECT_FALSE(get.ok());
  EXPECT_EQ(count(*client, Verb::get, "none"), 1u);
  {
    test::Get cancelled(*client);
    cancelled.call.start(request);
  }
  EXPECT_EQ(client->stats(Verb::get).answers.total(), 1u);
}

}  // namespace
