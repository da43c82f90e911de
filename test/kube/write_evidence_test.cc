// What an object shows of a write whose answer was lost.
#include "kube/write_evidence.h"

#include <chrono>

#include <gtest/gtest.h>

namespace {

using kube::Finding;
using kube::WriteSpec;
using Verb = kube::WriteSpec::Verb;

// An object of team-a/settings: `fields` is our manager's fieldsV1, "" for no entry of ours.
std::string object(const std::string& version, const std::string& spec,
                   const std::string& fields = {}, const std::string& operation = "Apply",
                   int generation = 1, const std::string& time = "2026-01-01T00:00:00Z") {
  std::string out = R"({"apiVersion":"v1","kind":"Thing","metadata":{"name":"x","uid":"u1",)"
                    R"("resourceVersion":")" +
                    version + R"(","generation":)" + std::to_string(generation) +
                    R"(,"managedFields":[{"manager":"other","operation":"Update",)"
                    R"("fieldsV1":{"f:spec":{"f:theirs":{}}}})";
  if (!fields.empty()) {
    out += R"(,{"manager":"we","operation":")" + operation + R"(","time":")" + time +
           R"(","fieldsV1":)" + fields + "}";
  }
  return out + R"(]},"spec":)" + spec + "}";
}

WriteSpec spec(Verb verb, const std::string& body, const std::string& before = {}) {
  WriteSpec out;
  out.verb = verb;
  out.resource = {"", "v1", "things"};
  out.ns = "team-a";
  out.name = "x";
  out.field_manager = "we";
  out.body = body;
  out.before = before;
  return out;
}

std::string apply_of(const std::string& inner) {
  return R"({"apiVersion":"v1","kind":"Thing","metadata":{"name":"x"},"spec":)" + inner + "}";
}

// "made owner", "not_made version may_come"
std::string judge(const WriteSpec& write, const std::string& live) {
  base::json::Document doc;
  const Finding is =
      kube::judge_write(write, live.empty() ? base::json::Value() : *doc.parse(live));
  constexpr const char* kVerdicts[] = {"made ", "not_made ", "unclear "};
  std::string out = kVerdicts[static_cast<int>(is.verdict)];
  out += kube::to_string(is.evidence);
  return is.may_come ? out + " may_come" : out;
}

constexpr const char* kA = R"({"f:spec":{"f:a":{}}})";
constexpr const char* kAB = R"({"f:spec":{"f:a":{},"f:b":{}}})";

TEST(WriteEvidence, AnApplyIsMadeWhenItsManagerOwnsItsFieldsAndNoOthers) {
  const WriteSpec write = spec(Verb::apply, apply_of(R"({"a":2})"), object("5", R"({"a":1})", kA));
  EXPECT_EQ(judge(write, object("6", R"({"a":2})", kA)), "made owner");
  EXPECT_EQ(judge(write, object("5", R"({"a":1})", kA)), "not_made version may_come");
  // A field that was left out and is still owned: the apply that removes it has not been executed.
  const WriteSpec removes =
      spec(Verb::apply, apply_of(R"({"a":1})"), object("5", R"({"a":1,"b":1})", kAB));
  EXPECT_EQ(judge(removes, object("5", R"({"a":1,"b":1})", kAB)), "not_made version may_come");
  EXPECT_EQ(judge(removes, object("6", R"({"a":1})", kA)), "made owner");
  // The values are there, but another's hand put them there.
  const WriteSpec fresh = spec(Verb::apply, apply_of(R"({"a":2})"), object("5", R"({"a":1})"));
  EXPECT_EQ(judge(fresh, object("6", R"({"a":2})")), "not_made owner may_come");
  EXPECT_EQ(judge(fresh, object("6", R"({"a":2})", kA, "Update")), "not_made owner may_come");
}

TEST(WriteEvidence, AnEntryThatIsThatFromBeforeTellsThatAnApplyWasNotExecuted) {
  const std::string before = object("5", R"({"a":1})", kA);
  WriteSpec write = spec(Verb::apply, apply_of(R"({"a":2})"), before);
  const std::string theirs = object("6", R"({"a":1,"theirs":1})", kA);
  EXPECT_EQ(judge(write, theirs), "not_made owner may_come");
  write.resource_version = "5";
  EXPECT_EQ(judge(write, theirs), "not_made superseded");
  // The entry is newer: it may have been executed, and another's write came after it.
  EXPECT_EQ(judge(write, object("7", R"({"a":3})", kA, "Apply", 2, "2026-01-01T00:00:09Z")),
            "unclear none");
  write.resource_version.clear();
  EXPECT_EQ(judge(write, object("7", R"({"a":3})", kA, "Apply", 2, "2026-01-01T00:00:09Z")),
            "unclear none may_come");
  write.before.clear();
  EXPECT_EQ(judge(write, theirs), "unclear none may_come") << "nothing to compare with";
}

TEST(WriteEvidence, ElementsOfListsAreComparedByTheirKeysAndTheirNeighboursDoNotCount) {
  const WriteSpec write = spec(
      Verb::apply, apply_of(R"({"services":[{"name":"a","namespace":"n","v":1}],"set":["p"]})"));
  const std::string ours =
      R"({"f:spec":{"f:services":{"k:{\"name\":\"a\",\"namespace\":\"n\"}":{".":{},"f:name":{},)"
      R"("f:namespace":{},"f:v":{}}},"f:set":{"v:\"p\"":{}}}})";
  const auto live = [](const char* v, const char* set) {
    return std::string(R"({"services":[{"name":"z","namespace":"n","v":9},)") +
           R"({"name":"a","namespace":"n","v":)" + v + R"(}],"set":)" + set + "}";
  };
  EXPECT_EQ(judge(write, object("6", live("1", R"(["q","p"])"), ours)), "made owner");
  EXPECT_EQ(judge(write, object("6", live("2", R"(["q","p"])"), ours)), "unclear none may_come");
  EXPECT_EQ(judge(write, object("6", live("1", R"(["q"])"), ours)), "unclear none may_come");
  const WriteSpec fewer = spec(Verb::apply, apply_of(R"({"set":["p"]})"));
  EXPECT_EQ(judge(fewer, object("6", live("1", R"(["q","p"])"), ours)), "unclear none may_come")
      << "the entry of a service is still owned";
}

// A key that the intent leaves to its default fits any name, but its own element fits better.
TEST(WriteEvidence, AnElementWithAllKeysIsMeantBeforeOneThatLeavesOneToItsDefault) {
  const WriteSpec write =
      spec(Verb::apply, apply_of(R"({"ports":[{"port":53},{"port":53,"protocol":"ACP"}]})"));
  const std::string ours =
      R"({"f:spec":{"f:ports":{"k:{\"port\":53,\"protocol\":\"ACP\"}":{".":{},"f:port":{},"f:protocol":{}},)"
      R"("k:{\"port\":53,\"protocol\":\"TCP\"}":{".":{},"f:port":{}}}}})";
  EXPECT_EQ(
      judge(write,
            object("6", R"({"ports":[{"port":53,"protocol":"TCP"},{"port":53,"protocol":"ACP"}]})",
                   ours)),
      "made owner");
}

// Found by reading: each name was compared with each element. Half of them leave a key to its default.
TEST(WriteEvidence, ManyElementsTakeNoSquareOfComparing) {
  std::string wished, there, names;
  for (int i = 0; i < 20000; ++i) {
    const std::string port = std::to_string(i), comma = i == 0 ? "" : ",";
    const std::string whole = R"({"port":)" + port + R"(,"protocol":"TCP"})";
    wished += comma + (i % 2 == 0 ? whole : R"({"port":)" + port + "}");
    there += comma + whole;
    names += comma + R"("k:{\"port\":)" + port + R"(,\"protocol\":\"TCP\"}":{".":{},"f:port":{})" +
             (i % 2 == 0 ? R"(,"f:protocol":{}})" : "}");
  }
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(judge(spec(Verb::apply, apply_of(R"({"l":[)" + wished + "]}")),
                  object("6", R"({"l":[)" + there + "]}", R"({"f:spec":{"f:l":{)" + names + "}}}")),
            "made owner");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

// Names of two elements that are equal but for what was left to its default mean one each.
TEST(WriteEvidence, AnElementIsMeantByOneName) {
  const std::string ours =
      R"({"f:spec":{"f:l":{"k:{\"a\":1,\"b\":1}":{"f:a":{}},"k:{\"a\":1,\"b\":2}":{"f:a":{}}}}})";
  const std::string live = R"({"l":[{"a":1,"b":1},{"a":1,"b":2}]})";
  EXPECT_EQ(
      judge(spec(Verb::apply, apply_of(R"({"l":[{"a":1},{"a":1}]})")), object("6", live, ours)),
      "made owner");
  EXPECT_EQ(judge(spec(Verb::apply, apply_of(R"({"l":[{"a":1},{"a":1},{"a":1}]})")),
                  object("6", live, ours)),
            "unclear none may_come");
}

TEST(WriteEvidence, AMergePatchIsJudgedByWhatItSays) {
  const std::string before = object("5", R"({"a":1})", kA, "Update");
  WriteSpec write = spec(Verb::merge_patch, R"({"spec":{"a":2}})", before);
  EXPECT_EQ(judge(write, object("6", R"({"a":2})", kA, "Update", 2, "2026-01-01T00:00:09Z")),
            "made owner");
  EXPECT_EQ(judge(write, object("6", R"({"a":2})")), "made content");
  EXPECT_EQ(judge(write, before), "not_made version may_come");
  EXPECT_EQ(judge(write, object("6", R"({"a":1,"z":1})", kA, "Update", 2)),
            "not_made owner may_come");
  EXPECT_EQ(judge(write, ""), "not_made absent");
  write.resource_version = "5";
  EXPECT_EQ(judge(write, object("6", R"({"a":1,"z":1})", kA, "Update", 2)), "not_made superseded");
  // A patch that only removes leaves no entry, so the entry proves nothing; the generation does.
  WriteSpec removes = spec(Verb::merge_patch, R"({"spec":{"a":null}})", before);
  EXPECT_EQ(judge(removes, object("6", R"({"z":1})", kA, "Update", 2)), "made content");
  EXPECT_EQ(judge(removes, object("6", R"({"a":1,"z":1})", kA, "Update", 2)),
            "unclear none may_come");
  EXPECT_EQ(judge(removes, object("6", R"({"a":1})", kA, "Update")),
            "not_made generation may_come");
  WriteSpec label =
      spec(Verb::merge_patch, R"({"metadata":{"labels":{"l":null}}})", object("5", R"({"a":1})"));
  std::string labelled = object("6", R"({"a":1})");
  labelled.replace(labelled.find(R"("uid")"), 0, R"("labels":{"l":"1"},)");
  EXPECT_EQ(judge(label, labelled), "unclear none may_come")
      << "labels do not count for the generation";
  removes.uid = "u0";
  EXPECT_EQ(judge(removes, object("6", R"({"a":1})")), "not_made superseded");
}

TEST(WriteEvidence, ACreateIsMadeByItsManagerOnly) {
  const WriteSpec write = spec(Verb::create, apply_of(R"({"a":1})"));
  EXPECT_EQ(judge(write, object("6", R"({"a":1,"d":0})", kA, "Update")), "made owner");
  EXPECT_EQ(judge(write, object("6", R"({"a":1})")), "not_made owner");
  EXPECT_EQ(judge(write, object("6", R"({"a":7})", kA, "Update")), "unclear none");
  EXPECT_EQ(judge(write, ""), "not_made absent may_come");
}

TEST(WriteEvidence, ARemovalIsJudgedByUidAndDeletionTimestamp) {
  WriteSpec write = spec(Verb::remove, "");
  std::string going = object("6", "{}");
  going.replace(going.find(R"("uid")"), 0, R"("deletionTimestamp":"2026-01-01T00:00:00Z",)");
  EXPECT_EQ(judge(write, ""), "made deletion");
  EXPECT_EQ(judge(write, going), "made deletion");
  EXPECT_EQ(judge(write, object("6", "{}")), "unclear none may_come");
  write.uid = "u1";
  EXPECT_EQ(judge(write, object("6", "{}")), "not_made deletion may_come");
  write.resource_version = "5";
  EXPECT_EQ(judge(write, object("6", "{}")), "not_made superseded");
  write.uid = "u0";
  EXPECT_EQ(judge(write, object("6", "{}")), "made deletion");
}

TEST(WriteEvidence, AnApplyThatMayNotCreateIsOverWhenTheObjectIsGone) {
  WriteSpec write = spec(Verb::apply, apply_of(R"({"a":1})"));
  EXPECT_EQ(judge(write, ""), "not_made absent may_come");
  write.uid = "u1";
  EXPECT_EQ(judge(write, ""), "not_made absent");
}

}  // namespace
