#include "mcp/modern/result.h"

#include "base/check.h"
#include "base/json.h"

namespace mcp::modern {

using base::json::Writer;

namespace {

constexpr std::string_view kComplete = R"({"resultType":"complete")";

}  // namespace

RpcCode in_this_era(RpcCode code) {
  if (code == RpcCode::resource_not_found) return RpcCode::invalid_params;
  if (code == RpcCode::url_elicitation_required) return RpcCode::internal_error;
  return code;
}

ResultWriter::ResultWriter(const shared::Options& options) {
  std::string info;
  Writer w(info);
  w.begin_object().field("name", options.server_name).field_if("title", options.server_title);
  w.field("version", options.server_version).end_object();
  meta_ = R"("io.modelcontextprotocol/serverInfo":)" + info;
}

std::string ResultWriter::with(std::string_view result, std::string_view more,
                               std::string_view meta_json) const {
  CHECK(result.size() >= 2 && result.front() == '{' && result.back() == '}');
  const std::string_view members = result.substr(1, result.size() - 2);
  std::string out;
  out.reserve(kComplete.size() + result.size() + more.size() + meta_.size() + 16);
  out.append(kComplete);
  if (!members.empty()) out.append(",").append(members);
  out.append(more).append(R"(,"_meta":{)").append(meta_);
  if (meta_json.size() > 2) out.append(",").append(meta_json.substr(1, meta_json.size() - 2));
  return out.append("}}");
}

std::string ResultWriter::complete(std::string_view result, const Caching& caching) const {
  std::string more = R"(,"ttlMs":)" + std::to_string(caching.ttl_ms);
  more.append(caching.for_all ? R"(,"cacheScope":"public")" : R"(,"cacheScope":"private")");
  return with(result, more, {});
}

std::string ResultWriter::listen_over(std::string_view id_json) const {
  std::string out(kComplete);
  out.append(R"(,"_meta":{"io.modelcontextprotocol/subscriptionId":)").append(id_json);
  return out.append(",").append(meta_).append("}}");
}

std::string ResultWriter::input_required(std::string_view members) const {
  std::string out = R"({"resultType":"input_required",)";
  return out.append(members).append(R"(,"_meta":{)").append(meta_).append("}}");
}

std::string ResultWriter::task(std::string_view task) const {
  std::string out = R"({"resultType":"task",)";
  out.append(task.substr(1, task.size() - 2));
  return out.append(R"(,"_meta":{)").append(meta_).append("}}");
}

}  // namespace mcp::modern
