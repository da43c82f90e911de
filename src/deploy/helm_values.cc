#include "deploy/helm_values.h"

#include "base/limits.h"

namespace deploy {

base::yaml::Bound values_bound() {
  return {base::limits::kBodyValues, "put them into a ConfigMap, and that into valuesFrom"};
}

std::string values_problem(std::string_view text, base::yaml::Bound& bound) {
  using Kind = base::yaml::Node::Kind;
  const auto documents = base::yaml::parse(text, bound);
  if (!documents) return documents.error().what();
  if (documents->empty()) return {};
  if (documents->size() > 1) return "has several YAML documents: values are one";
  const Kind kind = documents->front().kind;
  return kind == Kind::mapping || kind == Kind::null ? std::string()
                                                     : R"(must be a mapping, like "replicas: 2")";
}

}  // namespace deploy
