// FieldReader: reads and checks the fields of one kubeconfig entry. It keeps the first error with
// file, entry and field, so that a series of reads needs one check at the end. Errors never quote
// values, which may be secrets.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/yaml.h"

namespace kube::config {

class FieldReader {
 public:
  // `where`: "kubeconfig /home/a/.kube/config: user \"admin\"". `node` must outlive it; with
  // nullptr or null all fields are absent.
  FieldReader(const base::yaml::Node* node, std::string where);

  // A scalar; "" when absent or null.
  std::string text(std::string_view key);
  // The same, but refuses CR, LF, NUL and other control bytes: for values that go into a header, an
  // environment or a file name.
  std::string line(std::string_view key);
  std::vector<std::string> lines(std::string_view key);  // a sequence of such values
  // true or false, or YAML 1.1's other words for them; not in quotes.
  bool flag(std::string_view key);
  std::string pem(std::string_view key);  // base64 of PEM, decoded
  // A sequence or mapping; nullptr when absent or null.
  const base::yaml::Node* sequence(std::string_view key);
  const base::yaml::Node* mapping(std::string_view key);
  bool has(std::string_view key) const;  // present and not null

  // Fails when both are present.
  void exclude(std::string_view a, std::string_view b);
  void fail(std::string_view field, std::string_view what);
  bool ok() const { return !error_; }
  // Requires: !ok().
  base::Error take_error() { return *std::move(error_); }
  // Adds a warning for each field that is not in `known`.
  void warn_unknown(std::initializer_list<std::string_view> known,
                    std::vector<std::string>& warnings) const;
  const std::string& where() const { return where_; }

 private:
  const base::yaml::Node* find(std::string_view key) const;
  const base::yaml::Node* node_;
  std::string where_;
  std::optional<base::Error> error_;
};

}  // namespace kube::config
