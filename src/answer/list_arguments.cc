#include "answer/list_arguments.h"

#include <utility>

#include "answer/members.h"
#include "base/text.h"

namespace answer {

using base::json::Writer;
using mcp::Field;

namespace {

std::int64_t default_bytes = kDefaultAnswerBytes;

// Few words: a client puts these before its model once for each list tool.
mcp::Fields fields_of(const ListRow& row) {
  using A = ListArguments;
  mcp::Fields out;
  if (row.served != Columns::row) {
    out.push_back(mcp::field<&A::kind>(
        {.name = "kind",
         .description = "plural, kind or short name, with its group if needed: cd, deploy, "
                        "clusters.cluster.x-k8s.io, apps/v1/Deployment",
         .required = true}));
  }
  if (row.kind.namespaced) {
    out.push_back(
        mcp::field<&A::ns>({.name = "namespace", .form = Field::Form::dns_label_or_empty}));
  }
  if (row.add_arguments) row.add_arguments(out);
  if (row.scope) {
    out.push_back(mcp::field<&A::scope>({.name = "scope",
                                         .description = "global: k0rdent's own namespace",
                                         .one_of = {"global", "local", "all"}}));
  }
  if (row.provider)
    out.push_back(mcp::field<&A::provider>({.name = "provider", .description = "e.g. aws"}));
  if (row.selector) {
    out.push_back(
        mcp::field<&A::selector>({.name = "selector", .description = "as labelSelector"}));
  }
  out.push_back(mcp::field<&A::label_selector>({.name = "labelSelector"}));
  out.push_back(mcp::field<&A::field_selector>({.name = "fieldSelector"}));
  out.push_back(mcp::field<&A::fields>(
      {.name = "fields", .description = "members or paths, e.g. metadata.labels"}));
  out.push_back(
      mcp::field<&A::sort_by>({.name = "sortBy", .description = "column; -AGE: descending"}));
  if (row.served != Columns::row)
    out.push_back(mcp::field<&A::wide>({.name = "wide", .description = "as kubectl -o wide"}));
  if (row.source) {
    out.push_back(
        mcp::field<&A::first>({.name = "limit", .description = "the first N; 0: all that fit"}));
  } else {
    out.push_back(mcp::field<&A::limit>(
        {.name = "limit", .minimum = 1, .maximum = kMostRows, .show_limits = false}));
  }
  out.push_back(mcp::field<&A::go_on>(
      {.name = "continue", .description = "from a cut answer", .max_length = 16 * 1024}));
  out.push_back(mcp::field<&A::format>({.name = "format", .one_of = {kTable, kJson, kYaml}}));
  out.push_back(mcp::field<&A::max_bytes>({.name = "maxBytes",
                                           .minimum = kLeastAnswerBytes,
                                           .maximum = kMostAnswerBytes,
                                           .show_limits = false}));
  return out;
}

}  // namespace

std::int64_t default_answer_bytes() {
  return default_bytes;
}
void set_default_answer_bytes(std::int64_t bytes) {
  default_bytes = bytes;
}

mcp::Schema list_input(const ListRow& row) {
  return mcp::Schema::with<ListArguments>(fields_of(row));
}

std::map<std::string, std::string> selecting(const ListArguments& arguments) {
  return {{"namespace", arguments.ns},
          {"labelSelector", arguments.label_selector},
          {"fieldSelector", arguments.field_selector},
          {"provider", arguments.provider},
          {"scope", arguments.scope},
          {"sortBy", arguments.sort_by},
          {"types", base::join(arguments.types, ",")},
          {"forKind", arguments.for_kind},
          {"forName", arguments.for_name},
          {"sinceSeconds", std::to_string(arguments.since_seconds)}};
}

mcp::Schema list_output(const ListRow& row) {
  std::string out;
  Writer w(out);
  const auto member = [&](std::string_view name, std::string_view type) {
    w.key(name).begin_object().field("type", type).end_object();
  };
  w.begin_object().field("type", "object").key("properties").begin_object();
  w.key(row.key).begin_object().field("type", "array").key("items").begin_object();
  w.field("type", "object").key("properties").begin_object();
  member("name", "string");
  if (row.kind.namespaced) member("namespace", "string");
  for (const RowMember& each : row.members)
    member(each.name, schema_type(each.type));
  w.end_object().key("required").begin_array().string("name").end_array();
  w.end_object().end_object();
  if (row.omitted) member("omitted", "integer");
  member("truncated", "boolean");
  member("remaining", "integer");
  member("atLeast", "boolean");
  member("continue", "string");
  w.key("notes").begin_object().field("type", "array").key("items").begin_object();
  w.field("type", "string").end_object().end_object();
  w.end_object().key("required").begin_array().string(row.key).end_array().end_object();
  return mcp::Schema::verbatim(std::move(out));
}

}  // namespace answer
