// Finding a part of a JSON text without reading the whole: of an object that no parser takes, what names it can still be told. Looks at
// brackets and strings alone; what comes out has to be parsed.
#pragma once

#include <string_view>

namespace base::json {

// The text of the value of the first member `key` (without escapes) of the object that `text` begins with, "" when there is none or it is cut.
std::string_view raw_member(std::string_view text, std::string_view key);

}  // namespace base::json
