// What goes wrong with writes: conflicts, answers that are lost after the write was done, overload,
// and what must not be tried again.
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kube/warnings.h"
#include "kube/write_call.h"
#include "kube/write_request.h"
#include "support/tools_world.h"

namespace {

using base::milliseconds;
using base::seconds;
using kube::WriteOutcome;
using kube::WriteSpec;
using sim::AnswerFault;
using sim::ByteFault;
using Result = kube::WriteOutcome::Result;
using Verb = kube::WriteSpec::Verb;
using Evidence = kube::WriteEvidence;

const kube::Resource kConfigMaps{"", "v1", "configmaps"};
constexpr const char* kKey = "team-a/settings";

class FaultWrite : public test::ToolsWorld {
 protected:
  static WriteSpec spec(Verb verb, const std::string& data = R"({"color":"blue"})") {
    WriteSpec one;
    one.verb = verb;
    one.resource = kConfigMaps;
    one.ns = "team-a";
    one.name = "settings";
    one.field_manager = "k0rdent-mcp";
    if (verb == Verb::merge_patch) one.body = R"({"data":)" + data + "}";
    if (verb == Verb::apply || verb == Verb::create) {
      one.body = R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"settings"},"data":)" +
                 data + "}";
    }
    return one;
  }
  // To its end.
  WriteOutcome write(WriteSpec what) {
    outcome.reset();
    kube::WriteCall call(loop, *client, told());
    const base::TimePoint before = loop.now();
    call.start(std::move(what));
    EXPECT_FALSE(outcome) << "never inside start";
    EXPECT_TRUE(run_until([&] { return outcome.has_value(); }));
    EXPECT_FALSE(call.active());
    took = loop.now() - before;
    if (outcome && !outcome->failure && !outcome->ok()) ADD_FAILURE() << "failed without a reason";
    return outcome ? *outcome : WriteOutcome{};
  }
  void on_written(WriteOutcome out) { outcome = std::move(out); }
  kube::WriteCall::Fn told() { return kube::WriteCall::Fn::bind<&FaultWrite::on_written>(this); }

  // By somebody else.
  void others_write(const std::string& body, const std::string& manager = "kubectl") {
    auto call =
        ask("PATCH", "/api/v1/namespaces/team-a/configmaps/settings?fieldManager=" + manager, body,
            sim::ApiServer::kAdminToken, "application/merge-patch+json");
    EXPECT_EQ(call->status, 200);
  }
  void put(const std::string& extra = {}) {
    api.store().put(view(), R"({"metadata":{"name":"settings","namespace":"team-a")" + extra +
                                R"(},"data":{"color":"red"}})");
  }
  sim::View view() { return {&api.store().of("ConfigMap"), 0}; }
  const sim::Object* object() { return api.store().get(view(), kKey); }
  std::string color() {
    base::json::Document doc;
    return object() ? std::string((*doc.parse(view().json(*object())))["data"]["color"].str())
                    : "none";
  }
  void fault(AnswerFault one, const std::string& verb) {
    one.match.verb = verb;
    one.match.path = "/configmaps";
    if (one.match.count == 0) one.match.count = 1;
    api.faults().add(std::move(one));
  }
  // The next request of that verb is executed and its answer lost on the way.
  void lose_answer(const std::string& verb, int count = 1) {
    fault({.match = {.count = count}, .executed = true, .cut = true}, verb);
  }
  static sim::Answer gateway_timeout() {
    return sim::refuse({.code = 504,
                        .reason = "Timeout",
                        .message = "Timeout: request did not complete within requested timeout"});
  }
  int asked(const std::string& verb) const { return api.count(verb, "/configmaps"); }

  std::optional<WriteOutcome> outcome;
  base::Duration took{};
};

TEST_F(FaultWrite, S01AConflictOfFieldManagersIsToldWithFieldAndOwnerAndNothingIsForced) {
  ASSERT_EQ(write(spec(Verb::apply, R"({"color":"blue","size":"1"})")).result, Result::created);
  others_write(R"({"data":{"color":"red","size":"9"}})");
  api.forget_seen();
  const WriteOutcome out = write(spec(Verb::apply, R"({"color":"blue","size":"1"})"));
  ASSERT_EQ(out.result, Result::failed);
  EXPECT_EQ(out.failure->status, 409);
  ASSERT_EQ(out.conflicts.size(), 2U);
  EXPECT_EQ(out.conflicts[0].field, ".data.color");
  EXPECT_EQ(out.conflicts[0].manager, "kubectl");
  EXPECT_EQ(out.conflicts[1].field, ".data.size");
  EXPECT_EQ(asked("patch"), 1) << "no repetition";
  EXPECT_FALSE(out.stale);
  EXPECT_EQ(color(), "red");
  WriteSpec forced = spec(Verb::apply);
  forced.force = true;  // asked for
  EXPECT_EQ(write(forced).result, Result::changed);
  EXPECT_EQ(color(), "blue");
  base::json::Document doc;
  EXPECT_EQ((*doc.parse(view().json(*object())))["data"]["size"].str(), "9")
      << "what is left out and is another's stays";
}

TEST_F(FaultWrite, S02AnApplyWhoseAnswerIsLostIsLookedAtAndNeverSentAgain) {
  ASSERT_EQ(write(spec(Verb::apply)).result, Result::created);
  const std::uint64_t version = object()->version;
  api.forget_seen();
  lose_answer("patch");
  const WriteOutcome out = write(spec(Verb::apply, R"({"color":"green"})"));
  EXPECT_EQ(out.result, Result::changed);
  EXPECT_TRUE(out.verified);
  EXPECT_FALSE(out.failure);
  EXPECT_NE(out.object.find("green"), std::string::npos);
  EXPECT_EQ(asked("patch"), 1);
  EXPECT_EQ(asked("get"), 1);
  EXPECT_EQ(object()->version, version + 1);
  // It never arrived, and nothing changed until the API server would have given it up.
  api.forget_seen();
  WriteSpec late = spec(Verb::apply, R"({"color":"black"})");
  late.before = view().json(*object());
  fault({.cut = true}, "patch");
  const WriteOutcome lost = write(late);
  ASSERT_EQ(lost.result, Result::failed);
  EXPECT_TRUE(lost.verified);
  EXPECT_EQ(lost.evidence, Evidence::version);
  EXPECT_NE(lost.failure->message.find("the write was not executed: the object's resourceVersion"),
            std::string::npos)
      << lost.failure->message;
  EXPECT_GE(took, kube::kWriteServerTime);
  EXPECT_LT(took, kube::kWriteServerTime + seconds(1));
  EXPECT_EQ(asked("patch"), 1);
  EXPECT_EQ(asked("get"), 6) << "at 0, 1, 3, 7, 15 and 25 s";
  // Nothing answers any more.
  fault({.cut = true}, "patch");
  fault({.match = {.count = -1}, .cut = true}, "get");
  const WriteOutcome nobody_knows = write(late);
  ASSERT_EQ(nobody_knows.result, Result::ambiguous) << nobody_knows.failure->message;
  EXPECT_EQ(nobody_knows.evidence, Evidence::none);
  EXPECT_NE(nobody_knows.failure->message.find("it is unknown whether"), std::string::npos);
  EXPECT_EQ(color(), "green");
}

// A write that waits in the API server's queue when the first read comes.
TEST_F(FaultWrite, S02AWriteThatIsExecutedAfterTheFirstLookIsFound) {
  ASSERT_EQ(write(spec(Verb::create, R"({"color":"red"})")).result, Result::created);
  pass(seconds(2));
  WriteSpec late = spec(Verb::merge_patch);
  late.before = view().json(*object());
  late.resource_version = std::to_string(object()->version);
  api.faults().add(sim::executed_late(seconds(5), "patch", "/configmaps"));
  const WriteOutcome out = write(late);
  EXPECT_EQ(out.result, Result::changed);
  EXPECT_EQ(out.evidence, Evidence::owner);
  EXPECT_GE(took, seconds(5));
  EXPECT_LT(took, seconds(10));
  EXPECT_EQ(asked("patch"), 1);
}

// An etcd that stands still answers no read, and executes the write when it goes on.
TEST_F(FaultWrite, S02TheFirstReadAfterAStandstillDecidesNothing) {
  put();
  WriteSpec late = spec(Verb::merge_patch);
  late.before = view().json(*object());
  api.faults().add(sim::executed_late(base::milliseconds(25500), "patch", "/configmaps"));
  fault({.match = {.count = 5}, .cut = true}, "get");
  const WriteOutcome out = write(late);
  EXPECT_EQ(out.result, Result::changed);
  EXPECT_EQ(asked("get"), 7) << "five in vain, one before and one after the write";
  EXPECT_EQ(took, seconds(26));
}

// Another manager writes while ours is lost: the object's version tells nothing, its managers do.
TEST_F(FaultWrite, S02OwnersTellALostApplyFromOneThatWasOverwritten) {
  ASSERT_EQ(write(spec(Verb::apply)).result, Result::created);
  pass(seconds(2));
  WriteSpec next = spec(Verb::apply, R"({"color":"green"})");
  next.before = view().json(*object());
  const auto lost_with = [&](AnswerFault how) {
    outcome.reset();
    fault(std::move(how), "patch");
    fault({.delay = seconds(1)}, "get");
    kube::WriteCall call(loop, *client, told());
    call.start(next);
    EXPECT_TRUE(run_until([&] { return asked("get") > 0; }));
    others_write(R"({"data":{"size":"9"}})");
    EXPECT_TRUE(run_until([&] { return outcome.has_value(); }));
    return *outcome;
  };
  api.forget_seen();
  const WriteOutcome never = lost_with({.cut = true});
  EXPECT_EQ(never.result, Result::failed);
  EXPECT_EQ(never.evidence, Evidence::owner);
  api.forget_seen();
  const WriteOutcome done = lost_with({.executed = true, .cut = true});
  EXPECT_EQ(done.result, Result::changed);
  EXPECT_EQ(done.evidence, Evidence::owner);
  // Executed, and its field taken by another before the first read.
  next.before = view().json(*object());
  next.body = spec(Verb::apply, R"({"color":"white","more":"1"})").body;
  pass(seconds(2));
  outcome.reset();
  lose_answer("patch");
  fault({.delay = seconds(1)}, "get");
  kube::WriteCall call(loop, *client, told());
  api.forget_seen();
  call.start(next);
  ASSERT_TRUE(run_until([&] { return asked("get") > 0; }));
  others_write(R"({"data":{"color":"black"}})");
  ASSERT_TRUE(run_until([&] { return outcome.has_value(); }));
  EXPECT_EQ(outcome->result, Result::ambiguous);
}

TEST_F(FaultWrite, S02AHeadThatSaysDoneIsEnoughWhenTheBodyIsCut) {
  put();
  AnswerFault body_cut;
  body_cut.bytes = {{.kind = ByteFault::Kind::reset, .at = 200}};
  fault(body_cut, "patch");
  fault({.match = {.count = -1}, .cut = true}, "get");
  const WriteOutcome out = write(spec(Verb::merge_patch));
  EXPECT_EQ(out.result, Result::changed);
  EXPECT_FALSE(out.verified);
  EXPECT_EQ(out.evidence, Evidence::answer);
  EXPECT_EQ(asked("patch"), 1);
}

// Each verb on a connection that served a request before: a pool may repeat a request there.
TEST_F(FaultWrite, S02AStaleConnectionSendsNoWriteASecondTime) {
  for (const Verb verb : {Verb::apply, Verb::create, Verb::merge_patch, Verb::remove}) {
    const std::string name = verb == Verb::create   ? "create"
                             : verb == Verb::remove ? "delete"
                                                    : "patch";
    if (object()) api.store().remove(view(), kKey);
    if (verb != Verb::create) put();
    WriteSpec dry = spec(Verb::remove);
    dry.dry_run = true;
    write(dry);  // leaves an idle connection
    ASSERT_EQ(api.connections(), 1U);
    const std::uint64_t accepted = api.accepted();
    api.forget_seen();
    lose_answer(name);
    WriteSpec one = spec(verb);
    one.force = verb == Verb::apply;
    EXPECT_TRUE(write(one).ok());
    EXPECT_EQ(asked(name), 1) << name;
    EXPECT_EQ(api.accepted(), accepted + 1) << "for the read";
  }
}

TEST_F(FaultWrite, S03ACreateWhoseAnswerIsLostIsLookedAtAndNeverSentAgain) {
  lose_answer("create");
  const WriteOutcome found = write(spec(Verb::create));
  EXPECT_EQ(found.result, Result::created);
  EXPECT_TRUE(found.verified);
  EXPECT_NE(found.object.find("\"color\":\"blue\""), std::string::npos);
  EXPECT_EQ(asked("create"), 1);
  EXPECT_EQ(asked("get"), 1);
  // Another one of that name is there.
  lose_answer("create");
  const WriteOutcome other = write(spec(Verb::create, R"({"color":"green"})"));
  ASSERT_EQ(other.result, Result::ambiguous);
  EXPECT_TRUE(other.object.empty());
  EXPECT_NE(other.failure->message.find("not what was to be created"), std::string::npos)
      << other.failure->message;
  // It did not arrive: only when the API server would have given it up, it counts as not made.
  api.store().remove(view(), kKey);
  api.forget_seen();
  fault({.cut = true}, "create");
  const WriteOutcome absent = write(spec(Verb::create));
  ASSERT_EQ(absent.result, Result::failed);
  EXPECT_EQ(absent.evidence, Evidence::absent);
  EXPECT_NE(absent.failure->message.find("the object does not exist"), std::string::npos);
  EXPECT_GE(took, kube::kWriteServerTime);
  EXPECT_EQ(asked("create"), 1);
  // Without a name there is nothing to look for.
  WriteSpec unnamed = spec(Verb::create);
  unnamed.name.clear();
  unnamed.body = R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"generateName":"s-"}})";
  lose_answer("create");
  EXPECT_EQ(write(unnamed).result, Result::ambiguous);
}

TEST_F(FaultWrite, S04ADeleteThatWasDoneBeforeItsAnswerWasLostIsASuccess) {
  put();
  WriteSpec gone = spec(Verb::remove);
  gone.uid = object()->uid;
  lose_answer("delete");
  const WriteOutcome out = write(gone);
  EXPECT_EQ(out.result, Result::already_gone);
  EXPECT_EQ(out.evidence, Evidence::deletion);
  EXPECT_TRUE(out.ok());
  EXPECT_EQ(asked("delete"), 1);
  EXPECT_EQ(asked("get"), 1);
  // The first attempt's 404 is a failure like any other.
  const WriteOutcome never = write(spec(Verb::remove));
  ASSERT_EQ(never.result, Result::failed);
  EXPECT_EQ(never.failure->status, 404);
  // Still there: with a uid it is the same object, and a deletion cannot be undone.
  put();
  gone.uid = object()->uid;
  fault({.cut = true}, "delete");
  const WriteOutcome stays = write(gone);
  ASSERT_EQ(stays.result, Result::failed);
  EXPECT_EQ(stays.evidence, Evidence::deletion);
  EXPECT_GE(took, kube::kWriteServerTime);
  // Without one it may be another of that name.
  fault({.cut = true}, "delete");
  EXPECT_EQ(write(spec(Verb::remove)).result, Result::ambiguous);
}

// Bug: the look after a lost answer took any Status 404 for the deletion.
TEST_F(FaultWrite, S04ALookThatFindsSomethingElseMissingProvesNoDeletion) {
  put();
  WriteSpec gone = spec(Verb::remove);
  gone.uid = object()->uid;
  fault({.cut = true}, "delete");
  AnswerFault other;
  other.match.count = 1000;
  other.answer = sim::refuse({.code = 404,
                              .reason = "NotFound",
                              .message = "the server could not find the requested resource"});
  fault(other, "get");
  EXPECT_FALSE(write(gone).ok());
  EXPECT_TRUE(object());
}

TEST_F(FaultWrite, S05ADeleteOfWhatWasRecreatedLeavesTheNewObjectAlone) {
  put();
  WriteSpec old = spec(Verb::remove);
  old.uid = object()->uid;
  api.store().remove(view(), kKey);
  put();
  const WriteOutcome out = write(old);
  ASSERT_EQ(out.result, Result::failed);
  EXPECT_EQ(out.failure->status, 409);
  EXPECT_EQ(color(), "red") << "the new one is safe";
  // The same, recreated before the object is looked at: what was to go is gone.
  old.uid = object()->uid;
  lose_answer("delete");
  fault({.delay = seconds(1)}, "get");
  kube::WriteCall call(loop, *client, told());
  outcome.reset();
  call.start(old);
  ASSERT_TRUE(run_until([&] { return !object(); }));
  put();
  ASSERT_TRUE(run_until([&] { return outcome.has_value(); }));
  EXPECT_EQ(outcome->result, Result::already_gone);
  EXPECT_TRUE(outcome->object.empty());
  EXPECT_EQ(color(), "red");
}

TEST_F(FaultWrite, PreconditionsAreCheckedByTheServerAndDecideAfterALostAnswer) {
  put();
  const std::string uid = object()->uid, version = std::to_string(object()->version);
  for (const Verb verb : {Verb::merge_patch, Verb::apply, Verb::remove}) {
    WriteSpec stale = spec(verb);
    stale.force = verb == Verb::apply;
    stale.resource_version = "1";
    const WriteOutcome old = write(stale);
    ASSERT_EQ(old.result, Result::failed);
    EXPECT_EQ(old.failure->status, 409);
    EXPECT_TRUE(old.stale);
    stale.resource_version.clear();
    stale.uid = "another";
    const WriteOutcome other = write(stale);
    ASSERT_EQ(other.result, Result::failed);
    EXPECT_EQ(other.failure->status, verb == Verb::remove ? 409 : 422);
    EXPECT_TRUE(other.stale);
  }
  EXPECT_EQ(std::to_string(object()->version), version);
  // Another write came between: ours cannot be executed any more, so there is nothing to wait for.
  WriteSpec patch = spec(Verb::merge_patch);
  patch.before = view().json(*object());
  patch.uid = uid;
  patch.resource_version = version;
  patch.body = R"({"data":{"size":"1"}})";
  others_write(R"({"data":{"color":"white"}})");
  fault({.cut = true}, "patch");
  WriteSpec remove = spec(Verb::remove);
  remove.uid = uid;
  remove.resource_version = version;
  const WriteOutcome raced = write(patch);
  EXPECT_FALSE(raced.ok());
  fault({.cut = true}, "delete");
  const WriteOutcome kept = write(remove);
  ASSERT_EQ(kept.result, Result::failed);
  EXPECT_EQ(kept.evidence, Evidence::superseded);
  EXPECT_TRUE(kept.stale);
  EXPECT_LT(took, seconds(1));
  // In the version that was looked at, all is well.
  patch.resource_version = remove.resource_version = std::to_string(object()->version);
  EXPECT_EQ(write(patch).result, Result::changed);
  remove.resource_version = std::to_string(object()->version);
  EXPECT_EQ(write(remove).result, Result::deleted);
}

TEST_F(FaultWrite, S06ADeleteThatFinalizersHoldIsAcceptedAndNotGone) {
  put(R"(,"finalizers":["example.test/wait"])");
  const WriteOutcome out = write(spec(Verb::remove));
  EXPECT_EQ(out.result, Result::accepted);
  EXPECT_NE(out.object.find("deletionTimestamp"), std::string::npos);
  ASSERT_NE(object(), nullptr);
  others_write(R"({"metadata":{"finalizers":null}})");
  EXPECT_EQ(object(), nullptr) << "its end is for the watch to see";
  put();
  WriteSpec foreground = spec(Verb::remove);
  foreground.propagation = WriteSpec::Propagation::foreground;
  EXPECT_EQ(write(foreground).result, Result::accepted);
  // Without a finalizer it is gone.
  others_write(R"({"metadata":{"finalizers":null}})");
  put();
  EXPECT_EQ(write(spec(Verb::remove)).result, Result::deleted);
}

TEST_F(FaultWrite, S07AGatewayTimeoutIsVerifiedAndNotBlindlyRepeated) {
  put();
  fault({.answer = gateway_timeout(), .executed = true}, "patch");
  const WriteOutcome done = write(spec(Verb::merge_patch, R"({"color":"green","old":null})"));
  EXPECT_EQ(done.result, Result::changed);
  EXPECT_TRUE(done.verified);
  EXPECT_EQ(asked("patch"), 1);
  fault({.answer = gateway_timeout()}, "patch");
  const WriteOutcome not_yet = write(spec(Verb::merge_patch, R"({"color":"white"})"));
  ASSERT_EQ(not_yet.result, Result::ambiguous) << "nothing is known of the object before";
  EXPECT_EQ(not_yet.failure->status, 504);
  EXPECT_EQ(asked("patch"), 2);
  // A proxy's page, though it says when to come again.
  sim::Answer page;
  page.status = 503;
  page.type = "text/html";
  page.body = "<html>try again</html>";
  page.extra = "Retry-After: 1\r\n";
  api.forget_seen();
  fault({.answer = page, .executed = true}, "patch");
  EXPECT_EQ(write(spec(Verb::merge_patch, R"({"color":"black"})")).result, Result::changed);
  EXPECT_EQ(asked("patch"), 1);
}

TEST_F(FaultWrite, S08WhatTheServerCannotTakeIsToldAndNotTriedAgain) {
  put();
  const struct {
    int code;
    const char* reason;
  } cases[] = {{413, "RequestEntityTooLarge"},
               {415, "UnsupportedMediaType"},
               {406, "NotAcceptable"},
               {405, "MethodNotAllowed"},
               {422, "Invalid"},
               {403, "Forbidden"}};
  for (const auto& c : cases) {
    for (const Verb verb : {Verb::apply, Verb::create, Verb::merge_patch, Verb::remove}) {
      api.forget_seen();
      api.faults().clear();
      const std::string name = verb == Verb::create   ? "create"
                               : verb == Verb::remove ? "delete"
                                                      : "patch";
      fault({.answer = sim::refuse({.code = c.code, .reason = c.reason, .message = "no"})}, name);
      const WriteOutcome out = write(spec(verb));
      ASSERT_EQ(out.result, Result::failed);
      EXPECT_EQ(out.failure->status, c.code);
      EXPECT_EQ(asked(""), 1);
    }
  }
  EXPECT_EQ(color(), "red");
}

TEST_F(FaultWrite, S09WarningsAreKeptOnceEachAndBounded) {
  put();
  AnswerFault one;
  for (int i = 0; i < 50; ++i) {
    const std::string text = "warning " + std::to_string(i % 25) + " ";
    one.extra += "Warning: 299 - \"" + text + std::string(10 * 1024, 'w') + "\"\r\n";
  }
  fault(one, "patch");
  const WriteOutcome out = write(spec(Verb::merge_patch, R"({"color":"green"})"));
  EXPECT_EQ(out.result, Result::changed) << "half a megabyte of warnings does not hide the answer";
  EXPECT_EQ(out.warnings.size(), kube::kWarningsKept);
  for (const std::string& warning : out.warnings)
    EXPECT_LE(warning.size(), kube::kWarningBytes);
  EXPECT_GT(out.warnings_dropped, 0U);
  AnswerFault few;
  few.extra =
      "Warning: 299 - \"unknown field \\\"spec.colour\\\"\", 299 k8s \"second\" \"Wed, 21 Oct "
      "2015 07:28:00 GMT\"\r\nWarning: 299 - \"second\"\r\nWarning: 199 - \"not ours\"\r\n"
      "Warning: nonsense\r\nWarning: 299 - \"no end\r\n";
  fault(few, "patch");
  EXPECT_EQ(write(spec(Verb::merge_patch)).warnings,
            (std::vector<std::string>{"unknown field \"spec.colour\"", "second"}));
}

// k0rdent's reason for refusing an upgrade is only there.
TEST_F(FaultWrite, S09WarningsOfARefusalAreKept) {
  put();
  sim::Admission hook;
  hook.decide = [](const sim::AdmissionReview& what) -> std::optional<sim::Status> {
    what.warnings->push_back("from \"a\" to b is not allowed");
    return sim::webhook_denied("x.example.test", "forbidden");
  };
  api.admissions().add(hook);
  const WriteOutcome out = write(spec(Verb::merge_patch));
  ASSERT_EQ(out.result, Result::failed);
  EXPECT_EQ(out.failure->status, 403);
  EXPECT_EQ(out.warnings, std::vector<std::string>{"from \"a\" to b is not allowed"});
  EXPECT_EQ(color(), "red");
}

TEST_F(FaultWrite, S10OverloadInPlainTextIsWaitedForAsLongAsItSays) {
  const auto overloaded = [](const char* after) {
    sim::Answer answer;
    answer.status = 429;
    answer.type = "text/plain; charset=utf-8";
    answer.body = "Too many requests, please try again later.\n";
    if (*after) answer.extra = std::string("Retry-After: ") + after + "\r\n";
    return answer;
  };
  fault({.match = {.count = 2}, .answer = overloaded("7")}, "create");
  EXPECT_EQ(write(spec(Verb::create)).result, Result::created) << "it was never executed";
  EXPECT_GE(took, seconds(14));
  EXPECT_LT(took, seconds(15));
  EXPECT_EQ(asked("create"), 3);
  // Longer than anybody waits, for ever, or without a time: told as what it is.
  for (const char* after : {"120", "1", ""}) {
    api.forget_seen();
    api.faults().clear();
    fault({.match = {.count = 100}, .answer = overloaded(after)}, "patch");
    const WriteOutcome out = write(spec(Verb::merge_patch));
    ASSERT_EQ(out.result, Result::failed);
    EXPECT_EQ(out.failure->status, 429);
    EXPECT_NE(out.failure->message.find("Too many requests"), std::string::npos);
    EXPECT_EQ(asked("patch"), after == std::string("1") ? 1 + kube::kWriteThrottles : 1);
  }
}

// Not of the catalogue, but of the same contract.

TEST_F(FaultWrite, TheServerIsToldWhenToGiveUpAndItsAuditIdIsKept) {
  put();
  AnswerFault one;
  one.extra = "Audit-Id: 0c1d\r\n";
  for (const Verb verb : {Verb::apply, Verb::merge_patch, Verb::remove, Verb::create}) {
    fault(one, verb == Verb::create ? "create" : verb == Verb::remove ? "delete" : "patch");
    WriteSpec what = spec(verb);
    what.force = verb == Verb::apply;
    what.audit_id = "ours";
    EXPECT_EQ(write(what).audit_id, "0c1d");
    EXPECT_NE(api.seen().back().query.find("timeout=25s"), std::string::npos);
  }
  api.stop();
  WriteSpec away = spec(Verb::remove);
  away.audit_id = "ours";
  EXPECT_EQ(write(away).audit_id, "ours");
}

TEST_F(FaultWrite, WhatCannotBeRightIsRefusedWithoutARequest) {
  const auto error = [&](const std::function<void(WriteSpec&)>& change, Verb verb = Verb::apply) {
    WriteSpec one = spec(verb);
    change(one);
    const WriteOutcome out = write(one);
    EXPECT_EQ(out.result, Result::failed);
    return out.failure ? out.failure->message : "";
  };
  EXPECT_EQ(error([](auto& s) { s.field_manager.clear(); }), "no field manager");
  EXPECT_NE(error([](auto& s) { s.field_manager = std::string(129, 'm'); }).find("128"),
            std::string::npos);
  EXPECT_NE(error([](auto& s) { s.field_manager = "a\r\nb"; }).find("printable"),
            std::string::npos);
  EXPECT_EQ(error([](auto& s) { s.name = "other"; }),
            "the body's metadata.name is \"settings\", it must be \"other\"");
  EXPECT_EQ(error([](auto& s) { s.resource.version = "v2"; }),
            "the body's apiVersion is \"v1\", it must be \"v2\"");
  EXPECT_EQ(error([](auto& s) { s.body = "[]"; }), "the body is not a JSON object");
  EXPECT_NE(error([](auto& s) { s.name = "../x"; }, Verb::remove).find("path"), std::string::npos);
  EXPECT_EQ(error([](auto& s) { s.force = true; }, Verb::create), "only an apply can be forced");
  EXPECT_EQ(error([](auto& s) { s.uid = "u"; }, Verb::create), "a create has no preconditions");
  EXPECT_EQ(error([](auto& s) { s.subresource = "scale"; }),
            "only a merge patch can be of a subresource");
  EXPECT_EQ(error(
                [](auto& s) {
                  s.resource_version = "7";
                  s.body = R"({"metadata":{"resourceVersion":"8"}})";
                },
                Verb::merge_patch),
            "the body's metadata.resourceVersion is \"8\", it must be \"7\"");
  EXPECT_EQ(asked(""), 0);
}

TEST_F(FaultWrite, ATrialChangesNothingAndMayBeRepeated) {
  put();
  for (const Verb verb : {Verb::apply, Verb::merge_patch, Verb::remove}) {
    WriteSpec dry = spec(verb);
    dry.dry_run = true;
    dry.force = verb == Verb::apply;
    fault({.cut = true}, verb == Verb::remove ? "delete" : "patch");
    EXPECT_TRUE(write(dry).ok());
    EXPECT_EQ(color(), "red");
  }
}

TEST_F(FaultWrite, AServerThatIsAwayIsAFailureAndNotADoubt) {
  api.stop();
  for (const Verb verb : {Verb::apply, Verb::create, Verb::remove}) {
    const WriteOutcome out = write(spec(verb));
    ASSERT_EQ(out.result, Result::failed);
    EXPECT_EQ(out.evidence, Evidence::unsent);
    EXPECT_TRUE(out.failure->unsent);
  }
}

TEST_F(FaultWrite, ItMayBeCancelledOrFreedAtAnyTime) {
  put();
  for (int turns = 0; turns < 40; ++turns) {
    lose_answer("patch");
    auto call = std::make_unique<kube::WriteCall>(loop, *client, told());
    call->start(spec(Verb::merge_patch));
    for (int i = 0; i < turns && !outcome; ++i)
      loop.run_once();
    const bool over = outcome.has_value();
    turns % 2 ? call.reset() : call->cancel();
    pass(base::minutes(2));
    EXPECT_EQ(outcome.has_value(), over);
    outcome.reset();
    api.faults().clear();
  }
}

TEST(WriteShows, WhatWasSentIsThereWhateverTheServerAdded) {
  const auto shows = [](const char* live, const char* sent) {
    base::json::Document a, b;
    return kube::shows(*a.parse(live), *b.parse(sent));
  };
  const char* live = R"({"metadata":{"name":"a","resourceVersion":"9","labels":{"x":"1","y":"2"}},)"
                     R"("spec":{"n":2,"list":[{"a":1,"b":2}],"on":true},"status":{"ok":true}})";
  EXPECT_TRUE(shows(live, R"({"metadata":{"name":"a","labels":{"x":"1"}}})"));
  EXPECT_TRUE(shows(live, R"({"metadata":{"resourceVersion":"3"},"status":{"ok":false}})"));
  EXPECT_TRUE(shows(live, R"({"spec":{"n":2.0,"list":[{"a":1}],"gone":null}})"));
  EXPECT_FALSE(shows(live, R"({"spec":{"n":3}})"));
  EXPECT_FALSE(shows(live, R"({"spec":{"on":null}})"));
  EXPECT_FALSE(shows(live, R"({"spec":{"list":[{"a":1},{"a":2}]}})"));
  EXPECT_FALSE(shows(live, R"({"metadata":{"labels":{"z":"1"}}})"));
  EXPECT_FALSE(shows(live, R"({"data":{}})"));
}

}  // namespace
