// Status objects: what the API server answers instead of what was asked, in its own words and
// shapes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/type.h"

namespace sim {

struct StatusCause {
  std::string reason, message, field;
};

struct Status {
  int code = 500;
  std::string reason = {};
  std::string message = {};
  // details
  std::string name = {}, group = {}, kind = {}, uid = {};
  std::vector<StatusCause> causes = {};
  int retry_after_seconds = 0;
  std::string continue_token = {};  // metadata.continue of an expired list
};

std::string to_json(const Status& status);

Status bad_request(std::string message);
Status unauthorized();
// `what`: "pods", "pods/log". `name`, `ns` may be "".
Status forbidden(std::string_view user, std::string_view verb, const Type& type,
                 std::string_view sub, std::string_view ns, std::string_view name);
Status not_found(const Type& type, std::string_view name);
Status already_exists(const Type& type, std::string_view name);
Status conflict(const Type& type, std::string_view name);
Status method_not_allowed();
Status unsupported_media_type(std::string_view type);
// One field of `kind` is wrong: reason FieldValueForbidden or FieldValueInvalid.
Status invalid(std::string_view group, std::string_view kind, std::string_view name,
               StatusCause cause);
Status expired(std::string message);
Status version_too_large(std::uint64_t asked, std::uint64_t current);
Status internal_error(std::string message);

// A watch frame {"type":"ERROR","object":STATUS} with its line end.
std::string error_frame(const Status& status);

}  // namespace sim
