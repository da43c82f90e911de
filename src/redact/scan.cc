#include "redact/scan.h"

#include <algorithm>
#include <iterator>

#include "redact/encoded.h"
#include "redact/manifest.h"
#include "redact/pairs.h"
#include "redact/phrases.h"
#include "redact/shapes.h"
#include "redact/tokens.h"
#include "redact/work.h"

namespace redact {

namespace {

// The words whose anchors are those of Hint::object, and where in them the anchor is.
struct Word {
  std::string_view text;
  std::size_t offset;
};
constexpr Word kObjectWords[] = {{"Opaque", 0},
                                 {"basic-auth", 3},
                                 {"ssh-auth", 2},
                                 {"io/tls", 1},
                                 {"dockercfg", 3},
                                 {"service-account-token", 6},
                                 {"bootstrap.kubernetes.io/token", 7},
                                 {"managedFields", 6},
                                 {"last-applied-configuration", 3},
                                 {"stringData", 5},
                                 {"kty", 0}};

bool is_object_word(std::string_view json, std::size_t at) {
  return std::any_of(std::begin(kObjectWords), std::end(kObjectWords), [&](const Word& word) {
    return at >= word.offset && json.substr(at - word.offset, word.text.size()) == word.text;
  });
}

}  // namespace

Scan::Scan(const Text& texts, std::string_view json)
    : texts_(texts), json_(json), left_(most_work(json.size())) {}

bool Scan::encodes_secret(std::size_t at) {
  return encoded_at(json_, at, decoded_) &&
         (is_compressed(decoded_) || is_private_key(decoded_) || texts_.has_secret(decoded_, 1));
}

bool Scan::may_at(std::size_t at, Hint hint) {
  switch (hint) {
    case Hint::pair:
      return may_be_pair(json_, at, named_) || is_secret_kind(json_, at) ||
             json_.substr(at, 7) == "igjson\"";
    case Hint::object:
      return is_object_word(json_, at);
    case Hint::token:
      return bool(token_at(json_, at, 0));
    case Hint::dotted:
      return bool(jwt_at(json_, at, 0));
    case Hint::pem:
      return bool(pem_at(json_, at, 0));
    case Hint::encoded:
      return encodes_secret(at);
    case Hint::run: {
      if (at < run_end_) return false;
      const Found run = run_around(json_, at, run_end_, end_);
      const bool may = run && encodes_secret(run.begin);
      run_end_ = std::max(run_end_, end_);
      return may;
    }
    case Hint::credential:
      return bool(credential_at(json_, at));
    case Hint::hash:
      return bool(token_at(json_, at + 1, 0));
    case Hint::url:
      return bool(url_at(json_, at + 1));
    case Hint::dsn:
      return bool(dsn_at(json_, at, 0));
    case Hint::phrase:
      return bool(phrase_at(json_, at));
  }
  return false;
}

bool Scan::step(std::size_t most) {
  const std::size_t begin = work, from = from_;
  most = std::min(most, left_);
  from_ = json_.size();
  std::size_t last = from;
  Anchors::all().each(
      json_,
      [&](std::size_t at, Hint hint) {
        if (at < from) return true;
        // Several hints of one place are looked at in one step.
        if (at != last && work - begin > most) return from_ = at, false;
        last = at;
        may_ = may_at(at, hint);
        return !may_;
      },
      from - from % Anchors::kBlockBytes);
  const std::size_t done = work - begin;
  may_ = may_ || done > left_;
  left_ -= std::min(done, left_);
  return may_ || from_ == json_.size();
}

}  // namespace redact
