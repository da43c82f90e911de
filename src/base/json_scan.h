// Finds one member in a JSON text without parsing all of it, for instance the name in an object
// that the parser refuses (too deep, too large). Looks only at brackets and strings; the caller has
// to parse the result.
#pragma once

#include <string_view>

namespace base::json {

// The text of the value of the first member `key` (compared without decoding escapes) of the object
// at the start of `text`; "" when there is none or it is cut.
std::string_view raw_member(std::string_view text, std::string_view key);
// The same, and of one that is cut what is there.
std::string_view member_front(std::string_view text, std::string_view key);

}  // namespace base::json
