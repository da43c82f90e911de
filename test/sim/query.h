// Query: the parameters of a request as Go's servers read them: '+' is a space, of several values
// of one name the first counts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sim {

class Query {
 public:
  explicit Query(std::string_view text);

  bool has(std::string_view name) const { return find(name) != nullptr; }
  // "" when missing.
  const std::string& get(std::string_view name) const;
  // As the API server reads booleans: missing, "false" and "0" are false, all else is true.
  bool flag(std::string_view name) const;
  // nullopt when missing or no whole number.
  std::optional<std::int64_t> number(std::string_view name) const;

 private:
  const std::string* find(std::string_view name) const;
  std::vector<std::pair<std::string, std::string>> list_;
};

}  // namespace sim
