// k0rdent.mgmt.objects.wait_for: reads an object until it is as it is waited for.
#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "answer/path.h"
#include "base/text.h"
#include "base/time.h"
#include "cluster/get.h"
#include "cluster/kind_query.h"
#include "cluster/refusal.h"
#include "kinds/need.h"
#include "mcp/schema_tool.h"
#include "objects/tools.h"

namespace objects {

using base::json::Value;
using base::json::Writer;
using mcp::Field;

namespace {

// Between two reads: a person waits, and a GET of one object is cheap.
constexpr base::Duration kReadEvery = base::seconds(2);
// Longer than any cluster takes; a call that is forgotten ends some day.
constexpr base::Duration kLongestWait = base::minutes(120);
constexpr std::size_t kShownBytes = 300;

double seconds_of(base::Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

struct WaitArguments {
  std::string kind, name, ns, until, timeout{"60s"};
};

mcp::Fields fields() {
  using A = WaitArguments;
  return {
      mcp::field<&A::kind>({.name = "kind", .required = true}),
      mcp::field<&A::name>({.name = "name", .required = true}),
      mcp::field<&A::ns>({.name = "namespace", .form = Field::Form::dns_label_or_empty}),
      mcp::field<&A::until>(
          {.name = "for",
           .description = "condition=Ready, condition=Ready=False, .status.phase=Running (a path), "
                          "create, delete",
           .required = true}),
      mcp::field<&A::timeout>({.name = "timeout", .show_default = true}),
  };
}

constexpr const char* kOutput =
    R"({"type":"object","properties":{"met":{"type":"boolean"},"waited":{"type":"string"},)"
    R"("value":{"type":"string"}}})";

// What is waited for, as kubectl wait takes it.
struct Until {
  enum class What : unsigned char { condition, path, create, gone };
  What what = What::condition;
  std::string name;            // of the condition, or the path
  std::string value = "True";  // "": any, of a path

  static base::Result<Until> parse(std::string_view text) {
    Until out;
    if (text == "delete" || text == "create") {
      out.what = text == "create" ? What::create : What::gone;
      return out;
    }
    constexpr std::string_view kCondition = "condition=", kPath = "jsonpath=";
    if (text.starts_with(kCondition)) {
      text.remove_prefix(kCondition.size());
    } else {
      if (text.starts_with(kPath)) text.remove_prefix(kPath.size());
      out.what = What::path;
      out.value.clear();
    }
    const std::size_t equals = text.find('=');
    std::string_view name = text.substr(0, equals);
    if (equals != text.npos) out.value = text.substr(equals + 1);
    if (out.what == What::path) {  // {.status.phase}, '{.status.phase}'
      while (!name.empty() && (name.front() == '{' || name.front() == '\''))
        name.remove_prefix(1);
      while (!name.empty() && (name.back() == '}' || name.back() == '\''))
        name.remove_suffix(1);
    }
    out.name = name;
    const bool fits =
        out.what == What::path ? name.starts_with('.') && name.size() > 1 : !name.empty();
    if (fits) return out;
    return base::Error(base::Errc::invalid_argument,
                       "'for' must be condition=NAME, condition=NAME=STATUS, a path like "
                       ".status.phase=Running, create or delete, got \"" +
                           base::printable(text, 128) + "\"");
  }

  // What the object has there, for the answer.
  std::string seen(Value object) const {
    if (what == What::condition)
      return std::string(answer::condition_of(object, name)["status"].str());
    if (what != What::path) return {};
    const Value at = answer::value_at(object, name);
    return at.is(base::json::Type::string) ? std::string(at.str()) : at.to_json();
  }
  // A condition of an older generation says nothing about the object as it is.
  bool outdated(Value object) const {
    if (what != What::condition) return false;
    const Value observed = answer::condition_of(object, name)["observedGeneration"];
    const Value generation = object["metadata"]["generation"];
    return observed && generation && observed.int_or(0) < generation.int_or(0);
  }
  bool met(Value object) const {
    const std::string now = seen(object);
    if (what == What::create) return true;
    if (what == What::gone) return false;
    if (what == What::path && value.empty()) return !now.empty();
    return base::iequals(now, value) && !outdated(object);
  }
};

class WaitRun final : public mcp::ToolRun {
 public:
  WaitRun(cluster::Cluster& cluster, WaitArguments arguments, Until until, base::Duration limit,
          mcp::ToolReply& reply)
      : cluster_(cluster),
        arguments_(std::move(arguments)),
        until_(std::move(until)),
        limit_(limit),
        reply_(reply),
        started_(cluster.loop.now()),
        query_(cluster, cluster::KindQuery::Fn::bind<&WaitRun::on_kind>(this)),
        get_(cluster, cluster::Get::Fn::bind<&WaitRun::on_object>(this)),
        next_(cluster.loop, "wait_for", loop::Timer::Fn::bind<&WaitRun::read>(this)) {
    query_.start(reply.caller(), arguments_.kind);
  }

 private:
  void fail(const std::string& what) { reply_.fail(mcp::ToolError{what}); }

  void on_kind(const cluster::KindAnswer& answer) {
    const cluster::NamedKind* const kind = answer.kind;
    if (!kind) return fail(answer.error);
    const bool namespaced = kind->resource.namespaced;
    if (namespaced == arguments_.ns.empty())
      return fail(kind->text() + (namespaced ? " are in namespaces: give 'namespace'"
                                             : " are not in namespaces: leave out 'namespace'"));
    what_ = cluster::Collection(
        kube::Resource{kind->group, kind->version, kind->resource.plural, namespaced});
    read();
  }

  void read() {
    if (auto ok = get_.start(reply_.caller(), {what_, arguments_.ns, arguments_.name}); !ok)
      fail(ok.error().what());
  }

  // An API server that does not answer is not the object's state: the wait goes on.
  void on_object(const kube::Failure* failure, Value object) {
    if (failure && failure->says(404)) {
      last_ = "not there";
      if (until_.what == Until::What::gone) return end(true);
    } else if (failure && (failure->says(403) || failure->says(401))) {
      return fail(cluster::failure_text({"get", what_, arguments_.ns, arguments_.name}, *failure));
    } else if (failure) {
      last_ = failure->message;
    } else {
      last_ = until_.seen(object);
      if (until_.outdated(object)) last_ += " (of an older generation)";
      if (until_.met(object)) return end(true);
    }
    const base::Duration waited = cluster_.loop.now() - started_;
    if (waited >= limit_) return end(false);
    if (reply_.wants_progress()) {
      mcp::Progress progress;
      progress.done = seconds_of(waited);
      progress.total = seconds_of(limit_);
      progress.message = base::printable(last_, kShownBytes);
      reply_.progress(progress);
    }
    next_.arm(std::min(kReadEvery, limit_ - waited));
  }

  void end(bool met) {
    const std::string waited = base::format_duration(
        std::chrono::round<std::chrono::seconds>(cluster_.loop.now() - started_));
    const std::string seen = base::printable(last_, kShownBytes);
    const std::string object =
        what_.text() + " " + (arguments_.ns.empty() ? "" : arguments_.ns + "/") + arguments_.name;
    mcp::ToolResult result;
    Writer w(result.structured_json);
    w.begin_object().field("met", met).field("waited", waited).field("value", seen).end_object();
    result.content.push_back(mcp::Content::of_text(
        object + ": " + arguments_.until + (met ? " is met" : " is not met") + " after " + waited +
        (seen.empty() ? std::string() : "; last seen: " + seen)));
    reply_.succeed(std::move(result));
  }

  cluster::Cluster& cluster_;
  const WaitArguments arguments_;
  const Until until_;
  const base::Duration limit_;
  mcp::ToolReply& reply_;
  const base::TimePoint started_;
  cluster::Collection what_;
  std::string last_;
  cluster::KindQuery query_;
  cluster::Get get_;
  loop::Timer next_;
};

class WaitTool final : public mcp::SchemaTool<WaitArguments> {
 public:
  explicit WaitTool(cluster::Cluster& cluster)
      : SchemaTool({.name = "k0rdent.mgmt.objects.wait_for",
                    .title = "Wait for an object",
                    .description =
                        "Waits until an object has a condition or a value, is there or is gone, as "
                        "kubectl wait. For a cluster's progress: clusterDeployments.getState.",
                    .meta_json = R"({"plane":"mgmt","category":"objects","action":"wait_for"})",
                    .open_world = false,
                    .tasks = mcp::TaskSupport::optional,
                    .needs = kinds::need_any("get")},
                   mcp::Schema::with<WaitArguments>(fields()), mcp::Schema::verbatim(kOutput)),
        cluster_(cluster) {}

  std::unique_ptr<mcp::ToolRun> start(WaitArguments arguments, mcp::ToolReply& reply) override {
    auto until = Until::parse(arguments.until);
    const auto limit = base::parse_duration(arguments.timeout);
    const bool fits = limit && *limit >= base::Duration::zero() && *limit <= kLongestWait;
    if (!until || !fits) {
      reply.fail(mcp::ToolError{!until
                                    ? until.error().what()
                                    : "'timeout' must be a duration of at most 2h like 60s, got " +
                                          base::printable(arguments.timeout, 64)});
      return nullptr;
    }
    if (reply.become_task()) return nullptr;
    return std::make_unique<WaitRun>(cluster_, std::move(arguments), *std::move(until), *limit,
                                     reply);
  }

 private:
  cluster::Cluster& cluster_;
};

}  // namespace

std::unique_ptr<mcp::Tool> make_wait_tool(cluster::Cluster& cluster) {
  return std::make_unique<WaitTool>(cluster);
}

}  // namespace objects
