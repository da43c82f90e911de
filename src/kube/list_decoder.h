// ListDecoder: turns the bytes of a list's answer into its objects, each as soon as it is complete.
// It keeps only the current object of a page, and an object that cannot be parsed affects only
// itself. It works in portions, so that no page blocks the loop, whatever it contains.
//
// The objects are the elements of "items", or of "rows" in a Table (meta.k8s.io/v1), where each has
// cells and an object. The list's other members are collected as rest(), a JSON object of its own.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/json.h"
#include "base/limits.h"
#include "kube/json_walk.h"

namespace kube {

// One portion: together with the handler's work on each object, some milliseconds at most.
constexpr std::size_t kPortionItems = 250;
constexpr std::size_t kPortionBytes = 128 * base::limits::kKiB;
// Limit of rest(): kind and metadata, or a Status.
constexpr std::size_t kListRestBytes = 64 * base::limits::kKiB;

class ListSink {
 public:
  virtual ~ListSink() = default;
  // Returns false when the list was given up in the call; only reset() may follow.
  virtual bool on_object(base::json::Value object) = 0;
  // An element that is not an object, cannot be parsed or is too large. `text`: its beginning.
  virtual bool on_unreadable(std::string_view text, const std::string& why) = 0;
};

class ListDecoder {
 public:
  enum class Fed : unsigned char { all, portion, given_up };

  // A row of a Table may have twice `max_item`: what a column shows of an object it holds once more.
  explicit ListDecoder(std::size_t max_item = kObjectBytes) : max_item_(max_item) {}
  // Consumes bytes from the front: all of them, or one portion. Errc::protocol: it is not a list.
  base::Result<Fed> feed(std::string_view& bytes, ListSink& sink);
  // The list's closing bracket was read.
  bool whole() const { return started_ && walk_.depth() == 0; }
  const std::string& rest() const { return rest_; }
  // rest() before the list's end, made whole: what came before the objects.
  std::string rest_so_far() const { return rest_ + (whole() ? "" : "]}"); }
  // The text of the object that on_object() is given, as it was sent: valid inside that call only.
  std::string_view item_text() const { return item_text_; }
  // The answer is a Table.
  bool is_table() const { return table_; }
  void reset();

 private:
  enum class Where : unsigned char { outside, between, item };
  base::Result<void> outside(std::string_view& bytes);
  base::Result<void> between(std::string_view& bytes);
  bool item(std::string_view& bytes, ListSink& sink);
  std::size_t bare_size(std::string_view bytes);
  std::size_t most() const { return table_ ? 2 * max_item_ : max_item_; }
  void keep(std::string_view bytes);
  bool tell(std::string_view text, ListSink& sink);

  std::size_t max_item_;
  base::json::Document doc_;
  Where where_ = Where::outside;
  std::string rest_;
  std::string pending_;  // of the current item
  std::string_view item_text_;
  std::size_t item_size_ = 0;  // of the current item, including bytes that were not kept
  std::size_t items_ = 0;      // in this portion
  JsonWalk walk_;
  bool started_ = false, table_ = false;
  bool bare_string_ = false, bare_escaped_ = false;  // in an element that is not an object
};

}  // namespace kube
