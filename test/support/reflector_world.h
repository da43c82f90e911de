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
#include "support/slot.h"

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

// What a reflector under test fills: it keeps "v" of each object.
class ReflectorOwner : public kube::watch::Store, public kube::watch::Health {
 public:
  using Kept = kube::watch::ItemOf<base::Payload>;
  std::unique_ptr<kube::watch::Item> read(base::json::Value object) override {
    base::Payload doc(object["v"].str("none"));
    return doc.empty() ? nullptr : std::make_unique<Kept>(std::move(doc));
  }
  std::size_t bytes(const kube::watch::Item& item) const override { return Kept::in(item).size(); }
  void put(kube::watch::Change change, const std::string& key,
           std::unique_ptr<kube::watch::Item>& item) override {
    on_change(change, key, base::Payload(Kept::in(*item)));
  }
  void remove(const std::string& key, std::unique_ptr<kube::watch::Item> last) override {
    on_change(kube::watch::Change::deleted, key, Kept::in(*last));
  }
  virtual void on_change(kube::watch::Change, const std::string&, const base::Payload&) {
    ++changes;
  }
  void on_ready() override {}
  void on_denied(const kube::Failure&) override { ++downs; }
  void on_down(const kube::Failure&, base::Duration) override { ++downs; }
  void on_up() override {}
  int changes = 0, downs = 0;
};

// A reflector with its collection.
struct MadeReflector {
  MadeReflector(const kube::Context& context, kube::watch::Retry& retry, ReflectorOwner& owner,
                const kube::watch::ReflectorSpec& spec)
      : collection(owner), reflector(context, retry, collection, owner, spec) {}
  void stop() {
    reflector.stop();
    collection.clear();
  }
  kube::watch::Collection collection;
  kube::watch::Reflector reflector;
};
class ReflectorSlot : public Slot<MadeReflector> {
 public:
  using Slot::Slot;
  kube::watch::Collection& collection() const { return Slot::operator->()->collection; }
  kube::watch::Reflector* operator->() const { return &Slot::operator->()->reflector; }
};

class ReflectorWorld : public PatientWorld, public ReflectorOwner {
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
    reflector.make(kube::Context{loop, *client, scope}, retry, *this, s);
    reflector->start();
    EXPECT_TRUE(said.empty()) << "never inside the call";
  }

  void on_change(kube::watch::Change change, const std::string& key,
                 const base::Payload& doc) override {
    static constexpr const char* kSigns[] = {"+", "~", "-"};
    note(kSigns[static_cast<int>(change)] + key + "=" + std::string(doc.view()));
  }
  void on_ready() override { note("<synced>"); }
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
    ++reflector.on_stack;
    if (hook) hook(said.back());
    --reflector.on_stack;
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
    for (const auto& [key, entry] : reflector.collection().entries())
      rows.push_back(key + "=" + std::string(Kept::in(*entry.item).view()));
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
  ReflectorSlot reflector{loop};
};

}  // namespace test
