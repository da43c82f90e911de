#include "base/yaml_error.h"

#include <utility>

#include "base/text.h"

namespace base::yaml {

Error error_at(int line, std::string what) {
  return Error(Errc::invalid_argument, "line " + std::to_string(line) + ": " + std::move(what));
}

std::string quoted(std::string_view word) {
  constexpr std::size_t kShown = 64;
  return "\"" + printable(word, kShown) + "\"";
}

Error unknown_word(int line, std::string_view what, std::string_view word,
                   const std::vector<std::string_view>& known) {
  std::string text = "unknown " + std::string(what) + " " + quoted(word);
  const std::string_view near = nearest(word, known);
  if (!near.empty()) return error_at(line, text + "; did you mean " + std::string(near) + "?");
  text += "; known: ";
  for (std::size_t i = 0; i < known.size(); ++i)
    text.append(i == 0 ? "" : ", ").append(known[i]);
  return error_at(line, std::move(text));
}

}  // namespace base::yaml
