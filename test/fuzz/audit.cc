// Lines of an audit file, which a process that can write the file chooses.
#include "audit/chain.h"
#include "audit/verify.h"
#include "fuzz/fuzz.h"

namespace fuzz {

void audit_line(std::string_view input) {
  audit::Verifier verifier("");
  verifier.begin("fuzz");
  std::size_t from = 0;
  for (std::size_t at = 0; (at = input.find('\n', from)) != input.npos; from = at + 1)
    verifier.line(input.substr(from, at - from), true);
  if (from < input.size()) verifier.line(input.substr(from), false);
  verifier.end();
  HOLDS(verifier.problem().empty() || verifier.problem().starts_with("fuzz:"));
  // No chain of one key is one of another.
  const auto read = audit::read_chain_line("", input);
  if (read) HOLDS(!audit::read_chain_line("key", input));
}

}  // namespace fuzz
