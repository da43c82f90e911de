// Arguments of a tool from the words of a command line, typed by the tool's input schema:
//
//   namespace=team-a       text; where the schema wants a number or true|false, that
//   types=Warning          of a list; repeated for more
//   config:={"region":1}   JSON, whatever the schema wants
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace cli {

struct Arguments {
  std::string json;  // an object
  std::vector<std::pair<std::string, std::string>>
      headers;  // Mcp-Param-*, for those that are mirrored
};

// `words`: in their order; a later one replaces an earlier one, but of a list. `base`: an object with
// arguments that they override, or absent. Errors name the argument, and the nearest one that
// there is; a required argument that is missing is an error, too.
base::Result<Arguments> read_arguments(base::json::Value schema,
                                       const std::vector<std::string>& words,
                                       base::json::Value base);

// What an argument takes, for help: "text", "number", "true|false", "text, repeatable", "JSON".
std::string type_text(base::json::Value property);

}  // namespace cli
