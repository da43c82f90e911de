#include "objects/read.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cluster/get.h"
#include "cluster/list.h"
#include "cluster/nearest_names.h"
#include "cluster/refusal.h"
#include "cluster/rpc_error.h"
#include "objects/kind_lookup.h"
#include "objects/view.h"

namespace objects {

using base::json::Value;
using base::json::Writer;

namespace {

constexpr const char* kMimeType = "application/json";

class Read final : public mcp::ToolRun, private cluster::ListHandler {
 public:
  Read(cluster::Cluster& cluster, Request request, mcp::ReadReply& reply)
      : cluster_(cluster),
        request_(std::move(request)),
        reply_(reply),
        lookup_(cluster, KindLookup::Fn::bind<&Read::on_kind>(this)),
        get_(cluster, cluster::Get::Fn::bind<&Read::on_got>(this)),
        nearest_(cluster, cluster::NearestNames::Fn::bind<&Read::on_nearest>(this)),
        list_(cluster, *this) {
    lookup_.start(cluster::credentials_of(reply.caller()), request_);
  }

 private:
  void fail(base::Errc code, std::string message) {
    reply_.fail(cluster::to_rpc(code, std::move(message)));
  }
  void fail(std::string_view verb, const kube::Failure& failure) {
    fail(failure.code, cluster::failure_text({verb, what_, request_.ns, request_.name}, failure));
  }

  void on_kind(const kube::Failure* failure, const FoundKind& kind) {
    if (failure) return reply_.fail(cluster::to_rpc(*failure, "read " + request_.text()));
    const std::string_view verb = request_.name.empty() ? "list" : "get";
    if (!kind.can(verb)) {
      return fail(base::Errc::invalid_argument,
                  request_.kind_text() + " do not support " + std::string(verb));
    }
    view_ = View(cluster_, kind, request_);
    what_ = cluster::Collection(kind.resource);
    base::Result<void> ok;
    if (request_.name.empty()) {
      cluster::ListQuery query{what_, request_.ns, request_.label_selector,
                               request_.field_selector};
      ok = list_.start(reply_.caller(), std::move(query));
    } else {
      ok = get_.start(reply_.caller(), {what_, request_.ns, request_.name});
    }
    if (!ok) reply_.fail(cluster::to_rpc(ok.error()));
  }

  // ---- one object

  void on_got(const kube::Failure* failure, Value object) {
    if (!failure) return reply_.succeed({kMimeType, view_.masked_json(object)});
    if (!failure->says(404)) return fail("get", *failure);
    nearest_.start(reply_.caller(), what_, request_.ns, request_.name);
  }

  void on_nearest(const std::vector<std::string>& names) {
    fail(base::Errc::not_found, "there is no " + request_.text() + cluster::nearest_text(names));
  }

  // ---- a list

  void on_object(Value object) override {
    if (cut_) return (void)++left_;
    std::string json = view_.json(object);
    if (count_ > 0 && (count_ == kMostListed || rows_.size() + json.size() > kListBytes)) {
      cut_ = true;
      ++left_;
      return;
    }
    if (count_++ > 0) rows_ += ',';
    rows_ += json;
  }

  void on_restart() override {
    rows_.clear();
    count_ = left_ = 0;
    cut_ = false;
  }

  void on_page(std::string_view, std::optional<std::int64_t> remaining) override {
    if (!cut_) return;
    // The API server counts what the namespace filter hides, too.
    const bool exact = remaining && (!request_.ns.empty() || cluster_.filter.pattern().empty());
    left_ += exact ? static_cast<std::size_t>(*remaining) : 0;
    at_least_ = !exact;
    list_.cancel();
    answer();
  }

  void on_done(const kube::Failure* failure) override {
    if (failure) return fail("list", *failure);
    answer();
  }

  void answer() {
    std::string out;
    Writer w(out);
    w.begin_object().key("objects").raw("[" + rows_ + "]");
    if (cut_) {
      w.field("truncated", true).field("remaining", static_cast<std::int64_t>(left_));
      if (at_least_) w.field("atLeast", true);
      w.field("note",
              "cut: objects.list gives the rest, page by page; labelSelector, "
              "fieldSelector and a namespace make the list shorter");
    }
    if (list_.hidden() > 0)
      w.field("hidden", "the server's namespace filter hides objects of other namespaces");
    w.end_object();
    reply_.succeed({kMimeType, std::move(out)});
  }

  cluster::Cluster& cluster_;
  const Request request_;
  mcp::ReadReply& reply_;
  View view_;
  cluster::Collection what_;
  std::string rows_;
  std::size_t count_ = 0, left_ = 0;
  bool cut_ = false, at_least_ = false;
  KindLookup lookup_;
  cluster::Get get_;
  cluster::NearestNames nearest_;
  cluster::List list_;
};

}  // namespace

base::Result<std::unique_ptr<mcp::ToolRun>> start_read(cluster::Cluster& cluster, Request request,
                                                       mcp::ReadReply& reply) {
  if (const std::string_view ns = request.filtered_ns(); !ns.empty()) {
    if (auto ok = cluster.filter.check(ns); !ok) return std::move(ok).error();
  }
  return std::unique_ptr<mcp::ToolRun>(std::make_unique<Read>(cluster, std::move(request), reply));
}

}  // namespace objects
