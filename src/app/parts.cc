#include "app/parts.h"

#include <algorithm>
#include <string_view>

#include <ares.h>
#include <gnu/libc-version.h>
#include <llhttp.h>
#include <openssl/crypto.h>
#include <simdjson.h>
#include <yaml.h>

namespace app {

static std::string dotted(int major, int minor, int patch) {
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
}

// "OpenSSL 3.0.19 27 Jan 2026" -> "3.0.19"
static std::string second_word(std::string_view text) {
  text.remove_prefix(std::min(text.find(' ') + 1, text.size()));
  return std::string(text.substr(0, text.find(' ')));
}

std::vector<Part> linked_parts() {
  return {
      {"c-ares", ares_version(nullptr)},
      {"glibc", gnu_get_libc_version()},
      {"libstdc++", std::to_string(_GLIBCXX_RELEASE)},
      {"libyaml", yaml_get_version_string()},
      {"llhttp", dotted(LLHTTP_VERSION_MAJOR, LLHTTP_VERSION_MINOR, LLHTTP_VERSION_PATCH)},
      {"openssl", second_word(OpenSSL_version(OPENSSL_VERSION))},
      {"simdjson", dotted(simdjson::SIMDJSON_VERSION_MAJOR, simdjson::SIMDJSON_VERSION_MINOR,
                          simdjson::SIMDJSON_VERSION_REVISION)},
  };
}

}  // namespace app
