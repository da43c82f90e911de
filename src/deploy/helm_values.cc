#include "deploy/helm_values.h"

#include "base/yaml.h"

namespace deploy {

std::string values_problem(std::string_view text) {
  using Kind = base::yaml::Node::Kind;
  const auto documents = base::yaml::parse(text);
  if (!documents) return documents.error().what();
  if (documents->empty()) return {};
  if (documents->size() > 1) return "has several YAML documents: values are one";
  const Kind kind = documents->front().kind;
  return kind == Kind::mapping || kind == Kind::null ? std::string()
                                                     : R"(must be a mapping, like "replicas: 2")";
}

}  // namespace deploy
