// What names say about their values.
#include "redact/key_words.h"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace {

using redact::Holds;
using redact::holds;

struct Case {
  Holds holds;
  std::vector<std::string_view> names;
};

TEST(KeyWords, TheLastWordThatMeansSomethingDecides) {
  const std::vector<Case> cases = {
      {Holds::password,
       {"password",
        "PASSWORD",
        "dbPassword",
        "DB_PASSWORD",
        "db-passwd",
        "adminpassword",
        "password2",
        "passwordValue",
        "passwords",
        "PGPASSWORD",
        "POSTGRES_PASSWORD_PROD",
        "keystore.passphrase",
        "db_pwd",
        "passwordHash",
        "pAsSwOrD",
        "PASSWORDVALUE",
        "pw",
        "bindPW",
        "MYSQL_ROOT_PW",
        "rootPw",
        "keypass",
        "DB_PASS",
        "passcode",
        "passkey"}},
      {Holds::secret,
       {"clientSecret",
        "client_secret",
        "apiKey",
        "API_KEY",
        "api-key",
        "apikey",
        "APIKey",
        "secretKey",
        "aws_secret_access_key",
        "private_key",
        "ssh-privatekey",
        "client-key-data",
        "tls.key",
        "accountKey",
        "AccountKey2",
        "SECRET",
        "x-amz-signature",
        ".dockerconfigjson",
        "apiKeys",
        "application_credential_secret",
        "webhookSecret",
        "psk",
        "wifi_psk",
        "preSharedKey",
        "seedPhrase",
        "mnemonic",
        "PASSWORD_HASH_KEY",
        "SECRETKEYBASE",
        "SECRETS",
        "sEcReTkEy",
        "fernetKey"}},
      {Holds::token,
       {"token", "accessToken", "BOT_TOKEN", "id-token", "refresh_token", "identitytoken", "tokens",
        "tokenValue", "X-Vault-Token", "maxTokens", "TOKENS_LIST", "tokenList", "tOkEn"}},
      {Holds::name, {"secret", "tlsSecret", "kubeconfigSecret", "pullSecret"}},
      {Holds::random, {"fooKey", "passwordKey", "monkeys", "userPasswordKey"}},
      {Holds::credential,
       {"credentials", "DB_CREDENTIALS", "awsCreds", "bindCredential", "credentialsJson"}},
      {Holds::auth, {"auth"}},
      {Holds::login, {"basicAuth", "BASIC_AUTH", "basicauth"}},
      {Holds::image, {"image", "initImage"}},
      {Holds::header, {"Authorization", "Proxy-Authorization", "Cookie", "set-cookie"}},
      {Holds::nothing,
       {"secretName",
        "secretRef",
        "secretKeyRef",
        "tokenRef",
        "keyAlgorithm",
        "publicKey",
        "ssh_pub_key",
        "imagePullSecrets",
        "key",
        "keys",
        "topologyKey",
        "partition_key",
        "progressToken",
        "nextPageToken",
        "continueToken",
        "tokenTTL",
        "tokenReview",
        "passwordSecretName",
        "passwordPolicy",
        "passwordFile",
        "passwordMinLength",
        "secretNamespace",
        "existingSecret",
        "checksum/secret",
        "credential",
        "credentialRef",
        "credentialName",
        "imagePullPolicy",
        "imageID",
        "phrase",
        "tokenExpirationSeconds",
        "name",
        "",
        "_",
        "-",
        "data",
        "value",
        "bypass",
        "compass",
        "author",
        "accessKeyId"}},
  };
  for (const Case& each : cases) {
    for (const std::string_view name : each.names)
      EXPECT_EQ(static_cast<int>(holds(name)), static_cast<int>(each.holds)) << name;
  }
}

// Bug: the names of the Secrets in a table of cert-manager's certificates were masked.
TEST(KeyWords, AColumnIsReadByItsOwnName) {
  EXPECT_EQ(holds("SECRET"), Holds::secret);
  EXPECT_EQ(holds(redact::column_name("SECRET")), Holds::name);
  EXPECT_EQ(holds(redact::column_name("PASSWORD")), Holds::password);
  EXPECT_EQ(holds(redact::column_name("API KEY")), Holds::secret);
}

TEST(KeyWords, OfALongNameTheEndDecides) {
  EXPECT_EQ(holds(std::string(200, 'x') + "_password"), Holds::password);
  EXPECT_EQ(holds("a.b.c.d.e.f.g.h.i.j.k.l.m.n.apiKey"), Holds::secret);
}

}  // namespace
