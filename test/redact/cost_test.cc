// What a text costs, whatever it holds: its length decides, not what a tenant has written into it.
#include <algorithm>
#include <ctime>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "redact/anchors.h"
#include "redact/masking.h"
#include "redact/redactor.h"
#include "redact/tokens.h"
#include "redact/work.h"

namespace {

std::string repeated(std::string_view part, std::size_t size) {
  std::string out;
  while (out.size() < size)
    out += part;
  return out;
}

std::string in_message(std::string_view text) {
  std::string out = R"({"text":)";
  base::json::append_string(out, text);
  return out + "}";
}

// Quotes that more and more backslashes escape: each is open up to the end of the text.
std::string open_quotes(std::size_t size) {
  std::string out;
  for (std::size_t i = 0; out.size() < size; ++i)
    out += "fooKey:" + std::string(i, '\\') + '"';
  return out;
}

double processor_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return double(now.tv_sec) + double(now.tv_nsec) / 1e9;
}

class RedactorCost : public ::testing::Test {
 protected:
  // Both ways by which a text reaches a client.
  void clean(const std::string& text) {
    std::string out;
    redactor.text(text, out);
    redactor.body(in_message(text), out);
  }
  double seconds(const std::string& text) {
    const double begin = processor_seconds();
    clean(text);
    return processor_seconds() - begin;
  }
  // Four times the text takes four times as long. Only what takes long is measured twice.
  void expect_linear(const std::string& part) {
    constexpr std::size_t kShort = 8 * 1024;
    constexpr double kShortTime = 0.01, kMost = 9;
    const std::string text = repeated(part, kShort), longer = repeated(part, 4 * kShort);
    double ratio = 0;
    for (int i = 0; i < 3; ++i) {
      const double took = seconds(longer);
      if (took < kShortTime) return;
      ratio = took / seconds(text);
      if (ratio < kMost) return;
    }
    ADD_FAILURE() << part << ": four times the text takes " << ratio << " times as long";
  }
  redact::Redactor redactor;
};

// Bug: 100 KB in an annotation, or a line of a log, held the loop for seconds. Each anchor and each
// beginning of a token, over and over.
TEST_F(RedactorCost, NothingThatBeginsASecretCostsMoreTheMoreThereIsOfIt) {
  std::vector<std::string> parts = redact::Anchors::all().words();
  for (const std::string_view prefix : redact::token_prefixes())
    parts.emplace_back(prefix);
  EXPECT_GT(parts.size(), 200U);
  for (const std::string& part : parts)
    expect_linear(part);
}

TEST_F(RedactorCost, NothingThatLooksLikeTheBeginningOfAnythingDoes) {
  for (const std::string part :
       {"a:b@tcp(",
        "@tcp(",
        R"("kind":"Secret" "data":{"a":"b")",
        R"("kind":"Secret" "data":{"a":)",
        "eyJhbGci.",
        "-----END PRIVATE KEY-----\n",
        "-----BEGIN PRIVATE KEY-----!\\\\\\\\",
        "kind: Secret\n",
        "  kind: Secret\n",
        "kind: Secret\nstringData:\n a: b\n",
        "a=1&password=",
        "password: # ",
        "AKIAIOSFODNN7EXAMPLE ",
        "passwords:\n",
        "passwords: {",
        "passwords: [a, ",
        "- name: A_PASSWORD\n",
        "{name: A_PASSWORD, ",
        "encryption:\n  key:\n",
        "  keys: ",
        "{kind: Secret, ",
        "kind: &a Secret\ndata: {",
        "stringData: {",
        "stringData:\n ",
        "type: kubernetes.io/tls\n",
        "cGFzc3dvcmQgcGFzc3dvcmQg",
        "QUJDREVGR0hJSktMTU5PUFFS ",
        "/AKIAIOSFODNN7EXAMPLE",
        "Authorization: Bearer\n",
        "password: '",
        R"("{\"password\":)",
        "password: |",
        "fooKey=",
        "fooKey%3D",
        "fooKey: \"",
        "auth=",
        "Cookie: vault:",
        "password=vault:",
        "password=${",
        "passwordredacted=",
        "aaaa8Q~",
        "a://b:c",
        "/eyJh",
        "-----BEGIN ",
        "<redacted:",
        "passpasspasspass ",
        R"("pub pass pass )",
        "YXBpVmVyc2lvbjogYXBpVmVyc2lvbjogYXBpVmVyc2lvbjogYXBpVmVyc2lvbjog\n"}) {
    expect_linear(part);
  }
}

TEST_F(RedactorCost, ALongRunBehindANameIsReadOnce) {
  for (const std::string begin :
       {"password=", "name: DB_PASSWORD", "Authorization: ", "-----BEGIN PRIVATE KEY-----!",
        R"("kind":"Secret","data":{)", "password", "x: passpasspass", "AKIAIOSFODNN7EXAMPLE"}) {
    for (const char c : std::string_view("\\ -\"'a?=:\t/1A[\n"))
      EXPECT_LT(seconds(begin + std::string(64 * 1024, c)), 1) << begin << c;
  }
}

// A limit for what no list of parts has.
TEST_F(RedactorCost, ATextThatWouldCostTooMuchIsMaskedWhole) {
  const std::string text = "before " + open_quotes(256 * 1024);
  std::string out, again;
  ASSERT_TRUE(redactor.text(text, out));
  EXPECT_TRUE(out.starts_with("<redacted:" + std::to_string(text.size()) + "B:")) << out.size();
  EXPECT_LT(out.size(), 50U);
  EXPECT_FALSE(redactor.text(out, again));
  EXPECT_FALSE(redactor.is_clean(in_message(text)));
  const std::size_t before = redact::work;
  clean(text);
  EXPECT_LT(redact::work - before, 6 * redact::most_work(text.size()));
  EXPECT_LT(redact::most_work(1024 * 1024), 5'000'000U) << "some 20 ms";
}

// Bug: a large object was masked in one turn of the loop, which took up to 160 ms.
TEST_F(RedactorCost, ALargeObjectIsMaskedInStepsAsInOne) {
  const auto numbered = [](std::string_view begin, std::string_view part, std::string_view end) {
    std::string out(begin);
    for (std::size_t i = 0; out.size() < 400'000; ++i) {
      std::string each(part);
      while (each.find('#') != each.npos)
        each.replace(each.find('#'), 1, std::to_string(i));
      out.append(i == 0 ? "" : ",").append(each);
    }
    return out.append(end);
  };
  for (
      const std::string& json : {
          numbered(R"({"data":{)", R"("k#":"v")", R"(},"password":"hunter2"})"),
          numbered(R"({"data":{)", R"("passwordSecretName#":"v")", "}}"),
          numbered(R"({"data":{)", R"("password#":"hunter2")", "}}"),
          numbered(R"({"kind":"Secret","data":{)", R"("k#":"aHVudGVyMg==")", "}}"),
          numbered(R"({"env":[)", R"({"name":"DB_PASS","value":"b#"})", "]}"),
          numbered(R"({"env":[)", R"({"name":"a","value":[{"key":"c","token":"t#"}]})", "]}"),
          numbered(R"({"args":[)", R"("--token","x#",["--a",{"b":-1.50}])", "]}"),
          numbered(R"({"data":{)", R"("k#":"mySecretKeyRef authToken #")", "}}"),
          // Anchors side by side: a step that begins at the second must not look at the first again.
          numbered(R"({"data":{)", R"("k#":"a.eyJh.eyJh b.eyJi")", R"(},"password":"hunter2"})"),
      }) {
    std::string whole;
    const bool found = redactor.body(json, whole);
    redact::Masking masking(redactor);
    masking.start(json);
    std::size_t most = 0, steps = 0;
    for (bool done = false; !done; ++steps) {
      const std::size_t before = redact::work;
      done = masking.step(redact::kWorkOfTurn);
      most = std::max(most, redact::work - before);
    }
    EXPECT_EQ(masking.found(), found) << json.substr(0, 60);
    EXPECT_TRUE(masking.take() == whole) << json.substr(0, 60);
    EXPECT_LT(most, redact::kWorkOfTurn + 2000) << json.substr(0, 60);
    EXPECT_GT(steps, 3U) << json.substr(0, 60);
    // However the steps are cut.
    const std::string_view front = std::string_view(json).substr(0, json.find(",", 20'000));
    const std::string_view end =
        std::string_view(json).substr(json.find_first_of("]}", json.size() - 3));
    const std::string small = std::string(front).append(end);
    std::string shown;
    redactor.body(small, shown);
    masking.start(small);
    std::size_t single = 0;
    while (!masking.step(1) && single < small.size())
      ++single;
    EXPECT_LT(single, small.size()) << "each step gets on";
    EXPECT_TRUE(masking.take() == shown) << small;
  }
}

TEST_F(RedactorCost, ATextFullOfSecretsIsNotMaskedWhole) {
  const std::string part = "- name: A_TOKEN\n  value: q8Zx-1\n", text = repeated(part, 64 * 1024);
  std::string out;
  ASSERT_TRUE(redactor.text(text, out));
  EXPECT_TRUE(out.starts_with("- name: A_TOKEN\n  value: <redacted:")) << out.substr(0, 100);
  EXPECT_GT(out.size(), text.size());
}

TEST_F(RedactorCost, OrdinaryTextsCostLittle) {
  for (const std::string part :
       {"2026-11-29T10:00:00Z I1129 reconciled ClusterDeployment kcm-system/aws-prod in 12ms\n",
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n  nodeSelector: {a: b}\n",
        "- key: a\n", "see https://example.com/a/b:8080/c and http://10.0.0.1:80/x "}) {
    const std::string text = repeated(part, 64 * 1024);
    const std::size_t before = redact::work;
    std::string out;
    EXPECT_FALSE(redactor.text(text, out)) << part;
    EXPECT_LT(redact::work - before, redact::kWorkPerByte * text.size() * 2 / 3) << part;
  }
}

}  // namespace
