// Metrics: a histogram that costs a few compares, and a writer of the text that Prometheus scrapes
// (text exposition format 0.0.4). Components count in plain numbers; one place reads them all at
// each scrape. There is no registry and no clock.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "base/time.h"

namespace base::metrics {

constexpr std::size_t kMaxBounds = 16;

// Upper bounds, ascending, each inclusive.
using Bounds = std::span<const Duration>;

// Durations of requests: from those served from memory to the longest wait for an API server.
constexpr std::array<Duration, 14> kRequestBounds = {
    microseconds(100),  milliseconds(1),   milliseconds(5),   milliseconds(10),  milliseconds(25),
    milliseconds(50),   milliseconds(100), milliseconds(250), milliseconds(500), seconds(1),
    milliseconds(2500), seconds(5),        seconds(10),       seconds(30)};

class Histogram {
 public:
  // Requires: at most kMaxBounds bounds. The array of `bounds` must outlive the Histogram (a
  // constant does).
  explicit Histogram(Bounds bounds = kRequestBounds) : bounds_(bounds) {}
  void observe(Duration d);

  Bounds bounds() const { return bounds_; }
  // Not cumulative; the last bucket, at bounds().size(), counts what is above all bounds.
  std::uint64_t bucket(std::size_t i) const { return buckets_[i]; }
  std::uint64_t count() const { return count_; }
  Duration sum() const { return sum_; }

 private:
  Bounds bounds_;
  std::array<std::uint64_t, kMaxBounds + 1> buckets_{};
  std::uint64_t count_ = 0;
  Duration sum_{};
};

struct Label {
  std::string_view name, value;
};
using Labels = std::initializer_list<Label>;

enum class Kind : unsigned char { counter, gauge, histogram };

// Appends families of samples to a string, which must outlive the Writer. Breaking the format's
// rules is a CHECK.
//   Writer w(out);
//   w.family("app_requests_total", Kind::counter, "Requests answered.")
//       .sample({{"code", "200"}}, n);
class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  // Begins a family; its name is used once and all of its samples follow at once. Requires: a
  // counter's name ends in _total and no other name does; `help` is not empty.
  Writer& family(std::string_view name, Kind kind, std::string_view help);
  // A sample of a counter or gauge. Requires: no two samples of a family have the same labels.
  Writer& sample(Labels labels, double value);
  Writer& sample(double value) { return sample({}, value); }
  // A sample of a histogram, in seconds: the buckets, their sum and their count.
  Writer& sample(Labels labels, const Histogram& histogram);
  Writer& sample(const Histogram& histogram) { return sample({}, histogram); }

 private:
  void line(std::string_view suffix, Labels labels, std::string_view le, double value);
  std::string& out_;
  std::string name_;
  Kind kind_ = Kind::gauge;
};

constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

inline double to_seconds(Duration d) {
  return static_cast<double>(d.count()) / 1e9;
}

}  // namespace base::metrics
