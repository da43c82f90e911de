// Lists: page by page, whole or not at all.
#include "kube/list_call.h"

#include <memory>
#include <string>
#include <vector>

#include "support/reflector_world.h"

namespace {

using test::Asked;
using test::list;
using test::object;

class ListCall : public test::PatientWorld, public kube::ListHandler {
 protected:
  ListCall() : call(std::make_unique<kube::ListCall>(*client, *this)) {
    spec.resource = kube::kPods;
    spec.ns = "ns";
  }
  void on_item(base::json::Value item) override {
    note(std::string(item["metadata"]["name"].str()));
  }
  void on_restart() override { note("<restart>"); }
  void on_done(const kube::Failure* failure, std::string_view version) override {
    if (failure) failed = *failure;
    note(failure ? "<failed>" : "<done " + std::string(version) + ">");
  }
  void note(std::string what) {
    said.push_back(std::move(what));
    if (hook) hook(said.back());
  }
  using Said = std::vector<std::string>;
  Said take() {
    settle();
    return std::exchange(said, {});
  }

  kube::ListSpec spec;
  Said said;
  kube::Failure failed;
  std::function<void(const std::string&)> hook;
  std::unique_ptr<kube::ListCall> call;
};

TEST_F(ListCall, PagesComeOneAfterTheOtherWithTheSameSelectors) {
  spec.field_selector = "involvedObject.name=x";
  spec.label_selector = "app in (a,b)";
  spec.credentials = kube::config::Credentials::bearer("tok");
  call->start(spec);
  Asked page = asked();
  EXPECT_EQ(page.param("limit"), "500");
  EXPECT_FALSE(page.has("resourceVersion"));
  EXPECT_FALSE(page.has("continue"));
  page.json(list("10", {object("a", "1"), object("b", "2")}, "to=k/en"));
  page = asked();
  EXPECT_EQ(page.param("continue"), "to=k/en");
  EXPECT_EQ(page.param("fieldSelector"), "involvedObject.name=x");
  EXPECT_EQ(page.param("labelSelector"), "app in (a,b)");
  EXPECT_EQ(page.authorization, "Bearer tok");
  EXPECT_FALSE(page.has("resourceVersion"));
  page.json(list("12", {object("c", "3")}));
  EXPECT_EQ(take(), (Said{"a", "b", "c", "<done 10>"}))
      << "page 1's version: replays are harmless, gaps are not";
  EXPECT_FALSE(call->active());
}

TEST_F(ListCall, L01AFailedPageFailsTheList) {
  call->start(spec);
  asked().json(list("10", {object("a", "1")}, "2"));
  asked().fail(500, "InternalError", "etcd");
  EXPECT_EQ(take(), (Said{"a", "<failed>"}));
  EXPECT_EQ(failed.status, 500);
}

TEST_F(ListCall, L02AnExpiredPageBeginsAgain) {
  call->start(spec);
  asked().json(list("10", {object("a", "1")}, "2"));
  asked().fail(410, "Expired", "too old");
  Asked again = asked();
  EXPECT_EQ(again.param("limit"), "500");
  EXPECT_FALSE(again.has("continue"));
  again.json(list("20", {object("a", "1"), object("b", "2")}));
  EXPECT_EQ(take(), (Said{"a", "<restart>", "a", "b", "<done 20>"}));
}

TEST_F(ListCall, AnExpiredFirstPageIsAFailureLikeAnother) {
  call->start(spec);
  asked().fail(410, "Expired", "too old");
  EXPECT_EQ(take(), Said{"<failed>"});
  EXPECT_TRUE(failed.expired());
}

TEST_F(ListCall, L03TheThirdTimeItIsAskedForWhole) {
  call->start(spec);
  for (int i = 0; i < 2; ++i) {
    Asked page = asked();
    EXPECT_TRUE(page.has("limit"));
    page.json(list("10", {object("a", "1")}, "2"));
    asked().fail(410, "Expired", "too old");
  }
  Asked whole = asked();
  EXPECT_FALSE(whole.has("limit"));
  EXPECT_FALSE(whole.has("continue"));
  whole.json(list("30", {object("a", "1")}));
  EXPECT_EQ(take(), (Said{"a", "<restart>", "a", "<restart>", "a", "<done 30>"}));
  call->start(spec);
  EXPECT_EQ(asked().param("limit"), "500") << "the next list pages again";
}

TEST_F(ListCall, L04ATruncatedAnswerIsAFailure) {
  call->start(spec);
  Asked page = asked();
  page.begin();
  page.write(list("10", {object("a", "1")}).substr(0, 60));
  settle();
  page.cut();
  EXPECT_EQ(take(), Said{"<failed>"});
  call->start(spec);
  asked().json(list("10", {object("a", "1")}).substr(0, 60));  // whole by its framing, but no JSON
  EXPECT_EQ(take(), Said{"<failed>"});
  EXPECT_EQ(failed.code, base::Errc::protocol);
}

TEST_F(ListCall, L05NoItemsMayBeWrittenInThreeWays) {
  for (const char* body : {R"({"kind":"PodList","metadata":{"resourceVersion":"7"},"items":null})",
                           R"({"kind":"PodList","metadata":{"resourceVersion":"7"},"items":[]})",
                           R"({"kind":"PodList","metadata":{"resourceVersion":"7"}})"}) {
    call->start(spec);
    asked().json(body);
    EXPECT_EQ(take(), Said{"<done 7>"});
  }
}

TEST_F(ListCall, L08AServerThatGivesAllAtOnceIsAccepted) {
  std::vector<std::string> items;
  for (int i = 0; i < 1200; ++i)
    items.push_back(object(std::to_string(i), "1"));
  call->start(spec);
  asked().json(list("7", items));
  const Said got = take();
  ASSERT_EQ(got.size(), 1201U);
  EXPECT_EQ(got.back(), "<done 7>");
}

TEST_F(ListCall, L09ATokenThatRepeatsIsAFailure) {
  call->start(spec);
  asked().json(list("10", {}, "same"));
  asked().json(list("10", {}, "same"));
  EXPECT_EQ(take(), Said{"<failed>"});
  EXPECT_EQ(failed.code, base::Errc::protocol);
  EXPECT_TRUE(quiet(base::hours(1)));
}

TEST_F(ListCall, AnAnswerThatIsNoListIsAFailure) {
  for (const char* body :
       {"[]", "{}", R"({"metadata":{},"items":{}})", R"("x")",
        R"({"kind":"Status","status":"Failure","reason":"Forbidden","code":403})"}) {
    call->start(spec);
    asked().json(body);
    EXPECT_EQ(take(), Said{"<failed>"}) << body;
  }
  EXPECT_EQ(failed.status, 403);
}

// Bug: metadata alone made an answer count: of a proxy's Status or another list all objects were gone.
TEST_F(ListCall, AListOfAnotherKindIsAFailureBeforeItsFirstItem) {
  const std::string item = object("a", "1");
  for (const std::string& body : {
           std::string(R"({"kind":"ConfigMapList","apiVersion":"v1","metadata":)"
                       R"({"resourceVersion":"9"},"items":[)") +
               item + "]}",
           std::string(R"({"kind":"ConfigMapList","metadata":{"resourceVersion":"9"},"items":[]})"),
           std::string(
               R"({"kind":"Status","status":"Success","metadata":{"resourceVersion":"9"}})"),
           std::string(R"({"status":"ok","metadata":{"resourceVersion":"77"}})"),
       }) {
    call->start(spec);
    asked().json(body);
    EXPECT_EQ(take(), Said{"<failed>"}) << body;
    EXPECT_EQ(failed.code, base::Errc::protocol);
  }
  EXPECT_NE(failed.message.find("it has no kind"), std::string::npos) << failed.message;
  // A kind that comes last is seen last.
  call->start(spec);
  asked().json(R"({"metadata":{"resourceVersion":"9"},"items":[)" + item +
               R"(],"kind":"NodeList"})");
  EXPECT_EQ(take(), (Said{"a", "<failed>"}));
  EXPECT_NE(failed.message.find("of kind 'NodeList'"), std::string::npos) << failed.message;
}

TEST_F(ListCall, ABadNamespaceIsRefusedThroughOnDone) {
  spec.ns = "../../secrets";
  call->start(spec);
  EXPECT_TRUE(said.empty()) << "never inside start";
  EXPECT_EQ(take(), Said{"<failed>"});
  EXPECT_EQ(api.requests, 0U);
}

TEST_F(ListCall, MayBeCancelledAndStartedAgainInsideAnItem) {
  call->start(spec);
  hook = [&](const std::string& what) {
    if (what != "b") return;
    call->cancel();
    call->start(spec);
  };
  asked().json(list("10", {object("a", "1"), object("b", "1"), object("c", "1")}));
  EXPECT_EQ(take(), (Said{"a", "b"}));
  EXPECT_TRUE(call->active());
  asked().json(list("20", {object("c", "1")}));
  EXPECT_EQ(take(), (Said{"c", "<done 20>"}));
}

}  // namespace
