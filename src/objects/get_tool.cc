// k0rdent.mgmt.objects.get
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "answer/fitted.h"
#include "answer/held.h"
#include "answer/list_arguments.h"
#include "answer/path.h"
#include "base/text.h"
#include "base/yaml_write.h"
#include "cluster/get.h"
#include "cluster/kind_query.h"
#include "cluster/nearest_names.h"
#include "cluster/refusal.h"
#include "kinds/need.h"
#include "mcp/schema_tool.h"
#include "objects/tools.h"

namespace objects {

using base::json::Value;
using base::json::Writer;
using mcp::Field;

namespace {

// What the notes and the members beside the object may take of maxBytes.
constexpr std::size_t kWordsBytes = 512;
// Less is not tried: what an object is needs as much.
constexpr std::size_t kLeastRoom = 256;

struct Arguments {
  std::string kind, name, ns, format{answer::kYaml};
  std::vector<std::string> fields_wanted;
  std::int64_t max_bytes = answer::default_answer_bytes();
  static mcp::Fields fields() {
    using A = Arguments;
    return {
        mcp::field<&A::kind>({.name = "kind",
                              .description = "as for objects.list: cd, deploy, pods.metrics.k8s.io",
                              .required = true}),
        mcp::field<&A::name>({.name = "name", .required = true}),
        mcp::field<&A::ns>({.name = "namespace", .form = Field::Form::dns_label_or_empty}),
        mcp::field<&A::fields_wanted>(
            {.name = "fields", .description = "only these paths, e.g. spec.config"}),
        mcp::field<&A::format>({.name = "format", .one_of = {answer::kYaml, answer::kJson}}),
        mcp::field<&A::max_bytes>({.name = "maxBytes",
                                   .minimum = answer::kLeastAnswerBytes,
                                   .maximum = answer::kMostAnswerBytes,
                                   .show_limits = false}),
    };
  }
};

constexpr const char* kOutput =
    R"({"type":"object","properties":{"object":{"type":"object"},"fields":{"type":"object"},)"
    R"("truncated":{"type":"boolean"},"notes":{"type":"array","items":{"type":"string"}}}})";

// An answer is made in one turn of the loop up to this size; a larger one's JSON, its text and the
// message of both are made in a turn each.
constexpr std::size_t kSmallBytes = 64 * base::limits::kKiB;

// The kind, the object, and for a name that is not there the nearest ones.
class GetRun final : public mcp::ToolRun {
 public:
  GetRun(cluster::Cluster& cluster, Arguments arguments, mcp::ToolReply& reply)
      : arguments_(std::move(arguments)),
        reply_(reply),
        most_(static_cast<std::size_t>(arguments_.max_bytes)),
        room_((most_ - kWordsBytes) / 2),
        query_(cluster, cluster::KindQuery::Fn::bind<&GetRun::on_kind>(this)),
        get_(cluster, cluster::Get::Fn::bind<&GetRun::on_object>(this)),
        nearest_(cluster, cluster::NearestNames::Fn::bind<&GetRun::on_nearest>(this)),
        next_(cluster.loop, "objects.get", loop::Deferred::Fn::bind<&GetRun::go_on>(this)) {}
  // False: it is answered.
  bool start() {
    const auto paths = answer::check_paths(arguments_.fields_wanted);
    if (!paths) {
      fail(paths.error().what());
      return false;
    }
    query_.start(reply_.caller(), arguments_.kind);
    return true;
  }

 private:
  void fail(const std::string& what) { reply_.fail(mcp::ToolError{what}); }

  void on_kind(const cluster::KindAnswer& answer) {
    const cluster::NamedKind* const kind = answer.kind;
    if (!kind) return fail(answer.error);
    const bool namespaced = kind->resource.namespaced;
    if (!kind->resource.can("get"))
      return fail("objects of kind " + kind->text() + " cannot be read one by one");
    if (!namespaced && !arguments_.ns.empty())
      return fail(kind->text() + " are not in namespaces: leave out 'namespace'");
    what_ = cluster::Collection(
        kube::Resource{kind->group, kind->version, kind->resource.plural, namespaced});
    if (namespaced && arguments_.ns.empty()) {
      problem_ = "give 'namespace': " + kind->text() + " are in namespaces";
      return nearest_.start(reply_.caller(), what_, {}, arguments_.name);
    }
    if (auto ok = get_.start(reply_.caller(), {what_, arguments_.ns, arguments_.name}); !ok)
      fail(ok.error().what());
  }

  void on_object(const kube::Failure* failure, Value object) {
    if (!failure) return answer(object);
    problem_ = cluster::failure_text({"get", what_, arguments_.ns, arguments_.name}, *failure);
    if (!failure->says(404)) return fail(problem_);
    nearest_.start(reply_.caller(), what_, arguments_.ns, arguments_.name);
  }

  void on_nearest(const std::vector<std::string>& names) {
    fail(problem_ + cluster::nearest_text(names));
  }

  bool whole() const { return arguments_.fields_wanted.empty(); }
  std::string_view key() const { return whole() ? "object" : "fields"; }

  void answer(Value object) {
    write(whole() ? answer::fitted_json(object, room_)
                  : answer::fitted_parts(parts_of(object), room_));
  }

  void write(answer::Fitted fitted) {
    if (!fitted.cut.empty()) cut_ = std::move(fitted.cut);
    result_ = {};
    Writer w(result_.structured_json);
    w.begin_object().key(key()).raw(fitted.json);
    if (!cut_.empty()) {
      w.field("truncated", true).key("notes").begin_array();
      w.string(cut_ + ": ask for a part with 'fields', or for more with 'maxBytes'");
      w.end_array();
    }
    w.end_object();
    is_written_ = false;
    result_.structured_json.size() <= kSmallBytes ? write_text() : next_.schedule();
  }

  void go_on() { is_written_ ? end() : write_text(); }

  void write_text() {
    if (arguments_.format == answer::kYaml) {
      base::json::Document doc;
      std::string yaml;
      if (const auto root = doc.parse(result_.structured_json))
        base::yaml::append_yaml(yaml, *root);
      result_.content.push_back(mcp::Content::of_text(std::move(yaml)));
    }
    is_written_ = true;
    const bool small = result_.structured_json.size() <= kSmallBytes;
    small ? end() : next_.schedule();
  }

  // How many bytes more the text takes than the structured answer shows only now.
  void end() {
    const std::size_t sent = answer::sent_bytes(result_);
    if (sent <= most_ || room_ <= kLeastRoom) return reply_.succeed(std::move(result_));
    room_ = std::max(kLeastRoom, room_ - room_ * (sent - most_) / sent - room_ / 64);
    base::json::Document doc;
    const std::string given = std::move(result_.structured_json);
    const auto root = doc.parse(given);
    const Value object = root ? (*root)[key()] : Value();
    std::vector<answer::Part> parts;
    for (const auto& [name, value] : object.object())
      parts.push_back({std::string(name), value});
    write(answer::fitted_parts(parts, room_));
  }

  // What the paths lead to, each once.
  std::vector<answer::Part> parts_of(Value object) const {
    std::vector<answer::Part> out;
    for (const std::string& given : arguments_.fields_wanted) {
      std::string path = given.starts_with('.') ? given : "." + given;
      const Value value = answer::value_at(object, path);
      path.erase(0, 1);
      const bool twice = std::any_of(out.begin(), out.end(),
                                     [&](const answer::Part& each) { return each.name == path; });
      if (value && !twice) out.push_back({std::move(path), value});
    }
    return out;
  }

  const Arguments arguments_;
  mcp::ToolReply& reply_;
  const std::size_t most_;
  std::size_t room_;  // of the structured answer; its text is the same object
  std::string cut_;
  bool is_written_ = false;
  cluster::Collection what_;
  std::string problem_;
  cluster::KindQuery query_;
  cluster::Get get_;
  cluster::NearestNames nearest_;
  mcp::ToolResult result_;
  loop::Deferred next_;
};

class GetTool final : public mcp::SchemaTool<Arguments> {
 public:
  explicit GetTool(cluster::Cluster& cluster)
      : SchemaTool({.name = "k0rdent.mgmt.objects.get",
                    .title = "Get an object of any kind",
                    .description =
                        "Gets one object of any kind that the cluster serves, as YAML; secrets in "
                        "it are masked. For a ClusterDeployment, clusterDeployments.detail says "
                        "more.",
                    .meta_json = R"({"plane":"mgmt","category":"objects","action":"get"})",
                    .open_world = false,
                    .needs = kinds::need_any("get,list")},
                   mcp::Schema::with<Arguments>(Arguments::fields()),
                   mcp::Schema::verbatim(kOutput)),
        cluster_(cluster) {}

  std::unique_ptr<mcp::ToolRun> start(Arguments arguments, mcp::ToolReply& reply) override {
    auto run = std::make_unique<GetRun>(cluster_, std::move(arguments), reply);
    return run->start() ? std::move(run) : nullptr;
  }

 private:
  cluster::Cluster& cluster_;
};

}  // namespace

std::unique_ptr<mcp::Tool> make_get_tool(cluster::Cluster& cluster) {
  return std::make_unique<GetTool>(cluster);
}

}  // namespace objects
