#include "redact/anchors.h"

#include <algorithm>
#include <string>

#include "redact/chars.h"

namespace redact {

namespace {

constexpr std::string_view kDigits = "0123456789", kHex = "0123456789abcdef";
constexpr std::string_view kLower = "abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kUpper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

// Each has four characters; a longer word or prefix is found by the four that are rarest in what
// clusters write. Names are written in three ways: token, Token, TOKEN.
constexpr std::string_view kNameWords = "cook cred phra mnem kenn";
// In any mix of cases, too.
constexpr std::string_view kMixedWords = "pass secr toke auth";
constexpr std::string_view kTokenWords =
    "AKIA ASIA ABIA ACCA hub_ _pat glpa gldt glrt glcb glpt glft glim glag glso glsa glc_ "
    "webh ingW ghp_ gho_ ghu_ ghs_ ghr_ xoxb xoxp xoxa xoxr xoxs xoxe xoxc xoxd xapp oks. ya29 AIza GOCS "
    "npm_ sk-p sk-a T3Bl sk_l sk_t rk_l rk_t whse hvs. hvb. hvr. _v1_ pypi AGE- $2a$ $2b$ $2y$ "
    "$arg $y$j $apr {SSH {SHA dp.p dp.s dp.c ATAT ATCT ATBB dapi 256~ SWMT LTAI _oat glff gloa GR13 "
    "dt0c dt0s figd fo1_ fm1r fm2_ gsk_ HRKU lin_ lsv2 nfp_ NRAK NRII ntn_ nvap ops_ p8e- phx_ PMAK "
    "pnu_ pplx psca pul- rdme ems_ sbp_ sgp_ shpa shpc shpp shps sk-o sk-s sntr sq0a sq0c sqa_ sqp_ "
    "squ_ tfp_ tske xai- xkey AKCp cmVm .atl";
// As base64 "-----BEGIN", "apiVersion", "clusters", "contexts", "current-context", "kind", "users",
// "{" and the end of a line, gzip's first bytes, "#cloud-config", "#!/".
constexpr std::string_view kEncodedWords =
    "LS0t YXBp Y2x1 Y29u Y3Vy a2lu dXNl ewog ewoJ ew0K H4sI I2Ns IyEv";

}  // namespace

const Anchors& Anchors::all() {
  static const Anchors anchors;
  return anchors;
}

Anchors::Anchors() {
  list_.push_back({});
  const std::string alphanumeric = std::string(kLower).append(kUpper).append(kDigits);
  add_in_any_case(kNameWords, {}, Hint::pair);
  add_in_mixed_case(kMixedWords, Hint::pair);
  // A name that ends with it, or goes on as keyData, key_base64, pwd2, and the like.
  add_in_any_case("key pwd psk",
                  "\"'\\:=] _-.%>,})?\n\rsdvpbcorentuSDVPBCORENTU" + std::string(kDigits),
                  Hint::pair);
  add_words("sig= igjs gnat mage", Hint::pair);
  // bindPW, db_pw
  const std::string befores = std::string(kLower).append(kUpper).append("_-.\"' \n/");
  for (const char before : befores) {
    for (const std::string_view pw : {"pw", "Pw", "PW"})
      add(std::string{before}.append(pw), "\"'\\:=] >,})\n\r", Hint::pair);
  }
  add_words("Opaq dFie t-ap gDat kty\" kty\\ ic-a h-au o/tl kerc e-ac ap.k", Hint::object);
  add_words(kTokenWords, Hint::token);
  add("SG.", alphanumeric, Hint::token);
  add("hf_", alphanumeric, Hint::token);
  for (const char before : std::string_view(":\"' =>")) {
    add(std::string{before, '$', '6'}, "$", Hint::hash);
    add(std::string{before, '$', '5'}, "$", Hint::hash);
  }
  add("7Q~", alphanumeric + "_-.~", Hint::token);
  add("8Q~", alphanumeric + "_-.~", Hint::token);
  add_words(".eyJ", Hint::dotted);
  add_words("-BEG -END", Hint::pem);
  add("- B", "E", Hint::pem);
  add("- E", "N", Hint::pem);
  add("K10", kHex, Hint::token);
  for (const char first : kHex)
    add(std::string("SK") + first, kHex, Hint::token);
  add(" -u", " ", Hint::phrase);
  add(" -p", alphanumeric + " '\"", Hint::phrase);
  add(" -a", " ", Hint::phrase);
  add_words("-use", Hint::phrase);
  add_in_any_case("fied", {}, Hint::phrase);
  add_words("e-Li", Hint::phrase);
  add(":54", "3", Hint::phrase);
  add(":15", "2", Hint::phrase);
  for (const char first : kLower)
    add(std::string("@/") + first, alphanumeric + "_-", Hint::phrase);
  // As base64 an object begins so: a brace, a quote and a small letter.
  add("eyJ", "hijklmnopqrstuvwxyz0123456", Hint::encoded);
  add_words(kEncodedWords, Hint::encoded);
  add_in_any_case("bear basi", {}, Hint::credential);
  for (const char end : kLower)
    add(std::string{end, ':', '/'}, "/", Hint::url);
  add_words("@tcp @uni", Hint::dsn);
}

std::vector<std::string> Anchors::words() const {
  std::vector<std::string> out;
  for (std::size_t i = 1; i < list_.size(); ++i) {
    int last = 0;
    while ((list_[i].follows[static_cast<std::size_t>(last) / 64] >> (last % 64) & 1) == 0)
      ++last;
    out.push_back(std::string(list_[i].front.data(), 3) + static_cast<char>(last));
  }
  return out;
}

void Anchors::add_words(std::string_view words, Hint hint) {
  while (!words.empty()) {
    add(words.substr(0, 3), words.substr(3, 1), hint);
    words.remove_prefix(std::min<std::size_t>(kBytes + 1, words.size()));
  }
}

// Without `follows` each word has four characters, else three.
void Anchors::add_in_any_case(std::string_view words, std::string_view follows, Hint hint) {
  const auto upper = [](char c) { return static_cast<char>(c & ~0x20); };
  for (std::string_view rest = words; !rest.empty();) {
    const std::size_t size = follows.empty() ? kBytes : kBytes - 1;
    std::string word(rest.substr(0, size));
    for (int i = 0; i < 3; ++i) {
      if (i == 1) word[0] = upper(word[0]);
      if (i == 2) std::transform(word.begin(), word.end(), word.begin(), upper);
      add(word.substr(0, 3), follows.empty() ? word.substr(3) : std::string(follows), hint);
    }
    rest.remove_prefix(std::min(size + 1, rest.size()));
  }
}

void Anchors::add_in_mixed_case(std::string_view words, Hint hint) {
  constexpr int kWays = 1 << kBytes;
  for (std::string_view rest = words; !rest.empty();
       rest.remove_prefix(std::min(kBytes + 1, rest.size()))) {
    for (int way = 0; way < kWays; ++way) {
      std::string word(rest.substr(0, kBytes));
      for (std::size_t i = 0; i < kBytes; ++i)
        if ((way >> i & 1) != 0) word[i] = static_cast<char>(word[i] & ~0x20);
      add(word.substr(0, 3), word.substr(3), hint);
    }
  }
}

void Anchors::set(const char* group) {
  const std::uint32_t bit = mixed(word_at({group, 3}, 0)) >> (32 - kFilterBits);
  filter_[bit / 64] |= std::uint64_t{1} << (bit % 64);
}

void Anchors::add(std::string_view front, std::string_view follows, Hint hint) {
  Anchor anchor{{front[0], front[1], front[2]}, hint, 0, {}};
  set(front.data());
  for (const char c : follows) {
    const std::array<char, 3> second = {front[1], front[2], c};
    set(second.data());
    const auto byte = static_cast<unsigned char>(c);
    anchor.follows[byte / 64] |= std::uint64_t{1} << (byte % 64);
  }
  std::uint16_t& first = first_[bucket(word_at(front, 0))];
  anchor.next = first;
  first = static_cast<std::uint16_t>(list_.size());
  list_.push_back(anchor);
}

// Letters and digits, some of them large: neither a word nor a number in base 16.
bool Anchors::is_run(std::string_view text, std::size_t begin) {
  bool upper = false;
  for (const char c : text.substr(begin, kRunBytes)) {
    if (!is_alnum(c)) return false;
    upper = upper || is_upper(c);
  }
  return upper;
}

Anchors::Block Anchors::next(std::string_view text, std::size_t at) const {
  const char* data = text.data();
  while (at + kGroups * kStep + sizeof(std::uint32_t) <= text.size()) {
    std::uint32_t hits = 0;
    for (std::size_t i = 0; i < kGroups; ++i) {
      std::uint32_t word = 0;
      std::memcpy(&word, data + at + i * kStep, sizeof word);
      hits |= passes(word) << i;
    }
    static_assert(kGroups * kStep == 2 * kRunStep);
    const std::uint32_t runs = passes_run(data + at) | passes_run(data + at + kRunStep) << 1;
    if ((hits | runs) != 0) return {at, at + kGroups * kStep, hits, runs};
    at += kGroups * kStep;
  }
  std::uint32_t hits = 0, runs = 0;
  const std::size_t begin = at;
  for (std::size_t i = 0; at + i * kRunStep + kRunBytes <= text.size(); ++i)
    runs |= passes_run(data + at + i * kRunStep) << i;
  for (std::size_t i = 0; at + 3 <= text.size(); ++i, at += kStep)
    hits |= passes(word_at(text, at)) << i;
  return {begin, text.size(), hits, runs};
}

}  // namespace redact
