#include "describe/conditions.h"

#include <algorithm>
#include <string>
#include <vector>

#include "answer/conditions.h"

namespace describe {

using answer::Weighed;
using answer::Weight;

void write_conditions(answer::Report& report, base::json::Value conditions, base::WallTime now) {
  const std::vector<Weighed> all = answer::by_weight(conditions, now);
  const bool any = std::any_of(all.begin(), all.end(),
                               [](const Weighed& each) { return each.weight != Weight::good; });
  report.begin("conditions", any ? "Conditions" : "");
  for (const Weighed& each : all) {
    if (report.skips()) continue;
    report.row(
        answer::condition_json(each.condition),
        each.weight == Weight::good ? std::string() : answer::condition_line(each.condition));
  }
  report.end("conditions");
}

}  // namespace describe
