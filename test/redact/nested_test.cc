// Secrets of which only a name above them says that they are: in maps, in lists, on the lines below a
// name, beside the member that has the name. In objects, in YAML and in JSON in a line of a log.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "redact/places.h"

namespace {

class NestedSecrets : public test::RedactPlaces {};

// Bug: a name said only what its own string holds.
TEST_F(NestedSecrets, AMapOrAListOfSecretsHoldsThem) {
  for (const std::string json :
       {R"({"passwords":{"admin":"Zq7Plant"}})", R"({"userPasswords":{"a":"Zq7Plant","b":"x"}})",
        R"({"secrets":{"db":"Zq7Plant"}})", R"({"secret":{"db":"Zq7Plant"}})",
        R"({"secretEnv":{"DB":"zq7-plant Zq7Plant"}})", R"({"secretData":{"db":"Zq7Plant"}})",
        R"({"extraSecretEnvVars":{"DB":"Zq7Plant"}})", R"({"apiKeys":{"svc":"Zq7Plant"}})",
        R"({"password":{"plain":"Zq7Plant"}})", R"({"password":{"value":{"plain":"Zq7Plant"}}})",
        R"({"tokens":[{"id":"a","value":"Zq7Plant"}]})", R"({"apiKeys":["Zq7Plant"]})",
        R"({"signingKeys":[{"kid":"1","key":"Zq7Plant"}]})", R"({"secrets":["Zq7Plant"]})",
        R"({"encryption":{"keys":["Zq7Plant"]}})", R"({"api":{"key":"Zq7Plant"}})",
        R"({"passwords":[["Zq7Plant"]]})", R"({"headers":{"Authorization":["Bearer Zq7Plant"]}})"})
    expect_masked_object(json);
}

TEST_F(NestedSecrets, AMemberThatNamesASecretSaysWhatIsBesideIt) {
  for (const std::string json :
       {R"({"parameters":[{"name":"password","description":"d","value":"Zq7Plant"}]})",
        R"({"parameters":[{"name":"password","default":"Zq7Plant"}]})",
        R"({"env":[{"key":"DB_PASSWORD","val":"Zq7Plant"}]})",
        R"({"env":[{"envName":"DB_PASSWORD","envValue":"Zq7Plant"}]})",
        R"({"env":[{"value":"Zq7Plant","type":"string","name":"DB_PASSWORD"}]})",
        R"({"a":[{"name":"Password of it","key":"db_password","value":"Zq7Plant"}]})"})
    expect_masked_object(json);
}

TEST_F(NestedSecrets, ASchemaShowsNoValues) {
  for (const std::string json :
       {R"({"properties":{"password":{"type":"string","enum":["Zq7Plant"]}}})",
        R"({"properties":{"password":{"type":"string","examples":["Zq7Plant"]}}})",
        R"({"properties":{"password":{"type":"string","default":"Zq7Plant"}}})",
        R"({"properties":{"password":{"type":"string","const":"Zq7Plant"}}})",
        R"({"properties":{"tokens":{"type":"array","items":{"default":"Zq7Plant"}}}})"})
    expect_masked_object(json);
}

TEST_F(NestedSecrets, ANumberUnderSuchANameIsASecret) {
  for (const std::string json :
       {R"({"passwords":{"admin":48151624}})", R"({"password":{"value":48151624}})",
        R"({"password":4815.1624})", R"({"env":[{"name":"DB_PASSWORD","value":48151624}]})"}) {
    EXPECT_EQ(body(json).find("4815"), std::string::npos) << body(json);
  }
  const std::string count = R"({"password":{"rounds":10000,"ok":true},"passwords":3})";
  EXPECT_EQ(body(count), count);
}

// Bug: only the name's own line was read, and the line below a line with `name`.
TEST_F(NestedSecrets, ValuesInYamlAreSeenWhereverTheyStand) {
  for (const std::string yaml :
       {"password:\n  Zq7Plant\n",
        "password:\n  \"Zq7Plant\"\n",
        "db:\n  password: # of it\n    Zq7Plant\n",
        "passwords:\n- Zq7Plant\n- other\n",
        "passwords:\n    - Zq7Plant\n",
        "passwords: [abcd1234efg, Zq7Plant]\n",
        "passwords:\n  admin: x1\n\n  # another\n  bob: Zq7Plant\nport: 80\n",
        "passwords:\n  \"admin\": 'Zq7Plant'\n",
        "passwords:\r\n  admin: Zq7Plant\r\n",
        "password:\n  value:\n    plain: Zq7Plant\n",
        "password: &pw Zq7Plant\n",
        "password: !!str Zq7Plant\n",
        "password: !!str\n  Zq7Plant\n",
        "? password\n: Zq7Plant\n",
        "secretEnv:\n  A: |\n    a\n    Zq7Plant\n",
        "secrets:\n  - name: a\n    data: {x: Zq7Plant}\n",
        "encryption:\n  enabled: true\n  keys:\n  - Zq7Plant\n",
        "env:\n- value: Zq7Plant\n  name: DB_PASSWORD\n",
        "env:\n- value: Zq7Plant\n  type: x\n  name: DB_PASSWORD\n- name: A\n  value: b\n",
        "env:\n- name: API_KEY\n  value: Zq7Plant\n",
        "settings:\n- key: api-key\n  type: string\n  value: Zq7Plant\n",
        "env:\n- name: DB_PASSWORD # the db\n  value: Zq7Plant\n",
        "env: [{name: DB_PASSWORD, type: a, value: Zq7Plant}]\n",
        "parameters:\n- default: Zq7Plant\n  name: password\n",
        "properties:\n  password:\n    type: string\n    enum:\n    - Zq7Plant\n"})
    expect_masked(yaml);
}

TEST_F(NestedSecrets, WhatDescribesASecretStays) {
  const std::vector<std::string> objects = {
      R"({"volumes":[{"secret":{"secretName":"tls","items":[{"key":"tls.crt","path":"a"}]}}]})",
      R"({"serviceAccountToken":{"audience":"vault","expirationSeconds":360700,"path":"token"}})",
      R"({"password":{"name":"db","key":"password"},"token":{"secretName":"db","key":"a.b"}})",
      R"({"password":{"valueFrom":{"secretKeyRef":{"name":"db","key":"password"}}}})",
      R"({"secrets":[{"name":"default-token"}],"imagePullSecrets":[{"name":"regcred"}]})",
      R"({"secrets":["a","b-c"],"pullSecrets":["regcred"],"secret":{"enabled":true}})",
      R"({"privateKey":{"algorithm":"RSA","rotationPolicy":"Always","size":4096}})",
      R"({"password":{"existingSecret":"db","length":16,"username":"bob","policy":"strong"}})",
      R"({"token":{"description":"a token","type":"string","pattern":"^a$","maxLength":100000}})",
      R"({"secret":{"description":"a secret","properties":{"name":{"type":"string"}},)"
      R"("required":["name"],"type":"object"}})",
      R"({"selector":{"keys":["a","b"]},"matchExpressions":[{"key":"a","values":["b"]}]})",
      R"({"secret":{"name":"x","keys":["a","b"]},"tls":{"key":"tls.key","crt":"tls.crt"}})",
      R"({"kind":"Credential","spec":{"identityRef":{"name":"aws","kind":"Secret"}}})",
      R"({"tokens":{"ttl":"24h0m0s"},"httpTokens":"required"})",
      R"({"parameters":[{"name":"password","description":"of the database","required":true}]})",
  };
  for (const std::string& json : objects)
    expect_same_object(json);
  for (
      const std::string yaml :
      {"secrets:\n- name: default-token\nother: x\n",
       "secret:\n  secretName: tls\n  optional: true\n",
       "password:\n  valueFrom:\n    secretKeyRef:\n      name: db\n      key: password\n",
       "password:\nuser: bob\n", "token:\n  type: string\n  description: it is one\n",
       "keys:\n- a\n- b\n", "spec:\n  key: a\n  keys:\n  - b\n",
       "env:\n- name: DB_PASSWORD\n  valueFrom:\n    secretKeyRef:\n      key: a\n      name: b\n"})
    expect_same(yaml);
}

}  // namespace
