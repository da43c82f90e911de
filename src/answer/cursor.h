// Cursor: where an answer was cut, carried by the caller as the text `continue`: sealed, so that it
// cannot be forged, and bound to the tool, the caller and the arguments it was made for. Nothing is
// kept on the server.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/seal.h"

namespace answer {

// Longer than a conversation about one list takes; etcd forgets its own tokens after 5 to 10
// minutes, and then the list goes on from the last key.
constexpr base::Duration kCursorTime = base::minutes(60);

struct Cursor {
  std::string token;      // the API server's, of the page in which the last row was; "": the first
  std::string last_key;   // of the last row: "namespace/name"
  std::string last_sort;  // and the value that it was sorted by; "": not sorted, or none
};

// What a cursor is bound to. `arguments`: name → value of each that selects rows.
struct CursorOwner {
  std::string_view tool, identity;
  std::map<std::string, std::string> arguments;
};

std::string seal_cursor(const base::Seal& seal, const Cursor& cursor, const CursorOwner& owner,
                        base::WallTime now);
// Errc::invalid_argument: the text is no cursor of this tool and caller, it has expired, or an
// argument, which the message names, has changed.
base::Result<Cursor> open_cursor(const base::Seal& seal, std::string_view text,
                                 const CursorOwner& owner, base::WallTime now);

}  // namespace answer
