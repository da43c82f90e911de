#include "answer/path.h"

namespace answer {

using base::json::Value;

namespace {

Value of_type(Value conditions, std::string_view type) {
  for (const Value each : conditions.array()) {
    if (each["type"].str() == type) return each;
  }
  return {};
}

}  // namespace

Value value_at(Value object, std::string_view path) {
  while (!path.empty() && object) {
    path.remove_prefix(1);
    const std::string_view step = path.substr(0, path.find('.'));
    path.remove_prefix(step.size());
    const std::size_t bracket = step.find('[');
    object = object[step.substr(0, bracket)];
    if (bracket != step.npos)
      object = of_type(object, step.substr(bracket + 1, step.size() - bracket - 2));
  }
  return object;
}

Value condition_of(Value object, std::string_view type) {
  return of_type(object["status"]["conditions"], type);
}

}  // namespace answer
