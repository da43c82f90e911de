// What a caller sends back of an object that it has read: fields that only the API server writes are
// left out, and the answer says so; a mask that stands for a secret is refused, since it would
// replace the secret, and so is a member that stands twice in its object: we would look at the first
// one, and the API server would take the last.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace change {

struct Wish {
  std::string json;                  // an object, without apiVersion and kind
  std::vector<std::string> dropped;  // "status", "metadata.uid", …
};

// Errc::invalid_argument: a member stands twice; the text names where.
base::Result<void> check_twins(base::json::Value given);

// `given`: an object, or a part of one. Errc::invalid_argument: it holds a mask, or a member twice;
// the text names where.
base::Result<Wish> clean_wish(base::json::Value given);

// Whether a secret that is masked in `masked` would be shown in `shown`, the same object after
// masking: a JSON Patch moved it, or renamed what it was known by.
bool unmasks(base::json::Value masked, base::json::Value shown);

// "left out what only the API server writes: status, metadata.uid"; "": nothing was.
std::string dropped_text(const std::vector<std::string>& dropped);

}  // namespace change
