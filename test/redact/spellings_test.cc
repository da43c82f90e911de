// Names and shapes of secrets as programs and people spell them.
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "redact/places.h"

namespace {

constexpr std::string_view kPlantText = "Zq7Plant";

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

// Bug: these shapes and phrases were shown.
TEST_F(SecretSpellings, ShapesAndPhrasesWithoutAName) {
  const std::string of_16 = "Zq7Plant01234567", of_40 = "Zq7Plant" + std::string(32, 'a');
  for (const std::string& text : {
           "POST https://discord.com/api/webhooks/123456789/" + of_40,
           "https://discordapp.com/api/webhooks/123456789/" + of_40,
           "https://x.webhook.office.com/webhookb2/" + of_40 + "/IncomingWebhook/" + of_40,
           "https://hooks.slack.com/workflows/" + of_40,
           std::string("curl -u bob:Zq7Plant https://a"),
           std::string("curl --user bob:Zq7Plant https://a"),
           std::string("mysql -uroot -pZq7Plant app"),
           std::string("sshpass -p Zq7Plant ssh a"),
           std::string("redis-cli -a Zq7Plant ping"),
           std::string("CREATE USER 'a' IDENTIFIED BY 'Zq7Plant';"),
           std::string("db.example.com:5432:app:admin:Zq7Plant"),
           "-----BEGIN Private Key-----\n" + of_40 + "\n-----END Private Key-----\n",
           "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\n" + of_40 +
               "\n---- END SSH2 ENCRYPTED PRIVATE KEY ----\n",
           "Private-Lines: 1\n" + of_16 + of_40 + "\nPrivate-MAC: abcdef\n",
           std::string("Cookie: a=b; PGPASSWORD='Zq7Plant' x"),
       })
    expect_masked(text);
  EXPECT_NE(text("use SK0123456789abcdef0123456789abcdef"),
            "use SK0123456789abcdef0123456789abcdef");
  for (const std::string yaml :
       {"docker run -u 1000:1000 x", "ssh -p 22 host", "mkdir -p /a/b",
        "the port is 5432: see db:5432/app", "modified by 'bob'", "SKU01 SKip"})
    expect_same(yaml);
}

// Bug: a name and its value with a word, a tag, a call or an encoder between or around them.
TEST_F(SecretSpellings, ANameAndItsValueAsOtherLanguagesWriteThem) {
  for (const std::string text :
       {"CREATE USER a WITH PASSWORD 'Zq7Plant';",
        "ALTER ROLE a password 'Zq7Plant'",
        "machine api.example.com login bob password Zq7Plant",
        "machine api.example.com\n  login bob\n  password Zq7Plant\n",
        "machine api.example.com\n\tlogin bob\n\tpassword swordZq7Plant\n",
        "ENV DB_PASSWORD Zq7Plant\n",
        "setenv API_TOKEN Zq7Plant",
        "set -gx DB_PASSWORD Zq7Plant",
        "define('DB_PASSWORD', 'Zq7Plant');",
        "os.Setenv(\"DB_PASSWORD\", \"Zq7Plant\")",
        "putenv('API_TOKEN','Zq7Plant')",
        "<password encoding=\"plain\">Zq7Plant</password>",
        "<name>fs.s3a.secret.key</name><value>Zq7Plant</value>",
        "<property>\n  <name>javax.jdo.ConnectionPassword</name>\n  <value>Zq7Plant</value>\n",
        "<key>Password</key>\n<string>Zq7Plant</string>",
        "pw: {{ .Values.db.password | default \"Zq7Plant\" }}",
        "variable \"db_password\" {\n  type = string\n  default = \"Zq7Plant\"\n}\n",
        "password[0]=Zq7Plant",
        "users[0][password]=Zq7Plant",
        "the password is Zq7Plant.",
        "your password was 'Zq7Plant', change it",
        "dsn root:Zq7Plant@/app",
        "sqlplus scott/Zq7Plant@db.example.com:1521/xe",
        "jdbc:oracle:thin:scott/Zq7Plant@//db:1521/x",
        "%7B%22password%22%3A%22Zq7Plant%22%2C%22a%22%3A1%7D",
        "password%3A%20Zq7Plant",
        "{&quot;password&quot;:&quot;Zq7Plant&quot;,&quot;a&quot;:1}"})
    expect_masked(text);
  EXPECT_TRUE(text("a&quot;password&quot;:&quot;Zq7Plant&quot;,&quot;a&quot;:1")
                  .ends_with(">&quot;,&quot;a&quot;:1"));
  for (const std::string text : {"secret 'my-app' not found",
                                 "secret \"my-app\" not found",
                                 "the password is expired",
                                 "password is required",
                                 "password was not set",
                                 "the password is used for the certificate",
                                 "the login failed: password expired",
                                 "login needs a password now",
                                 "machine a is ready, password authentication is off",
                                 "contains(\"key\", \"name\")",
                                 "one of ('Secret', 'ConfigMap').",
                                 "<password/>",
                                 "<password a=\"b\"/> <a>x</a>",
                                 "ENV PATH /usr/bin",
                                 "kubectl exec -x key value",
                                 "{{ .Values.a | default \"x\" }}",
                                 "<name>fs.defaultFS</name><value>hdfs://a:9000</value>",
                                 "bob@/etc/passwd",
                                 "variable \"region\" {\n  default = \"eu\"\n}\n",
                                 "{&quot;name&quot;:&quot;x&quot;}"})
    expect_same(text);
}

// Bug: each of these passed.
TEST_F(SecretSpellings, ANameAndItsValueAsConfigurationFilesWriteThem) {
  for (const std::string& secret :
       {std::string("<c:Password>Zq7Plant</c:Password>\n"),
        std::string("<c:Password a=\"b\">Zq7Plant</c:Password>\n"),
        std::string("<password><![CDATA[Zq7Plant]]></password>\n"),
        std::string("port 1\nrequirepass Zq7Plant\n"), std::string("masterauth Zq7Plant\n"),
        std::string("bindpw Zq7Plant\n")})
    expect_masked(secret);
  // Not where JSON escapes their quotes and line ends.
  for (const std::string value :
       {"password = \"\"\"\nZq7Plant\"\"\"\n", "password = \"\"\"Zq7Plant\"\"\"\n",
        "password=\\\n Zq7Plant\n", "\"password\":\n\"Zq7Plant\"\n"})
    EXPECT_EQ(text(value).find(kPlantText), std::string::npos) << text(value);
  for (const std::string other : {"<c:name>Zq7Plant</c:name>\n", "set requirepass Zq7Plant\n",
                                  "name = \"\"\"\nZq7Plant\"\"\"\n", "x::<std::token>Zq7Plant\n",
                                  "\"password\":\n\n\"Zq7Plant\"\n"})
    expect_same(other);
}

// Bug: a value that began with a mask, or had the word in it, passed.
TEST_F(SecretSpellings, OnlyAWholeMaskIsOne) {
  const std::string mask = "<redacted:5B:12345678>";
  for (const std::string& value :
       {mask + "Zq7Plant", mask + " Zq7Plant", std::string("notredactedZq7Plant")})
    EXPECT_EQ(body(R"({"password":")" + value + R"("})").find(kPlantText), std::string::npos);
  for (const std::string& value : {mask, std::string("[REDACTED]"), std::string("<redacted>")})
    expect_same_object(R"({"password":")" + value + R"("})");
}

}  // namespace
