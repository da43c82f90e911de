#include "redact/key_words.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <span>

#include "base/text.h"
#include "redact/chars.h"
#include "redact/remembered.h"

namespace redact {

namespace {

constexpr std::size_t kMostWords = 12;
constexpr std::size_t kMostBytes = 96;  // of a longer name, the last ones

using Table = std::span<const std::string_view>;

bool in(Table table, std::string_view word) {
  return std::find(table.begin(), table.end(), word) != table.end();
}

// A name with one of these words holds what anyone may see.
constexpr std::string_view kOpen[] = {"public", "pub",    "existing",    "checksum",
                                      "sha",    "digest", "fingerprint", "placeholder"};
// Words after the noun that leave it what it is: clientKeyData, passwordValue, tokenBase64.
constexpr std::string_view kSame[] = {"data",     "value", "val",   "string",  "str",
                                      "text",     "raw",   "plain", "pem",     "content",
                                      "contents", "base",  "list",  "json",    "b",
                                      "encoded",  "old",   "new",   "current", "plaintext"};
// A password's name with one of these after the noun holds something about the password.
constexpr std::string_view kAbout[] = {
    "name",       "file",     "path",    "policy",  "ref",       "refs",     "key",    "keys",
    "length",     "len",      "min",     "max",     "reset",     "url",      "uri",    "hint",
    "field",      "prompt",   "expiry",  "expires", "age",       "enabled",  "secret", "required",
    "command",    "cmd",      "method",  "type",    "generator", "rotation", "from",   "manager",
    "login",      "grant",    "count",   "based",   "selector",  "attempts", "env",    "var",
    "validation", "change",   "changed", "id",      "source",    "template", "label",  "less",
    "namespace",  "provider", "auth",    "history", "mode",      "disabled", "kind",   "version"};
constexpr std::string_view kPasswords[] = {"password", "passwd",    "passphrase",
                                           "pwd",      "passwords", "passcode",
                                           "passkey",  "passwort",  "kennwort"};
// `…pass` and `…pw` of these, in one word.
constexpr std::string_view kPassOf[] = {
    "user",  "db",   "root", "admin", "pg",  "mysql", "redis", "smtp",  "ldap", "mail", "http",
    "proxy", "bind", "key",  "store", "ssh", "ftp",   "my",    "login", "auth", "host", "require"};
// A `…Phrase` of these is a secret.
constexpr std::string_view kPhraseOf[] = {"seed", "secret", "recovery", "mnemonic", "backup"};
// A `…Secret` of these is a value; of others it may be the name of a Secret (tlsSecret, pullSecret).
constexpr std::string_view kSecretOf[] = {
    "client",   "app", "api",  "shared", "webhook",    "jwt",        "session",   "cookie", "oauth",
    "consumer", "sp",  "hmac", "master", "credential", "encryption", "principal", "signing"};
// A `…Token` of these marks a place in a list or a request.
constexpr std::string_view kTokenOf[] = {"progress", "page", "next",        "continue", "cursor",
                                         "list",     "sync", "idempotency", "skip",     "resume"};
// A `…Key` of these is a secret whatever it looks like.
constexpr std::string_view kKeyOf[] = {
    "api",     "access",  "secret",     "private",      "priv",   "signing",       "sign",
    "encrypt", "account", "encryption", "master",       "shared", "storage",       "client",
    "auth",    "ssh",     "tls",        "ssl",          "hmac",   "session",       "jwt",
    "deploy",  "unseal",  "recovery",   "subscription", "root",   "authorization", "wrapping",
    "license", "admin",   "bot",        "webhook",      "gpg",    "aes",           "crypto",
    "fernet",  "hash",    "salt",       "cipher",       "pepper", "vault",         "decryption"};
// A `…Key` of these is a name or a selector.
constexpr std::string_view kNameKeyOf[] = {
    "topology", "partition", "label",   "annotation", "sort",   "group", "primary",
    "cache",    "foreign",   "routing", "lookup",     "object", "field", "metric"};

// The words of a name in lower case, without digits at their ends.
class Words {
 public:
  explicit Words(std::string_view name) {
    if (name.size() > kMostBytes) name.remove_prefix(name.size() - kMostBytes);
    std::size_t begin = 0;
    for (std::size_t i = 0; i < name.size(); ++i) {
      const char c = name[i];
      if (!is_letter(c) && !is_digit(c)) {
        add(begin);
        begin = used_;
        continue;
      }
      if (i > 0 && is_upper(c) &&
          (is_lower(name[i - 1]) || is_digit(name[i - 1]) || begins_word(name, i))) {
        add(begin);
        begin = used_;
      }
      text_[used_++] = is_upper(c) ? static_cast<char>(c + ('a' - 'A')) : c;
    }
    add(begin);
  }

  std::size_t size() const { return size_; }
  std::string_view operator[](std::size_t i) const { return words_[i]; }
  std::string_view back() const { return words_[size_ - 1]; }
  std::string_view before(std::size_t i) const {
    return i > 0 ? words_[i - 1] : std::string_view();
  }
  void pop() { --size_; }

 private:
  static bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
  static bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
  static bool is_letter(char c) { return is_upper(c) || is_lower(c); }
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }
  // The K of APIKey.
  static bool begins_word(std::string_view name, std::size_t i) {
    return is_upper(name[i - 1]) && i + 1 < name.size() && is_lower(name[i + 1]);
  }
  void add(std::size_t begin) {
    std::string_view word(text_.data() + begin, used_ - begin);
    while (!word.empty() && is_digit(word.back()))
      word.remove_suffix(1);
    if (word.empty()) return;
    if (size_ == kMostWords) {
      std::move(words_.begin() + 1, words_.end(), words_.begin());
      --size_;
    }
    words_[size_++] = word;
  }
  std::array<char, kMostBytes> text_{};
  std::array<std::string_view, kMostWords> words_;
  std::size_t used_ = 0, size_ = 0;
};

// "apikey" is "api" and "key". True: `word` is the noun, or ends with it; then `of` is the rest.
bool is_noun(std::string_view word, std::string_view noun, std::string_view& of) {
  if (word == noun) return true;
  if (!word.ends_with(noun) || word.size() < noun.size() + 2) return false;
  of = word.substr(0, word.size() - noun.size());
  return true;
}

bool is_password(std::string_view word) {
  if (word == "pass" || word == "pw" || word == "masterauth") return true;
  for (const std::string_view end : {"pass", "pw"}) {
    if (word.ends_with(end) && in(kPassOf, word.substr(0, word.size() - end.size()))) return true;
  }
  if (word.starts_with(kPasswords[0]) && in(kSame, word.substr(kPasswords[0].size()))) return true;
  std::string_view of;
  return std::any_of(std::begin(kPasswords), std::end(kPasswords),
                     [&](std::string_view noun) { return is_noun(word, noun, of); });
}

Holds key_of(std::string_view of) {
  if (of.empty() || in(kNameKeyOf, of)) return Holds::nothing;
  const bool strong = std::any_of(std::begin(kKeyOf), std::end(kKeyOf), [&](std::string_view each) {
    return of == each || (each.size() > 3 && of.ends_with(each));
  });
  return strong ? Holds::secret : Holds::random;
}

Holds noun_of(std::string_view word, std::string_view before, bool upper) {
  std::string_view of = before;
  if (is_noun(word, "secret", of)) {
    if (in(kSecretOf, of)) return Holds::secret;
    return of.empty() && upper ? Holds::secret : Holds::name;
  }
  if (is_noun(word, "token", of)) return in(kTokenOf, of) ? Holds::nothing : Holds::token;
  if (is_noun(word, "tokens", of)) return Holds::token;
  if (is_noun(word, "key", of) || is_noun(word, "keys", of)) return key_of(of);
  // A list in a variable; in an object these are references to Secrets.
  if (word == "secrets") return before.empty() && upper ? Holds::secret : Holds::nothing;
  if (word == "secretkeybase" || word == "psk" || word == "mnemonic") return Holds::secret;
  if (is_noun(word, "phrase", of)) return in(kPhraseOf, of) ? Holds::secret : Holds::nothing;
  for (const std::string_view noun : {"credentials", "credential", "creds"}) {
    if (is_noun(word, noun, of) && !(noun == "credential" && of.empty())) return Holds::credential;
  }
  if (word == "auth") return before == "basic" ? Holds::login : Holds::auth;
  if (word == "basicauth") return Holds::login;
  if (word == "image") return Holds::image;
  if (word == "authorization" || word == "cookie") return Holds::header;
  if (word == "dockerconfigjson" || word == "sig") return Holds::secret;
  if (word == "signature" && (of == "amz" || of == "goog")) return Holds::secret;
  return Holds::nothing;
}

// After "secret": the map has a secret for each of its names.
constexpr std::string_view kMaps[] = {"data",   "env",    "envs",    "vars",     "variables",
                                      "values", "map",    "list",    "dict",     "strings",
                                      "value",  "string", "literal", "literals", "environment"};
// What stands beside a secret whatever there is: names of kinds of things, and settings.
constexpr std::string_view kBeside[] = {
    "name",     "names",     "namespace",   "ref",      "refs",        "from",     "type",
    "kind",     "version",   "path",        "file",     "files",       "optional", "enabled",
    "items",    "policy",    "mode",        "length",   "description", "provider", "backend",
    "create",   "ttl",       "annotations", "labels",   "seconds",     "minutes",  "hours",
    "days",     "algorithm", "encoding",    "audience", "audiences",   "issuer",   "expiration",
    "expiry",   "store",     "required",    "usages",   "duration",    "interval", "rotation",
    "generate", "disabled",  "engine",      "uid"};
// What stands beside one secret, but may be the name of one of many.
constexpr std::string_view kBesideOne[] = {
    "user",     "username", "email",  "host",   "hostname",   "port",   "server",  "region",
    "endpoint", "scope",    "scopes", "size",   "bits",       "title",  "realm",   "tenant",
    "comment",  "class",    "status", "state",  "driver",     "format", "charset", "chars",
    "created",  "updated",  "hash",   "rounds", "iterations", "cost",   "timeout", "limit",
    "driver",   "message",  "reason", "kid"};
constexpr std::string_view kKeysIn[] = {"api",     "private",  "encryption", "signing", "token",
                                        "tokens",  "password", "passwords",  "access",  "master",
                                        "shared",  "jwt",      "hmac",       "crypto",  "aes",
                                        "encrypt", "priv"};
constexpr std::string_view kRandomKeysIn[] = {"secret", "secrets", "tls", "ssl",
                                              "ssh",    "auth",    "gpg"};

// Most names have none of the words that a secret's name has. Those words begin so.
bool may_hold(std::string_view name) {
  const auto lower = [&](std::size_t i) {
    return i < name.size() ? static_cast<char>(name[i] | 0x20) : '\0';
  };
  for (std::size_t i = 0; i + 1 < name.size(); ++i) {
    const char first = lower(i), second = lower(i + 1), third = lower(i + 2);
    switch (first) {
      case 'p':
        if ((second == 'a' && third == 's') || second == 'w' || second == 's' ||
            (second == 'h' && third == 'r')) {
          return true;
        }
        break;
      case 's':
        if ((second == 'e' && third == 'c') || (second == 'i' && third == 'g')) return true;
        break;
      case 't':
        if (second == 'o' && third == 'k') return true;
        break;
      case 'c':
        if (second == 'o' && third == 'o') return true;
        if (second == 'r' && third == 'e' && lower(i + 3) == 'd') return true;
        break;
      case 'k':
        if (second == 'e' && (third == 'y' || third == 'n')) return true;
        break;
      case 'a':
        if (second == 'u' && third == 't') return true;
        break;
      case 'd':
        if (second == 'o' && third == 'c') return true;
        break;
      case 'm':
        if (second == 'n' && third == 'e') return true;
        break;
      default:
        break;
    }
  }
  const std::size_t size = name.size();
  return size >= 5 && lower(size - 1) == 'e' && lower(size - 2) == 'g' && lower(size - 3) == 'a' &&
         lower(size - 4) == 'm';
}

}  // namespace

static Holds read_within(std::string_view name) {
  const Holds own = holds(name);
  if (own == Holds::login || own == Holds::image) return Holds::nothing;
  if (own != Holds::nothing && own != Holds::name) return own;
  Words words(name);
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (in(kOpen, words[i])) return Holds::nothing;
  }
  std::size_t maps = 0;
  while (words.size() > 0 && in(kMaps, words.back())) {
    words.pop();
    ++maps;
  }
  if (words.size() == 0) return Holds::nothing;
  const std::string_view last = words.back();
  if (last.ends_with("secret") || last.ends_with("secrets"))
    return maps > 0 ? Holds::secret : Holds::name;
  if (maps > 0 && last.ends_with("token")) return Holds::token;
  return Holds::nothing;
}

Holds keys_within(std::string_view name) {
  if (name.size() > kLongestName) return Holds::nothing;
  const Words words(name);
  if (words.size() == 0) return Holds::nothing;
  if (in(kKeysIn, words.back())) return Holds::secret;
  return in(kRandomKeysIn, words.back()) ? Holds::random : Holds::nothing;
}

Holds holds_within(std::string_view name) {
  if (name.size() > kLongestName || !may_hold(name)) return Holds::nothing;
  static Remembered memory;
  return static_cast<Holds>(memory.of(name, read_within));
}

static bool reads_as_many(std::string_view name) {
  const Words words(name);
  return words.size() > 0 && (words.back().ends_with('s') || in(kMaps, words.back())) &&
         !words.back().ends_with("pass");
}

bool holds_many(std::string_view name) {
  static Remembered memory;
  return name.size() <= kLongestName && memory.of(name, reads_as_many) != 0;
}

bool describes(std::string_view name, bool many) {
  if (name.size() > kLongestName) return false;
  const Words words(name);
  if (words.size() == 0) return false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (in(kOpen, words[i])) return true;
  }
  const std::string_view last = words.back();
  if (last == "key" || last == "keys") return false;
  return in(kBeside, last) || (!many && (in(kBesideOne, last) || in(kAbout, last)));
}

std::string column_name(std::string_view header) {
  return base::to_lower(header);
}

static Holds holds_as_written(std::string_view name) {
  Words words(name);
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (in(kOpen, words[i])) return Holds::nothing;
  }
  for (std::size_t i = words.size(); i-- > 0;) {
    if (!is_password(words[i])) continue;
    for (std::size_t j = i + 1; j < words.size(); ++j) {
      // The key of a password in a Secret is a name, too, but may be the password itself.
      if (words[j] == "key") return in(kKeyOf, words[j - 1]) ? Holds::secret : Holds::random;
      if (in(kAbout, words[j])) return Holds::nothing;
    }
    return words[i] == "pass" && words.size() == 1 ? Holds::token : Holds::password;
  }
  while (words.size() > 0 && in(kSame, words.back()))
    words.pop();
  if (words.size() == 0) return Holds::nothing;
  const bool upper =
      std::none_of(name.begin(), name.end(), [](char c) { return c >= 'a' && c <= 'z'; });
  return noun_of(words.back(), words.before(words.size() - 1), upper);
}

// pAsSwOrD
static bool is_odd(std::string_view name) {
  constexpr std::size_t kLeast = 2, kMostBetween = 4;
  std::size_t turns = 0;
  for (std::size_t i = 1; i < name.size(); ++i)
    turns += static_cast<std::size_t>(is_lower(name[i - 1]) && is_upper(name[i]));
  return turns >= kLeast && name.size() < kMostBetween * turns;
}

static Holds read_name(std::string_view name) {
  const Holds out = holds_as_written(name);
  return out == Holds::nothing && is_odd(name) ? holds_as_written(base::to_lower(name)) : out;
}

Holds holds(std::string_view name) {
  if (name.size() > kLongestName || !may_hold(name)) return Holds::nothing;
  static Remembered memory;
  return static_cast<Holds>(memory.of(name, read_name));
}

}  // namespace redact
