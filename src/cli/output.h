// Output: what the commands print, and where: answers to standard output, errors and progress to
// standard error. On a terminal characters that would move its cursor are escaped.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "client/request.h"

namespace cli {

// The exit codes of the commands that ask a server.
enum Exit : int { kOk = 0, kFailed = 1, kUsage = 2, kUnreachable = 3 };

// Writes the text, with a newline at its end. False: standard output takes no more, of which the end of
// main tells (base/output.h).
bool print(std::string_view text);
// "k0rdent-mcp: TEXT", on one line, to standard error.
void complain(std::string_view text);
// Says why there is no result, and returns the exit code. `about`: what was asked for.
int complain_of(const client::Outcome& outcome, std::string_view about, std::string_view server);

// JSON, indented by two spaces a level.
std::string pretty(base::json::Value value);
// "namespace/name" or "name" of each row: the objects of the answer's first list, the answer itself, or
// the object in it. The id of a row that has one: of a graph's nodes several may share a name.
std::string names_of(base::json::Value structured);
// Says on the error output how many rows a cut answer leaves out; `then`: what to do.
void complain_of_cut(base::json::Value structured, std::string_view then);
// The first member that is a list of objects; "": there is none.
std::string_view rows_key(base::json::Value structured);

// A character takes one place, whatever its bytes.
std::size_t characters(std::string_view text);
using Table = std::vector<std::vector<std::string>>;
// Rows as columns, padded to the widest cell, three spaces between, as kubectl prints them.
std::string columns(const Table& rows);
// The cells of such a text, whose first line is its head. `rest`: what follows its last row, after an
// empty line.
Table cells_of(std::string_view text, std::string& rest);

}  // namespace cli
