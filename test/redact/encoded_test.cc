// Secrets in base64, in base64 of base64, and private keys in DER.
#include <string>

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "redact/places.h"

namespace {

class EncodedSecrets : public test::RedactPlaces {
 protected:
  // `base64`, by itself and behind a name that says nothing.
  void expect_seen(const std::string& base64) {
    for (const std::string& text :
         {base64, "blob: " + base64 + "\n", "data=" + base64, "a:\n  b: |\n    " + base64 + "\n"}) {
      for (const std::string& out :
           {this->text(text), body(R"({"t":)" + test::as_json(text) + "}")})
        EXPECT_EQ(out.find(base64.substr(0, 20)), out.npos) << out;
    }
  }
  static std::string in_base64(std::string text, int times) {
    for (int i = 0; i < times; ++i)
      text = base::base64(text);
    return text;
  }
};

// Bug: only a text with a known beginning was looked into.
TEST_F(EncodedSecrets, ATextOfAnyBeginningIsLookedInto) {
  for (const std::string text :
       {"password=hunter2", "DB_HOST=a\nDB_PASSWORD=hunter2\n", "# values\nauth:\n  password: x1\n",
        "glpat-q8Zxq8Zxq8Zxq8Zx", "postgres://app:hunter2@db/app", "x: y\npasswords:\n- hunter2\n"})
    expect_seen(base::base64(text));
}

TEST_F(EncodedSecrets, Base64OfBase64IsLookedInto) {
  const std::string pem = "-----BEGIN RSA PRIVATE " + std::string("KEY-----\n") +
                          std::string(64, 'q') + "\n-----END RSA PRIVATE KEY-----\n";
  const std::string config = "apiVersion: v1\nkind: Config\nusers:\n- user:\n    token: q8Zx-1\n";
  for (const std::string& text : {pem, config}) {
    expect_seen(in_base64(text, 2));
    expect_seen(in_base64(text, 3));
  }
}

TEST_F(EncodedSecrets, APrivateKeyInDerIsSeen) {
  const std::string rest(120, '\x5a');
  for (const std::string_view head :
       {std::string_view("\x30\x82\x04\xbe\x02\x01\x00\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7", 16),
        std::string_view("\x30\x82\x04\xa4\x02\x01\x00\x02\x82\x01\x01\x00\xa1\xb2\xc3\xd4", 16),
        std::string_view("\x30\x77\x02\x01\x01\x04\x20\xa1\xb2\xc3\xd4\xe5\xf6\xa7\xb8\xc9", 16),
        std::string_view("\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20", 16),
        std::string_view("\x30\x82\x05\x35\x30\x5f\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05", 16)})
    expect_seen(base::base64(std::string(head) + rest));
}

TEST_F(EncodedSecrets, WhatEncodesNoSecretStays) {
  const std::string certificate("\x30\x82\x03\x6b\x30\x82\x02\x53\xa0\x03\x02\x01\x02\x02", 14);
  for (const std::string& base64 :
       {base::base64("a text without any secret in it"),
        base::base64(certificate + std::string(99, 'Z')),
        base::base64("-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n"),
        std::string("VolumeMountsOfTheContainersOfAPod"), in_base64("just words, thrice", 3)})
    expect_same("blob: " + base64 + "\n");
}

}  // namespace
