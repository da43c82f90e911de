// metadata.managedFields name values of the fields that they own ("v:…", "k:{…}"), and the annotation
// last-applied-configuration has the object once more: neither is shown anywhere that objects are,
// however it is asked for.
#include "support/story_world.h"

namespace {

using test::McpSession;

constexpr const char* kPlanted[] = {"planted-in-a-key", "planted-in-an-item", "planted-manager",
                                    "planted-last-applied"};
constexpr const char* kObject = R"(
apiVersion: v1
kind: ConfigMap
metadata:
  name: owned
  namespace: team-a
  annotations:
    mine: shown
    kubectl.kubernetes.io/last-applied-configuration: '{"data":{"a":"planted-last-applied"}}'
  managedFields:
    - manager: planted-manager
      operation: Apply
      apiVersion: v1
      fieldsType: FieldsV1
      fieldsV1: {"f:data": {"k:{\"name\":\"planted-in-a-key\"}": {}, "v:planted-in-an-item": {}}}
data: {a: VALUE}
)";
// Each way to name it, and what it is in.
constexpr const char* kFields[] = {
    "metadata.managedFields",
    "metadata",
    "metadata.managedFields[0].fieldsV1",
    "metadata.managedFields[0].manager",
    "metadata.annotations",
    R"(metadata.annotations.kubectl\\.kubernetes\\.io/last-applied-configuration)"};

struct StoryManagedFields : test::StoryWorld {
  StoryManagedFields() {
    put("one");
    start_app();
    session = connect();
  }
  void put(const std::string& value) {
    std::string text = kObject;
    text.replace(text.find("VALUE"), 5, value);
    EXPECT_TRUE(api.store().load(text).has_value());
    EXPECT_NE(stored().find("planted-in-an-item"), std::string::npos) << "it is there";
  }
  std::string stored() {
    test::SimCall call(*pool, "GET", "/api/v1/namespaces/team-a/configmaps/owned", "",
                       sim::ApiServer::kAdminToken);
    EXPECT_TRUE(run_until([&] { return call.done(); }));
    return call.body;
  }
  void expect_none(const std::string& text, const std::string& where) {
    for (const char* planted : kPlanted)
      EXPECT_EQ(text.find(planted), std::string::npos) << where << ": " << text;
  }
  std::string call(const std::string& tool, const std::string& more) {
    session->ask("tools/call", R"({"name":"k0rdent.mgmt.objects.)" + tool +
                                   R"(","arguments":{"kind":"configmaps","namespace":"team-a")" +
                                   more + "}}");
    EXPECT_FALSE(session->result()["isError"].bool_or(false)) << session->result().to_json();
    return session->result().to_json();
  }
  std::string read(const std::string& uri) {
    session->ask("resources/read", R"({"uri":")" + uri + R"("})");
    return session->result().to_json();
  }
  std::unique_ptr<McpSession> session;
};

TEST_F(StoryManagedFields, AGetShowsNone) {
  const std::string whole = call("get", R"(,"name":"owned")");
  EXPECT_NE(whole.find("shown"), std::string::npos) << whole;
  expect_none(whole, "get");
}

TEST_F(StoryManagedFields, AGetByTheirPathShowsNone) {
  for (const std::string field : kFields) {
    const std::string part =
        call("get", R"(,"name":"owned","fields":[")" + field + R"(","data.a"])");
    EXPECT_NE(part.find("one"), std::string::npos) << part;
    expect_none(part, field);
  }
}

TEST_F(StoryManagedFields, AListShowsNone) {
  const std::string rows = call("list", "");
  EXPECT_NE(rows.find("owned"), std::string::npos) << rows;
  expect_none(rows, "list");
  for (const char* uri :
       {"k0rdent://objects/core/v1/configmaps/team-a", "k0rdent://objects/core/v1/configmaps/-"}) {
    const std::string read_rows = read(uri);
    EXPECT_NE(read_rows.find("owned"), std::string::npos) << read_rows;
    expect_none(read_rows, uri);
  }
}

TEST_F(StoryManagedFields, AReadByTheirPathShowsNone) {
  for (const char* base : {"k0rdent://objects/core/v1/configmaps/team-a/owned",
                           "k0rdent://objects/core/v1/configmaps/team-a"}) {
    for (const char* fields : {"", "?fields=metadata.managedFields,data.a",
                               "?fields=metadata,data.a", "?fields=metadata.annotations,data.a"}) {
      const std::string text = read(base + std::string(fields));
      EXPECT_NE(text.find("owned"), std::string::npos) << text;
      expect_none(text, base + std::string(fields));
    }
  }
}

TEST_F(StoryManagedFields, AWatchShowsNone) {
  const std::string one = "k0rdent://objects/core/v1/configmaps/team-a/owned",
                    list = "k0rdent://objects/core/v1/configmaps/team-a";
  for (const std::string& uri :
       {one, list, one + "?fields=metadata.managedFields,data.a", list + "?fields=metadata,data.a",
        list + "?fields=metadata.managedFields,data.a"})
    ASSERT_TRUE(session->subscribe(uri)) << uri;
  put("two");
  ASSERT_TRUE(run_until([&] { return session->updates().size() >= 5; }));
  settle();
  std::size_t with_value = 0;
  for (const McpSession::Update& update : session->updates()) {
    with_value += update.delta.find("two") != std::string::npos ? 1 : 0;
    expect_none(update.delta, update.uri);
  }
  EXPECT_GE(with_value, 4u) << "the change itself is shown";
}

}  // namespace
