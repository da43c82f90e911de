#include "answer/natural_order.h"

#include <algorithm>

namespace answer {

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

int natural_order(std::string_view a, std::string_view b) {
  while (!a.empty() && !b.empty()) {
    if (is_digit(a.front()) && is_digit(b.front())) {
      const auto number = [](std::string_view& s) {
        s.remove_prefix(std::min(s.find_first_not_of('0'), s.size()));
        const std::string_view digits = s.substr(0, s.find_first_not_of("0123456789"));
        s.remove_prefix(digits.size());
        return digits;
      };
      const std::string_view x = number(a), y = number(b);
      if (x.size() != y.size()) return x.size() < y.size() ? -1 : 1;
      if (const int order = x.compare(y); order != 0) return order;
      continue;
    }
    if (a.front() != b.front())
      return static_cast<unsigned char>(a.front()) < static_cast<unsigned char>(b.front()) ? -1 : 1;
    a.remove_prefix(1);
    b.remove_prefix(1);
  }
  return a.empty() ? (b.empty() ? 0 : -1) : 1;
}

}  // namespace answer
