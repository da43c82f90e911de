// No secret leaves the server: a walk over everything that the registry offers, in both eras, in a
// cluster that has secrets of every shape in its objects, events, logs and error texts. What is
// offered is read from the server itself; something new that the walk cannot drive fails it.
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/encoding.h"
#include "base/log.h"
#include "base/seal.h"
#include "support/planted_secrets.h"
#include "support/story_world.h"
#include "support/watchdog.h"

namespace {

using base::json::Document;
using base::json::Member;
using base::json::Type;
using base::json::Value;
using base::json::Writer;
using test::PlantedSecret;
using test::SimCall;
using test::StoryWorld;

constexpr std::string_view kNs = "kcm-system", kPod = "planted", kContainer = "app";
constexpr std::string_view kModern = "2026-07-28";

// Members whose text a controller or a user writes.
bool is_free_text(std::string_view key) {
  static const std::set<std::string_view> kKeys = {
      "message", "description", "note", "failureMessage", "error", "reason", "validationError"};
  return kKeys.contains(key);
}

// An argument's values to try, by its name; the first is one that finds something.
const std::map<std::string, std::vector<std::string>, std::less<>> kArguments = {
    {"namespace", {std::string(kNs)}},
    {"pod", {std::string(kPod)}},
    {"podName", {std::string(kPod)}},
    {"container", {std::string(kContainer)}},
    {"group", {"core"}},
    {"version", {"v1"}},
    {"resource", {"secrets"}},
    {"for", {".data.answer", ".spec.planted.adminPassword"}},
    {"kind", {"secrets", "configmaps", "pods", "events", "clusterdeployments", "namespaces"}},
};
// What tools get that take the name of one object: the name, and the namespace ("": none).
struct Named {
  std::string name, ns{kNs};
};
const std::map<std::string, Named, std::less<>> kNames = {
    {"k0rdent.mgmt.objects.get", {"planted"}},
    {"k0rdent.mgmt.objects.wait_for", {"planted"}},
    {"k0rdent.pods.inspect", {"planted"}},
    {"k0rdent.mgmt.clusterDeployments.get", {"aws-prod"}},
    {"k0rdent.mgmt.clusterDeployments.detail", {"aws-prod"}},
    {"k0rdent.mgmt.clusterDeployments.getState", {"aws-prod"}},
    {"k0rdent.provider.aws.clusterDeployments.detail", {"aws-prod"}},
    {"k0rdent.provider.azure.clusterDeployments.detail", {"azure-lost"}},
    {"k0rdent.provider.gcp.clusterDeployments.detail", {"aws-prod"}},
    {"k0rdent.mgmt.clusterTemplates.describe", {"aws-standalone-cp-1-0-43"}},
    {"k0rdent.mgmt.serviceTemplates.describe", {"ingress-nginx-4-14-3"}},
    {"k0rdent.mgmt.credentials.describe", {"aws-cred"}},
    {"k0rdent.mgmt.multiClusterServices.describe", {"platform-baseline", ""}},
};
// Paths that a caller may pick out of objects.
constexpr const char* kPaths =
    R"([".data.answer",".stringData.answer",".spec.planted.adminPassword",)"
    R"(".spec.planted.env[0].value",".metadata.annotations.planted",".spec.planted.values"])";
// A template's URIs to read and to subscribe to.
const std::map<std::string, std::vector<std::string>, std::less<>> kTemplates = {
    {"k0rdent://events/{namespace}", {"k0rdent://events/kcm-system"}},
    {"k0rdent://podlogs/{namespace}/{pod}/{container}",
     {"k0rdent://podlogs/kcm-system/planted/app"}},
    {"k0rdent://graph{?namespace,kinds}", {"k0rdent://graph?namespace=kcm-system"}},
    {"k0rdent://cluster-monitor/{namespace}/{name}",
     {"k0rdent://cluster-monitor/kcm-system/aws-prod"}},
    {"k0rdent://objects/{group}/{version}/{resource}/{namespace}/{name}",
     {"k0rdent://objects/core/v1/secrets/kcm-system/planted",
      "k0rdent://objects/core/v1/secrets/kcm-system/planted?fields=data.answer,data.password",
      "k0rdent://objects/core/v1/configmaps/kcm-system/planted",
      "k0rdent://objects/k0rdent.mirantis.com/v1beta1/clusterdeployments/kcm-system/aws-prod"}},
    {"k0rdent://objects/{group}/{version}/{resource}/{namespace}",
     {"k0rdent://objects/k0rdent.mirantis.com/v1beta1/clustertemplates/kcm-system",
      "k0rdent://objects/core/v1/secrets/-?fields=data.answer,data.password",
      "k0rdent://objects/k0rdent.mirantis.com/v1beta1/clusterdeployments/kcm-system"
      "?fields=spec.planted"}},
};
// What shows no text of the cluster's, so that no planted secret can be in it.
const std::set<std::string, std::less<>> kShowsNone = {
    "tool k0rdent.mgmt.providers.list",
    "tool k0rdent.mgmt.namespaces.list",
    "tool k0rdent.mgmt.objects.kinds",
    "tool k0rdent.catalog.serviceTemplates.list",
    "tool k0rdent.mgmt.providers.listIdentities",
    "tool k0rdent.mgmt.providers.listCredentials",
    "tool k0rdent.provider.gcp.clusterDeployments.detail",
    "read k0rdent://watches",
    "subscription k0rdent://watches",
    "page",
};

class SecretsWalk : public StoryWorld {
 protected:
  SecretsWalk() { base::log::configure({base::log::Level::debug, base::log::Format::json, 2}); }
  ~SecretsWalk() override { base::log::configure({}); }

  const PlantedSecret& next() {
    return test::planted_secrets()[planted_++ % test::planted_secrets().size()];
  }

  // ---- the cluster

  void plant() {
    ASSERT_TRUE(api.store().load_folder("test/fixtures/k0rdent").has_value());
    cluster.set_pod({.ns = std::string(kNs), .name = std::string(kPod)});
    for (const PlantedSecret& each : test::planted_secrets()) {
      emit(each.text);
      cluster.log(std::string(kNs), std::string(kPod), std::string(kContainer),
                  one_line(each.text));
    }
    for (const char* kind : {"Secret", "ConfigMap"}) {
      const std::string text = std::string("apiVersion: v1\nkind: ") + kind +
                               "\nmetadata: {name: planted, namespace: kcm-system}\n"
                               "data: {answer: " +
                               (std::string_view(kind) == "Secret" ? "Zm9ydHl0d28=" : "public") +
                               ", password: aHVudGVyMg==}\n";
      ASSERT_TRUE(api.store().load(text).has_value());
    }
    for (const auto& collection : api.store().collections()) {
      const sim::View view{collection.get(), 0};
      if (view.type().kind == "Event") continue;
      std::vector<std::string> objects;
      for (const auto& [key, object] : collection->objects)
        objects.push_back(view.json(object));
      for (const std::string& object : objects) {
        Document doc;
        api.store().put(view, with_secrets(*doc.parse(object)));
      }
    }
  }

  void emit(std::string text) {
    cluster.emit({.ns = std::string(kNs), .message = std::move(text)});
  }
  // As a program logs it: with escapes.
  static std::string one_line(const std::string& text) {
    std::string out;
    base::json::append_string(out, text);
    return text.find('\n') == text.npos ? text : out;
  }

  std::string with_secrets(Value object) {
    std::string out;
    Writer w(out);
    w.begin_object();
    for (const Member& member : object.object()) {
      w.key(member.key);
      if (member.key == "metadata") {
        copy(member.value, w, true);
      } else if (member.key == "spec" && member.value.is(Type::object)) {
        w.begin_object();
        for (const Member& each : member.value.object()) {
          copy_member(each, w);
        }
        w.key("planted");
        plant_settings(w);
        w.end_object();
      } else if (member.key == "status" && object["kind"].str().ends_with("Template")) {
        w.begin_object();
        for (const Member& each : member.value.object()) {
          if (each.key == "config") continue;
          copy_member(each, w);
        }
        w.key("config").begin_object().field("region", "eu").key("auth").begin_object();
        w.field("adminPassword", "hunter2").end_object();
        w.key("extra").string(next().text).end_object().end_object();
      } else {
        copy(member.value, w, false);
      }
    }
    w.end_object();
    return out;
  }

  void plant_settings(Writer& w) {
    w.begin_object()
        .field("adminPassword", "hunter2")
        .field("values", "db:\n  password: hunter2\n");
    w.key("env").begin_array().begin_object().field("name", "DB_PASSWORD");
    w.field("value", "fortytwo").end_object().end_array();
    w.key("texts").begin_array();
    for (int i = 0; i < 5; ++i)
      w.string(next().text);
    w.end_array().end_object();
  }

  void copy_member(const Member& member, Writer& w) {
    w.key(member.key);
    if (!is_free_text(member.key) || !member.value.is(Type::string))
      return copy(member.value, w, false);
    w.string(std::string(member.value.str()) + "; " + next().text);
  }
  // The value, with a secret behind each free text; `metadata`: and annotations.
  void copy(Value value, Writer& w, bool metadata) {
    if (value.is(Type::array)) {
      w.begin_array();
      for (const Value each : value.array())
        copy(each, w, false);
      w.end_array();
    } else if (value.is(Type::object)) {
      w.begin_object();
      for (const Member& member : value.object()) {
        if (metadata && member.key == "annotations") continue;
        copy_member(member, w);
      }
      if (metadata) {
        w.key("annotations").begin_object().field("planted", next().text);
        w.field("kubectl.kubernetes.io/last-applied-configuration",
                R"({"kind":"Secret","data":{"answer":"Zm9ydHl0d28="}})");
        w.end_object();
      }
      w.end_object();
    } else {
      w.raw(value.to_json());
    }
  }

  // ---- the client

  struct Seen {
    std::string what, wire;
  };
  // One request of `era`, and everything that came.
  std::string ask(const std::string& method, std::string params, const std::string& name = {}) {
    auto call = send(method, std::move(params), name);
    EXPECT_TRUE(run_until([&] { return call->done(); })) << method << " " << name;
    return call->body;
  }
  std::unique_ptr<SimCall> send(const std::string& method, std::string params,
                                const std::string& name = {}) {
    std::vector<std::pair<std::string, std::string>> headers = {
        {"Accept", "application/json, text/event-stream"}};
    if (modern_) {
      headers.emplace_back("MCP-Protocol-Version", kModern);
      headers.emplace_back("Mcp-Method", method);
      if (!name.empty()) headers.emplace_back("Mcp-Name", name);
      params.pop_back();
      params += std::string(params == "{" ? "" : ",") +
                R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
                R"("io.modelcontextprotocol/logLevel":"debug","progressToken":7,)"
                R"("io.modelcontextprotocol/clientCapabilities":{}}})";
    } else if (!session_.empty()) {
      headers.emplace_back("Mcp-Session-Id", session_);
    }
    std::string body =
        R"({"jsonrpc":"2.0","id":1,"method":")" + method + R"(","params":)" + params + "}";
    return std::make_unique<SimCall>(*front, "POST", "/mcp", std::move(body), "",
                                     "application/json", std::move(headers), base::kForever);
  }
  void begin(bool modern) {
    modern_ = modern;
    session_.clear();
    if (modern) return;
    auto call = send("initialize", R"({"protocolVersion":"2025-11-25","capabilities":{},)"
                                   R"("clientInfo":{"name":"t","version":"1"}})");
    ASSERT_TRUE(run_until([&] { return call->done(); }));
    session_ = call->session_id;
  }
  std::string list_of(const std::string& method) {
    const std::string body = ask(method, "{}");
    Document doc;
    const auto root = doc.parse(body);
    EXPECT_TRUE(root.has_value()) << body;
    EXPECT_FALSE((*root)["result"]["nextCursor"]) << "the walk reads one page only";
    return (*root)["result"].to_json();
  }

  // ---- the walk

  void see(const std::string& what, const std::string& wire) {
    bool planted = false;
    for (const PlantedSecret& each : test::planted_secrets()) {
      const bool there = has(wire, each.secret);
      planted = planted || there;
      EXPECT_FALSE(there && !shown_) << what << " shows " << each.name << ":\n" << wire;
    }
    for (const char* secret : {"Zm9ydHl0d28=", "aHVudGVyMg==", "hunter2", "fortytwo"}) {
      planted = planted || has(wire, secret);
      EXPECT_FALSE(has(wire, secret) && !shown_) << what << ":\n" << wire;
    }
    if (planted) showed_.insert(what.substr(0, what.find(" {")));
    all_.insert(what.substr(0, what.find(" {")));
  }
  static bool has(std::string_view text, std::string_view part) {
    if (text.find(part) != text.npos) return true;
    std::string escaped;
    base::json::append_string(escaped, part);
    return text.find(std::string_view(escaped).substr(1, escaped.size() - 2)) != text.npos;
  }

  // Every way to call the tool: its required arguments, and each value of each enumeration.
  std::vector<std::string> arguments_of(const std::string& tool, Value schema) {
    std::vector<std::string> out = {""};
    const Value properties = schema["properties"];
    for (const Value each : schema["required"].array()) {
      const std::string name(each.str());
      std::vector<std::string> values;
      if (const auto known = kArguments.find(name); known != kArguments.end())
        values = known->second;
      if (const auto known = kNames.find(tool); name == "name" && known != kNames.end())
        values = {known->second.name};
      EXPECT_FALSE(values.empty()) << "secrets_test.cc has no value for '" << name << "' of "
                                   << tool << ": add it to kArguments or kNames";
      std::vector<std::string> more;
      for (const std::string& so_far : out) {
        for (const std::string& value : values)
          more.push_back(so_far + (so_far.empty() ? "" : ",") + "\"" + name + "\":\"" + value +
                         "\"");
      }
      out = std::move(more);
    }
    if (const auto known = kNames.find(tool); known != kNames.end() && !known->second.ns.empty()) {
      for (std::string& each : out) {
        if (each.find("\"namespace\":") == each.npos)
          each += ",\"namespace\":\"" + known->second.ns + "\"";
      }
    }
    const std::vector<std::string> bare = out;
    const auto add = [&](const std::string& argument) {
      for (const std::string& so_far : bare)
        out.push_back(so_far + (so_far.empty() ? "" : ",") + argument);
    };
    for (const Member& member : properties.object()) {
      for (const Value value : member.value["enum"].array())
        add("\"" + std::string(member.key) + "\":" + value.to_json());
    }
    if (properties["fields"]) add(std::string("\"fields\":") + kPaths);
    if (properties["sortBy"]) add(R"("sortBy":".data.answer","limit":1)");
    if (properties["sortBy"]) add(R"("sortBy":".spec.planted.adminPassword","limit":1)");
    if (properties["wide"]) add(R"("wide":true)");
    if (properties["tailLines"]) add(R"("tailLines":10000)");
    if (properties["limit"]) add(R"("limit":1000,"maxBytes":1048576)");
    return out;
  }

  void walk_tools() {
    Document doc;
    const Value tools = *doc.parse(list_of("tools/list"));
    EXPECT_GE(tools["tools"].size(), 12U);
    for (const Value tool : tools["tools"].array()) {
      const std::string name(tool["name"].str());
      for (const std::string& arguments : arguments_of(name, tool["inputSchema"])) {
        const std::string params = R"({"name":")" + name + R"(","arguments":{)" + arguments + "}}";
        const std::string wire = ask("tools/call", params, name);
        see("tool " + name + " {" + arguments + "}", wire);
        see_cursor("tool " + name + " {" + arguments + "}", wire);
      }
    }
  }
  // A cursor is signed, not encrypted.
  void see_cursor(const std::string& what, const std::string& wire) {
    Document doc;
    const auto root = doc.parse(wire);
    if (!root) return;
    const std::string_view cursor = (*root)["result"]["structuredContent"]["continue"].str();
    if (cursor.empty()) return;
    const auto text = base::parse_base64url(cursor.substr(0, cursor.find('.')));
    ASSERT_TRUE(text.has_value()) << cursor;
    see(what, *text);
  }

  std::vector<std::string> uris() {
    std::vector<std::string> out;
    Document doc;
    const Value resources = *doc.parse(list_of("resources/list"));
    for (const Value each : resources["resources"].array())
      out.emplace_back(each["uri"].str());
    Document templates;
    const Value listed = *templates.parse(list_of("resources/templates/list"));
    for (const Value each : listed["resourceTemplates"].array()) {
      const auto known = kTemplates.find(each["uriTemplate"].str());
      EXPECT_NE(known, kTemplates.end())
          << "secrets_test.cc has no URI for " << each["uriTemplate"].str() << ": add it";
      if (known != kTemplates.end())
        out.insert(out.end(), known->second.begin(), known->second.end());
      walk_completions(each["uriTemplate"].str());
    }
    return out;
  }
  void walk_completions(std::string_view uri_template) {
    for (const auto& [variable, values] : kArguments) {
      if (uri_template.find(variable) == uri_template.npos) continue;
      const std::string params =
          R"({"ref":{"type":"ref/resource","uri":")" + std::string(uri_template) +
          R"("},"argument":{"name":")" + variable +
          R"(","value":""},"context":{"arguments":{"namespace":"kcm-system","pod":"planted"}}})";
      see("completion " + std::string(uri_template) + " {" + variable + "}",
          ask("completion/complete", params));
    }
  }

  void walk_resources() {
    for (const std::string& uri : uris()) {
      const std::string params = R"({"uri":")" + uri + "\"}";
      see("read " + uri, ask("resources/read", params, uri));
    }
  }

  void walk_prompts() {
    const std::string body = ask("prompts/list", "{}");
    Document doc;
    const auto root = doc.parse(body);
    ASSERT_TRUE(root.has_value());
    for (const Value prompt : (*root)["result"]["prompts"].array()) {
      const std::string name(prompt["name"].str());
      std::string arguments;
      for (const Value each : prompt["arguments"].array()) {
        const auto known = kArguments.find(each["name"].str());
        EXPECT_NE(known, kArguments.end()) << name << " takes " << each["name"].str();
        if (known == kArguments.end()) continue;
        arguments += std::string(arguments.empty() ? "" : ",") + "\"" + known->first + "\":\"" +
                     known->second.front() + "\"";
      }
      see("prompt " + name,
          ask("prompts/get", R"({"name":")" + name + R"(","arguments":{)" + arguments + "}}",
              name));
    }
  }

  // What a subscriber is sent: the state, then changes, then an outage.
  void walk_subscriptions() {
    for (const std::string& uri : uris()) {
      std::unique_ptr<SimCall> stream;
      if (modern_) {
        stream = send("subscriptions/listen",
                      R"({"notifications":{"resourceSubscriptions":[")" + uri + "\"]}}");
      } else {
        stream = std::make_unique<SimCall>(
            *front, "GET", "/mcp", "", "", "application/json",
            std::vector<std::pair<std::string, std::string>>{{"Accept", "text/event-stream"},
                                                             {"Mcp-Session-Id", session_}},
            base::kForever);
        see("subscribe " + uri, ask("resources/subscribe", R"({"uri":")" + uri + "\"}"));
      }
      pass(base::seconds(3));
      for (int i = 0; i < 40; ++i) {
        emit(next().text);
        cluster.log(std::string(kNs), std::string(kPod), std::string(kContainer),
                    one_line(next().text));
      }
      touch_deployments();
      pass(base::seconds(3));
      see("subscription " + uri, stream->body);
      EXPECT_TRUE(!stream->body.empty() || uri == "k0rdent://watches") << uri;
      if (!modern_) ask("resources/unsubscribe", R"({"uri":")" + uri + "\"}");
      stream.reset();
      pass(base::seconds(1));
    }
  }
  void touch_deployments() {
    sim::Collection& deployments = api.store().of("ClusterDeployment");
    const sim::View view{&deployments, 0};
    std::vector<std::string> objects;
    for (const auto& [key, object] : deployments.objects)
      objects.push_back(view.json(object));
    for (const std::string& object : objects) {
      Document doc;
      api.store().put(view, with_secrets(*doc.parse(object)));
    }
  }

  void refuse_everything(int code, const std::string& text) {
    sim::AnswerFault fault;
    fault.match.count = -1;
    sim::Status status;
    status.code = code;
    status.message = text;
    status.reason = code == 403 ? "Forbidden" : "InternalError";
    fault.answer = sim::refuse(status);
    api.faults().add(std::move(fault));
  }

  void walk(bool shown) {
    shown_ = shown;
    plant();
    app::Settings settings;
    settings.show_secrets = shown;
    // Without it what is in Secrets is not read at all (ByItselfASecretIsNotRead…).
    settings.policy_file =
        dir.write("policy.yaml", "rules: [{effect: allow, verbs: [read], kinds: [secrets]}]\n");
    start_app(settings);
    for (const bool modern : {false, true}) {
      begin(modern);
      walk_tools();
      walk_resources();
      walk_prompts();
      walk_subscriptions();
      for (const int code : {403, 500}) {
        refuse_everything(code, "etcd: " + next().text + "; " + next().text);
        walk_tools();
        walk_resources();
        see("page", page("/readyz"));
        see("page", page("/healthz?verbose"));
        see("page", page("/metrics"));
        pass(base::seconds(60));
        api.faults().clear();
        pass(base::seconds(60));
      }
    }
    stop_app();
    see("log", log);
  }
  std::string page(std::string target) {
    SimCall call(*front, "GET", std::move(target), "", "", "");
    EXPECT_TRUE(run_until([&] { return call.done(); }));
    return call.body;
  }

  test::QuietWatchdog quiet_;  // without optimization, a megabyte of secrets takes 100 ms
  bool shown_ = false, modern_ = false;
  std::string session_;
  std::size_t planted_ = 0;
  std::set<std::string> showed_, all_;
};

TEST_F(SecretsWalk, Row5And7NothingThatIsOfferedShowsASecret) {
  walk(false);
}

// The walk above would find something: what it calls does show the cluster's texts.
TEST_F(SecretsWalk, WithShowSecretsEachShowsWhatIsPlanted) {
  walk(true);
  for (const std::string& what : all_) {
    if (kShowsNone.contains(what) || what.starts_with("completion ") ||
        what.starts_with("subscribe ")) {
      continue;
    }
    EXPECT_TRUE(showed_.contains(what)) << what << " showed nothing that is planted";
  }
}

}  // namespace
