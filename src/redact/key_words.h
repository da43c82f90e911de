// What the name of a member, a variable, a flag or a header says about its value. A name is read as
// words (camelCase, snake_case, kebab-case, dots), of which the last one that means something
// decides: `dbPassword` and DB_PASSWORD hold a password, `passwordSecretName` holds a name.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace redact {

enum class Holds : unsigned char {
  nothing,     // secretName, tokenRef, publicKey, topologyKey, progressToken, keyAlgorithm
  random,      // a secret if it looks random: fooKey, passwordKey
  name,        // a secret, unless it looks like the name of an object: secret, tlsSecret
  credential,  // a secret, unless an object could have it as its name: credentials, pullSecrets[0]
  token,       // a secret, unless it is a number: token
  secret,      // a secret: clientSecret, apiKey, private_key
  password,    // a secret, also when it is a number: password
  auth,        // a secret if it is base64 of user:password: auth (of a registry)
  login,       // user:password, or its base64: basicAuth
  image,       // a password in user:password@registry/…: image
  header,      // a scheme and a secret up to the end of the line: Authorization, Cookie
};

// The longest name: an annotation's key has 317 bytes (a DNS subdomain, '/', 63). What is longer is
// no name, and holds nothing.
constexpr std::size_t kLongestName = 320;

Holds holds(std::string_view name);

// What a map or a list says about what is in it: passwords, secretEnv, secrets.
Holds holds_within(std::string_view name);
// What `key` and `keys` in a map of this name are: api, encryption, private.
Holds keys_within(std::string_view name);
// Has the map of this name a secret for each of its names? passwords, secretEnv
bool holds_many(std::string_view name);
// Does a member of a map that holds a secret describe it: username, length, description?
// `many`: of a map with a secret for each name, in which `user` may be such a name.
bool describes(std::string_view name, bool many);

// The name of a table's column. Its header is in upper case, in which a variable's name is read
// otherwise: SECRET holds a secret, a column Secret the name of one.
std::string column_name(std::string_view header);

// Not only by its looks.
constexpr bool is_strong(Holds holds) {
  return holds == Holds::token || holds == Holds::secret || holds == Holds::password;
}

}  // namespace redact
