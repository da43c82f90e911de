// The answer of a writing tool: its first line names the cluster, what became of the object and for
// whom; then what changed, warnings of the API server and notes. Text and structured content say the
// same.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "change/dry_run.h"
#include "change/plan.h"
#include "mcp/tool.h"

namespace change {

// The bytes of one answer; what does not fit is counted.
constexpr std::size_t kAnswerBytes = std::size_t{32} * 1024;

struct Told {
  std::string_view status;  // created, updated, unchanged, deleted, deleting, not_found, dry_run,
                            // confirmation_required, declined
  std::string_view cluster, identity;
  const Plan* plan = nullptr;
  const std::vector<Tried>* tried = nullptr;
  const std::vector<kube::WriteOutcome>* written = nullptr;
  std::string_view token;   // of the confirmation that is required
  std::string_view waited;  // what the wait ended with; "" without one
  bool reached = false;     // it ended with what was waited for
};

mcp::ToolResult answer_of(const Told& told);

// What a user is asked before the change is made: the steps, what follows, and the first changes.
std::string question_of(std::string_view cluster, const Plan& plan,
                        const std::vector<Tried>& tried);

// What the answer tells of an object that was written, as JSON: all that is kept of it.
std::string identity(std::string_view uid, std::string_view version);
std::string identity_of(const std::string& object);

// "clusterdeployments.k0rdent.mirantis.com team-a/prod"
std::string object_text(const Step& step);
// "deploy", "delete" …, as the audit log and questions call the step: "delete …", "change …".
std::string step_text(const Step& step, bool exists);
// What all writing tools answer, for their schema; `members`: a tool's own, as JSON properties.
std::string output_schema(std::string_view members = {});

}  // namespace change
