// The user at the terminal: questions of a tool, and the progress of a call.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"

namespace cli {

// Can questions be asked: are standard input and standard error terminals?
bool can_ask();

// Asks each of a result's inputRequests and returns inputResponses as JSON. A form's fields are asked
// one by one; a yes-or-no question takes y or N, and N is the default; an empty answer to a required
// field, and the end of input, decline.
std::string answers_to(base::json::Value input_requests);

// Shows a progress notification on one line of standard error, if that is a terminal.
class ProgressLine {
 public:
  ~ProgressLine() { clear(); }
  void show(base::json::Value params);
  void clear();

 private:
  bool shown_ = false;
};

}  // namespace cli
