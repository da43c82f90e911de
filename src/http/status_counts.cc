#include "http/status_counts.h"

#include <algorithm>
#include <iterator>
#include <numeric>

namespace http {

namespace {

struct Known {
  int status;
  std::string_view label;
};
// In order of status: those that our server, kube-apiserver and the proxies before it send.
constexpr Known kKnown[] = {{200, "200"}, {201, "201"}, {202, "202"}, {204, "204"}, {400, "400"},
                            {401, "401"}, {403, "403"}, {404, "404"}, {405, "405"}, {406, "406"},
                            {408, "408"}, {409, "409"}, {410, "410"}, {412, "412"}, {413, "413"},
                            {414, "414"}, {415, "415"}, {417, "417"}, {422, "422"}, {429, "429"},
                            {431, "431"}, {500, "500"}, {501, "501"}, {502, "502"}, {503, "503"},
                            {504, "504"}, {505, "505"}};
constexpr std::string_view kOthers[] = {"none", "1xx", "2xx", "3xx", "4xx", "5xx", "other"};

}  // namespace

std::size_t StatusCounts::slot_of(int status) {
  static_assert(kSlots == std::size(kKnown) + std::size(kOthers));
  const auto* at =
      std::lower_bound(std::begin(kKnown), std::end(kKnown), status,
                       [](const Known& known, int wanted) { return known.status < wanted; });
  if (at != std::end(kKnown) && at->status == status)
    return static_cast<std::size_t>(at - std::begin(kKnown));
  if (status == kNone) return std::size(kKnown);
  const bool has_class = status >= 100 && status <= 599;
  return std::size(kKnown) + (has_class ? static_cast<std::size_t>(status / 100) : 6);
}

std::string_view StatusCounts::label_of(std::size_t slot) {
  return slot < std::size(kKnown) ? kKnown[slot].label : kOthers[slot - std::size(kKnown)];
}

std::uint64_t StatusCounts::total() const {
  return std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0});
}

}  // namespace http
