// Secrets as objects in a text: a manifest with `kind: Secret` in YAML, as a ConfigMap or the values
// of a chart contain it, or as JSON in a line of a log.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "redact/chars.h"
#include "redact/work.h"

namespace redact {

// Is text[begin] the beginning of Secret, or SecretList, as the value of `kind`?
bool is_secret_kind(std::string_view text, std::size_t begin);

struct SecretValue {
  Found at;
  bool base64 = false;  // of `data`
};
// The values of `data` and `stringData` of each Secret in `text`, in order; once the limit is
// exceeded, some of them.
std::vector<SecretValue> secret_values(std::string_view text, const Limit& limit);

// Appends what only an object's structure says is secret: the values of stringData, and of data
// beside the type of a Secret (kubernetes.io/tls), the anchor of Hint::object being at text[at].
void secret_members(std::string_view text, std::size_t at, std::size_t floor,
                    std::vector<Found>& out);

}  // namespace redact
