#include "mcp/input_request.h"

#include <string>

#include "base/check.h"

namespace mcp {

using base::json::Member;
using base::json::Writer;

namespace {

// The modern era has no message that reports when the user is done with the page.
std::string without_elicitation_id(const std::string& params_json) {
  base::json::Document doc;
  const auto params = doc.parse(params_json);
  CHECK(params);
  std::string out;
  Writer w(out);
  w.begin_object();
  for (const Member& member : params->object()) {
    if (member.key != "elicitationId") w.key(member.key).raw(member.value.to_json());
  }
  w.end_object();
  return out;
}

}  // namespace

void write_input_request(Writer& w, const Question& question) {
  const bool url = question.kind == Question::Kind::url;
  w.begin_object().field("method", question.method());
  w.key("params").raw(url ? without_elicitation_id(question.params_json) : question.params_json);
  w.end_object();
}

}  // namespace mcp
