#include "redact/text.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "base/encoding.h"
#include "redact/anchors.h"
#include "redact/chars.h"
#include "redact/encoded.h"
#include "redact/manifest.h"
#include "redact/pairs.h"
#include "redact/phrases.h"
#include "redact/shapes.h"
#include "redact/tokens.h"
#include "redact/values.h"
#include "redact/work.h"

namespace redact {

// base64 in base64 in base64: as deep as a file of cloud-init with a kubeconfig with a key.
constexpr int kMostDepth = 3;
// Passes after the first. In JSON that is broken a mask takes a quote or comma with it, and the rest
// reads otherwise than before; each pass leaves less. What still changes, as only fuzzing made a text
// do, is masked whole.
constexpr int kMorePasses = 4;

// One pass over a text. `out` nullptr: only whether there is a secret.
class TextScan {
 public:
  TextScan(const Text& owner, std::string_view text, const Limit& limit, std::string* out,
           int depth)
      : owner_(owner), text_(text), limit_(limit), out_(out), depth_(depth) {}

  bool run() {
    Anchors::all().each(text_, [&](std::size_t at, Hint hint) {
      if (at >= floor_) look(at, hint);
      return (out_ != nullptr || !found_) && !limit_.exceeded();
    });
    if (limit_.exceeded()) found_ = true;
    if (found_ && out_) out_->append(text_.substr(copied_));
    return found_;
  }

 private:
  void look(std::size_t at, Hint hint) {
    switch (hint) {
      case Hint::pair:
        return take_pair(at);
      case Hint::object:
        values_.clear();
        secret_members(text_, at, floor_, values_);
        return take_values();
      case Hint::token:
        take(token_at(text_, at, floor_));
        if (floor_ > at && text_.substr(at + 1, 2) == "KI") take(aws_secret_after(text_, floor_));
        return;
      case Hint::dotted:
        return take(jwt_at(text_, at, floor_));
      case Hint::pem:
        return take_key(at);
      case Hint::encoded:
        return look_inside(at);
      case Hint::run:
        return look_at_run(at);
      case Hint::credential:
        return take(credential_at(text_, at));
      case Hint::hash:
        return take(token_at(text_, at + 1, floor_));
      case Hint::url:
        return take(url_at(text_, at + 1));
      case Hint::dsn:
        return take(dsn_at(text_, at, floor_));
      case Hint::phrase:
        return take(phrase_at(text_, at));
    }
  }

  void take_pair(std::size_t at) {
    values_.clear();
    find_pair(text_, at, floor_, named_, values_);
    take_values();
  }

  void take_values() {
    for (const Found& value : values_)
      take(value);
  }

  // A logger, a quotation or a comment writes something before each line of a key: that ends the
  // block which pem_at() sees, and what follows up to its END is masked run by run.
  void take_key(std::size_t at) {
    const Found found = pem_at(text_, at, floor_);
    take(found);
    const std::size_t head = pem_line_end(text_, at - std::min<std::size_t>(at, 4));
    if (!found || text_.substr(at + 1, 5) != "BEGIN" || head == 0) return;
    if (found.end > head && text_.substr(0, found.end).ends_with("-----")) return;
    for (const Found& run : key_runs(text_, std::max(found.end, floor_)))
      put(run, text_.substr(run.begin, run.end - run.begin));
  }

  void look_at_run(std::size_t at) {
    if (at < run_end_) return;
    const Found run = run_around(text_, at, std::max(floor_, run_end_), run_end_);
    if (run) look_inside(run.begin);
  }

  void look_inside(std::size_t at) {
    if (depth_ >= kMostDepth || at < decoded_end_) return;
    std::string decoded;
    const Found found = encoded_at(text_, at, decoded);
    if (!found) return;
    decoded_end_ = run_end_ = found.end;
    if (is_compressed(decoded) || is_private_key(decoded) || owner_.has_secret(decoded, depth_ + 1))
      put(found, decoded);
  }

  void take(const Found& found) {
    if (!found || found.begin < floor_) return;
    const Found whole{found.begin, end_with_key(text_, found)};
    const std::string_view secret = text_.substr(whole.begin, whole.end - whole.begin);
    if (!is_mask(secret)) put(whole, secret);
  }

  void put(const Found& found, std::string_view secret) {
    found_ = true;
    floor_ = found.end;
    if (!out_) return;
    out_->append(text_.substr(copied_, found.begin - copied_)).append(owner_.mask_.of(secret));
    copied_ = found.end;
  }

  const Text& owner_;
  const std::string_view text_;
  const Limit& limit_;
  std::string* const out_;
  const int depth_;
  std::size_t floor_ = 0, copied_ = 0, named_ = 0, run_end_ = 0, decoded_end_ = 0;
  bool found_ = false;
  std::vector<Found> values_;
};

bool Text::clean(std::string_view text, std::string& out) const {
  if (!clean(text, &out, 0)) return false;
  std::string next;
  for (int i = 0; clean(out, &next, 0); ++i) {
    out.swap(next);
    if (i == kMorePasses) out = mask_.of(text);
  }
  return true;
}

bool Text::clean(std::string_view text, std::string* out, int depth) const {
  const Limit limit(text.size());
  const bool found = clean_within(limit, text, out, depth);
  if (limit.exceeded() && out) *out = mask_.of(text);
  return found || limit.exceeded();
}

bool Text::clean_within(const Limit& limit, std::string_view text, std::string* out,
                        int depth) const {
  const std::vector<SecretValue> values = secret_values(text, limit);
  if (!values.empty() && !out) return true;
  if (values.empty()) {
    if (!out) return TextScan(*this, text, limit, nullptr, depth).run();
    std::string cleaned;
    if (!TextScan(*this, text, limit, &cleaned, depth).run()) return false;
    *out = std::move(cleaned);
    return true;
  }
  std::string without;
  std::size_t copied = 0;
  for (const auto& [found, base64] : values) {
    const Found at{found.begin, end_with_key(text, found)};
    if (at.begin < copied) continue;
    if (limit.exceeded()) return true;
    const std::string_view value = text.substr(at.begin, at.end - at.begin);
    const std::optional<std::string> plain = base64 ? base::parse_base64(value) : std::nullopt;
    without.append(text.substr(copied, at.begin - copied)).append(mask_.of(plain ? *plain : value));
    copied = at.end;
  }
  without.append(text.substr(copied));
  std::string cleaned;
  *out = TextScan(*this, without, limit, &cleaned, depth).run() ? std::move(cleaned)
                                                                : std::move(without);
  return true;
}

}  // namespace redact
