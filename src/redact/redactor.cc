#include "redact/redactor.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "redact/anchors.h"
#include "redact/encoded.h"
#include "redact/manifest.h"
#include "redact/pairs.h"
#include "redact/phrases.h"
#include "redact/shapes.h"
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

bool Redactor::may_have_secret(std::string_view json) const {
  bool may = false;
  std::string decoded;
  std::size_t named = 0, run_end = 0, end = 0;
  const Limit limit(json.size());
  const auto encodes_secret = [&](std::size_t at) {
    return encoded_at(json, at, decoded) &&
           (is_compressed(decoded) || is_private_key(decoded) || text_.has_secret(decoded, 1));
  };
  Anchors::all().each(json, [&](std::size_t at, Hint hint) {
    switch (hint) {
      case Hint::pair:
        may = may_be_pair(json, at, named) || is_secret_kind(json, at) ||
              json.substr(at, 7) == "igjson\"";
        break;
      case Hint::object:
        may = is_object_word(json, at);
        break;
      case Hint::token:
        may = bool(token_at(json, at, 0));
        break;
      case Hint::dotted:
        may = bool(jwt_at(json, at, 0));
        break;
      case Hint::pem:
        may = bool(pem_at(json, at, 0));
        break;
      case Hint::encoded:
        may = encodes_secret(at);
        break;
      case Hint::run:
        if (at < run_end) break;
        if (const Found run = run_around(json, at, run_end, end)) may = encodes_secret(run.begin);
        run_end = std::max(run_end, end);
        break;
      case Hint::credential:
        may = bool(credential_at(json, at));
        break;
      case Hint::hash:
        may = bool(token_at(json, at + 1, 0));
        break;
      case Hint::url:
        may = bool(url_at(json, at + 1));
        break;
      case Hint::dsn:
        may = bool(dsn_at(json, at, 0));
        break;
      case Hint::phrase:
        may = bool(phrase_at(json, at));
        break;
    }
    may = may || limit.exceeded();
    return !may;
  });
  return may;
}

// The quick pass looks at the text, where an escape (\u0070assword) could hide a name or a token.
static bool is_written_as_here(std::string_view json) {
  if (json.find('\n') != json.npos || json.find('\r') != json.npos) return false;
  for (std::size_t at = 0; (at = json.find('\\', at)) != json.npos; at += 2) {
    const char c = at + 1 < json.size() ? json[at + 1] : 'u';
    if (c == 'u' || c == '/') return false;
  }
  return true;
}

bool Redactor::is_clean(std::string_view json) const {
  return is_written_as_here(json) && !may_have_secret(json);
}

bool Redactor::body(std::string_view json, std::string& out) const {
  if (!may_have_secret(json)) return false;
  base::json::Document doc;
  const auto value = doc.parse(json);
  // No JSON, or deeper than the parser goes: it is never sent as it is.
  if (!value) return text_.clean(json, out);
  std::string clean;
  object_.write(*value, clean);
  if (clean == json) return false;
  out = std::move(clean);
  return true;
}

}  // namespace redact
