// A reflector under test: what it says, and the frames and lists that it is told.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "kube/watch/reflector.h"
#include "support/patient_api.h"

namespace test {

// {"metadata":{…},"v":rv}
inline std::string object(std::string_view name, std::string_view version,
                          std::string_view uid = "") {
  std::string out;
  base::json::Writer w(out);
  w.begin_object().key("metadata").begin_object().field("namespace", "ns").field("name", name);
  w.field("uid", uid.empty() ? "uid-" + std::string(name) : std::string(uid))
      .field_if("resourceVersion", version);
  w.end_object().field("v", version.empty() ? "?" : version).end_object();
  return out;
}

inline std::string frame(std::string_view type, std::string_view object_json) {
  return R"({"type":")" + std::string(type) + R"(","object":)" + std::string(object_json) + "}\n";
}

inline std::string bookmark(std::string_view version) {
  return frame("BOOKMARK", R"({"metadata":{"resourceVersion":")" + std::string(version) + R"("}})");
}

inline std::string list(std::string_view version, const std::vector<std::string>& items,
                        std::string_view next = "") {
  std::string out = R"({"kind":"List","metadata":{"resourceVersion":")" + std::string(version) +
                    R"(","continue":")" + std::string(next) + R"("},"items":[)";
  for (std::size_t i = 0; i < items.size(); ++i)
    out += (i ? "," : "") + items[i];
  return out + "]}";
}

class ReflectorWorld : public PatientWorld, public kube::watch::ReflectorHandler {
 protected:
  using Said = std::vector<std::string>;

  kube::watch::ReflectorSpec spec() const {
    kube::watch::ReflectorSpec s;
    s.resource = kube::kPods;
    s.ns = "ns";
    return s;
  }
  void start() { start(spec()); }
  void start(const kube::watch::ReflectorSpec& s) {
    reflector = std::make_unique<kube::watch::Reflector>(kube::Context{loop, *client, scope}, retry,
                                                         *this, s);
    reflector->start();
    EXPECT_TRUE(said.empty()) << "never inside the call";
  }

  base::Payload project(base::json::Value o) override { return base::Payload(o["v"].str("none")); }
  void on_change(kube::watch::Change change, const std::string& key,
                 const base::Payload& doc) override {
    static constexpr const char* kSigns[] = {"+", "~", "-"};
    note(kSigns[static_cast<int>(change)] + key + "=" + std::string(doc.view()));
  }
  void on_synced() override { note("<synced>"); }
  void on_denied(const kube::Failure& failure) override {
    last_denied = failure;
    note("<denied " + std::to_string(failure.status) + ">");
  }
  void on_down(const kube::Failure& failure, base::Duration retry_in) override {
    last = failure;
    down = retry_in;
    note("<down>");
  }
  void on_up() override { note("<up>"); }
  void note(std::string what) {
    said.push_back(std::move(what));
    if (hook) hook(said.back());
  }
  bool says(std::string_view what, base::Duration limit = base::minutes(10)) {
    return run_until([&] { return std::find(said.begin(), said.end(), what) != said.end(); },
                     limit);
  }
  Said take() { return std::exchange(said, {}); }

  Asked asked_list(base::Duration limit = base::hours(24 * 365)) {
    Asked ask = asked(limit);
    EXPECT_EQ(ask.path, "/api/v1/namespaces/ns/pods");
    EXPECT_FALSE(ask.is_watch());
    return ask;
  }
  Asked asked_watch(std::string_view from, base::Duration limit = base::hours(24 * 365)) {
    Asked ask = asked(limit);
    EXPECT_TRUE(ask.is_watch());
    EXPECT_EQ(ask.param("resourceVersion"), from);
    return ask;
  }
  // Listed at version 10 with objects a and b; the watch is open.
  Asked synced() { return synced(spec()); }
  Asked synced(const kube::watch::ReflectorSpec& s) {
    start(s);
    asked_list().json(list("10", {object("a", "1"), object("b", "2")}));
    Asked watch = asked_watch("10");
    watch.begin();
    settle();
    EXPECT_EQ(take(), (Said{"+ns/a=1", "+ns/b=2", "<synced>"}));
    return watch;
  }
  // The same, and confirmed by a bookmark.
  Asked confirmed() {
    Asked watch = synced();
    watch.write(bookmark("11"));
    settle();
    EXPECT_EQ(reflector->state(), kube::watch::Reflector::State::confirmed);
    return watch;
  }
  std::string stored() const {
    std::vector<std::string> rows;
    for (const auto& [key, entry] : reflector->store())
      rows.push_back(key + "=" + std::string(entry.doc.view()));
    std::sort(rows.begin(), rows.end());
    std::string out;
    for (const std::string& row : rows)
      out += (out.empty() ? "" : " ") + row;
    return out;
  }

  Said said;
  kube::Failure last, last_denied;
  base::Duration down{};
  std::function<void(const std::string&)> hook;
  loop::Scope scope{"server"};
  std::unique_ptr<kube::watch::Reflector> reflector;
};

}  // namespace test
