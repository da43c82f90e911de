// ListDecoder: bytes of a list's answer in, its objects out, each as soon as it is whole: of a page only the object under way is kept, and one
// that no parser takes costs itself alone. Work is done in portions, so that no page keeps the loop, whatever is in it.
//
// Members of the list other than "items" are kept as rest(), a JSON object of its own.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/json.h"
#include "base/limits.h"

namespace kube {

// One portion: with what is made of each object some milliseconds at the most.
constexpr std::size_t kPortionItems = 250;
constexpr std::size_t kPortionBytes = 128 * base::limits::kKiB;
// Of an object over its limit so much is kept: its metadata are at the front.
constexpr std::size_t kLargeItemFront = 256 * base::limits::kKiB;
// Everything but the items: kind, metadata; or a Status.
constexpr std::size_t kListRestBytes = 64 * base::limits::kKiB;

class ListSink {
 public:
  virtual ~ListSink() = default;
  // False: the list was given up in the call. Then only reset() may follow.
  virtual bool on_object(base::json::Value object) = 0;
  // An element that is no object, cannot be parsed or is too large; `text`: its beginning.
  virtual bool on_unreadable(std::string_view text, const std::string& why) = 0;
};

class ListDecoder {
 public:
  enum class Fed : unsigned char { all, portion, given_up };

  explicit ListDecoder(std::size_t max_item = base::limits::kWatchFrameBytes)
      : max_item_(max_item) {}
  // Takes bytes off the front: all of them, or a portion. Errc::protocol: it is no list.
  base::Result<Fed> feed(std::string_view& bytes, ListSink& sink);
  // Its last bracket was seen.
  bool whole() const { return started_ && depth_ == 0; }
  const std::string& rest() const { return rest_; }
  void reset();

 private:
  enum class Where : unsigned char { outside, between, item };
  base::Result<void> outside(std::string_view& bytes);
  base::Result<void> between(std::string_view& bytes);
  bool item(std::string_view& bytes, ListSink& sink);
  std::size_t bare_size(std::string_view bytes);
  std::size_t scan(std::string_view bytes, std::size_t down_to);
  void keep(std::string_view bytes);
  bool tell(std::string_view text, ListSink& sink);

  std::size_t max_item_;
  base::json::Document doc_;
  Where where_ = Where::outside;
  std::string rest_;
  std::string pending_;      // of the item under way
  std::size_t item_size_ = 0;  // of it, also what was not kept
  std::size_t items_ = 0;      // of this portion
  std::size_t depth_ = 0;
  bool started_ = false, in_string_ = false, escaped_ = false;
};

}  // namespace kube
