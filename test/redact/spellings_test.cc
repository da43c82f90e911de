// Names and shapes of secrets as programs and people spell them.
#include <string>

#include <gtest/gtest.h>

#include "redact/places.h"

namespace {

class SecretSpellings : public test::RedactPlaces {};

// Bug: these names said nothing.
TEST_F(SecretSpellings, NamesInAnyCaseAndOfAnyWord) {
  for (const std::string name :
       {"pAsSwOrD", "PASSWORD_HASH_KEY", "TOKENS_LIST", "SECRETS", "PASSWORDVALUE", "SECRETKEYBASE",
        "DB_CREDENTIALS", "MYSQL_ROOT_PW", "bindPW", "credentials", "bindCredential", "psk",
        "passcode", "seedPhrase", "mnemonic", "SMTPPASS", "db_pw", "sEcReTkEy"}) {
    expect_masked(name + ": Zq7Plant\n");
    expect_masked("export " + name + "=Zq7Plant\n");
    expect_masked("env:\n- name: " + name + "\n  value: Zq7Plant\n");
    expect_masked_object(R"({")" + name + R"(":"Zq7Plant"})");
    expect_masked_object(R"({"env":[{"name":")" + name + R"(","value":"Zq7Plant"}]})");
  }
}

TEST_F(SecretSpellings, AUserAndItsPassword) {
  expect_masked("basicAuth: bob:Zq7Plant\n");
  expect_masked_object(R"({"basicAuth":"bob:Zq7Plant","auth":{"enabled":true}})");
  expect_masked_object(R"({"auth":"bob:Zq7Plant"})");
  expect_masked_object(R"({"image":"bob:Zq7Plant@registry.example.com/app:1"})");
  expect_masked("image: bob:Zq7Plant@registry.example.com/app:1\n");
  const std::string out = body(R"({"image":"bob:Zq7Plant@registry.example.com/app:1"})");
  EXPECT_TRUE(out.ends_with(R"(@registry.example.com/app:1"})")) << out;
  EXPECT_TRUE(out.starts_with(R"({"image":"bob:<)")) << out;
}

TEST_F(SecretSpellings, AFlagWithANumber) {
  EXPECT_EQ(text("join --token 123 --x").find("123"), std::string::npos);
  EXPECT_EQ(body(R"({"args":["--token","123"]})").find("123"), std::string::npos);
  expect_same_object(R"({"args":["--max-tokens","123","--token-ttl","24h"]})");
}

TEST_F(SecretSpellings, WhatNamesOtherThingsStays) {
  for (
      const std::string json :
      {R"({"credentials":[{"name":"aws","ready":true,"message":"Is Ready: 1"}],"credential":"aws"})",
       R"({"credentials":["kcm-system/aws"],"credentialsSecret":"aws-creds","credential":"AWS"})",
       R"({"credentials":"kcm-system/aws","secrets":5,"credentialName":"Aws"})",
       R"({"image":"ghcr.io/a/b:1.2@sha256:3f786850e387550fdab836ed7e6dc881de23","auth":"oidc:google"})",
       R"({"image":"b:1.2@sha256:3f786850e387550fdab836ed7e6dc881de23","imageID":"a:b@c"})",
       R"({"image":{"repository":"a","tag":"b"},"auth":"host:8080","phrase":"a b"})",
       R"({"tokenExpirationSeconds":3607,"automountServiceAccountToken":true})",
       R"({"basicAuth":{"username":{"name":"a","key":"user"},"password":{"name":"a","key":"pw"}}})"})
    expect_same_object(json);
  for (const std::string yaml : {"creds := credentials.NewTLS(x)\n", "kube::Credentials::of(x)\n",
                                 "Token::new(x)\n", "power: on\ncpw: x1\n", "credentials: none\n"})
    expect_same(yaml);
}

}  // namespace
