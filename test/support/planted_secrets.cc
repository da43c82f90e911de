#include "support/planted_secrets.h"

#include <string_view>

#include "base/encoding.h"

namespace test {

namespace {

// Put together, so that no scanner of sources takes them for real ones.
std::string rep(std::string_view part, int n) {
  std::string out;
  for (int i = 0; i < n; ++i)
    out += part;
  return out;
}
const std::string kBody = "Zm9vYmFyYmF6cXV4Zm9v" + rep("4a7B", 5);  // 40 letters and digits
const std::string kJwt = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzeXN0ZW06c2EifQ." + kBody;
const std::string kPem = "-----BEGIN RSA PRIVATE " + std::string("KEY-----\nMIIEpAIBAAKCAQEA") +
                         rep("q8Zx", 12) + "\nAbCd+/12" + rep("q8Zx", 14) +
                         "==\n-----END RSA PRIVATE KEY-----";
const std::string kKubeconfig =
    "apiVersion: v1\nkind: Config\nusers:\n- name: admin\n  user:\n    token: " + kBody + "\n";

std::vector<PlantedSecret> make() {
  const std::string aws = "AKIA" + rep("Q7", 8),
                    aws_secret = "wJalrXUtnFEMI/K7MDENG/" + rep("bPx", 6);
  return {
      {"jwt", "token is " + kJwt + " now", kJwt},
      {"jwt in a query", "GET /x?jwt=" + kJwt + "&a=b", kJwt},
      {"aws key id", "used " + aws + " for it", aws},
      {"aws temporary key id", "used ASIA" + rep("Q7", 8), "ASIA" + rep("Q7", 8)},
      {"aws pair in csv", aws + "," + aws_secret, aws_secret},
      {"aws secret by name", "aws_secret_access_key = " + aws_secret, aws_secret},
      {"github token", "git ghp_" + rep("a1B2", 9), "ghp_" + rep("a1B2", 9)},
      {"github app token", "x=ghs_" + rep("a1B2", 9), "ghs_" + rep("a1B2", 9)},
      {"github fine-grained", "github_pat_" + rep("a1B2_", 12), "github_pat_" + rep("a1B2_", 12)},
      {"gitlab token", "(glpat-" + rep("x9Y-", 5) + "z)", "glpat-" + rep("x9Y-", 5)},
      {"gitlab runner", "glrt-" + rep("x9Yz", 5), "glrt-" + rep("x9Yz", 5)},
      {"slack bot", "xoxb-" + rep("123456-", 3) + "abcDEF", "xoxb-" + rep("123456-", 3)},
      {"slack webhook", "POST https://hooks.slack.com/services/T0AB/B0CD/" + rep("aB3", 8),
       "T0AB/B0CD/" + rep("aB3", 8)},
      {"google api key", "key AIza" + rep("Sy1_-", 7), "AIza" + rep("Sy1_-", 7)},
      {"google oauth", "ya29.a0" + rep("AbC1", 8), "ya29.a0" + rep("AbC1", 8)},
      {"google client secret", "GOCSPX-" + rep("aB3d", 7), "GOCSPX-" + rep("aB3d", 7)},
      {"entra client secret", "secret Ab~8Q~" + rep("x7_Y", 9), "Ab~8Q~"},
      {"entra client secret 2", "is abC8Q~" + rep("x7_Y", 9) + " ok", "abC8Q~" + rep("x7_Y", 9)},
      {"npm", "npm_" + rep("a1B2", 9), "npm_" + rep("a1B2", 9)},
      {"openai", "sk-proj-" + rep("a1B2", 9), "sk-proj-" + rep("a1B2", 9)},
      {"stripe", "sk_live_" + rep("a1B2", 6), "sk_live_" + rep("a1B2", 6)},
      {"sendgrid", "SG." + rep("a1B2", 5) + "ab." + rep("a1B2", 10), "SG." + rep("a1B2", 5)},
      {"vault", "hvs." + rep("a1B2", 7), "hvs." + rep("a1B2", 7)},
      {"digitalocean", "dop_v1_" + rep("0a1b", 16), "dop_v1_" + rep("0a1b", 16)},
      {"age", "AGE-SECRET-KEY-1" + rep("Q7P", 19), "AGE-SECRET-KEY-1" + rep("Q7P", 19)},
      {"docker token", "dckr_pat_" + rep("a1B-", 7), "dckr_pat_" + rep("a1B-", 7)},
      {"grafana", "glsa_" + rep("a1B2", 8) + "_0a1b2c3d", "glsa_" + rep("a1B2", 8)},
      {"bcrypt", "admin:$2y$10$" + rep("abcd./7", 8), "$2y$10$" + rep("abcd./7", 7)},
      {"sha-crypt", "root:$6$salt1234$" + rep("abcd./7", 12) + ":1:", "$6$salt1234$"},
      {"pem", kPem, "MIIEpAIBAAKCAQEA"},
      {"pem, second line", "key:\n" + kPem + "\nend", "AbCd+/12"},
      {"pem, cut", kPem.substr(0, 120), "MIIEpAIBAAKCAQEA"},
      {"pem, without its beginning", kPem.substr(40), rep("q8Zx", 12)},
      {"basic auth in a url", "https://bob:hunter2@git.example.com/x.git", "hunter2"},
      {"connection string", "postgres://app:p%40ss@db:5432/app?sslmode=off", "p%40ss"},
      {"url with a slash in the password", "amqp://u:pa/ss@mq/", "pa/ss"},
      {"token as a url's user", "https://" + kBody + "@git.example.com/x", kBody},
      {"mysql dsn", "root:hunter2@tcp(db:3306)/x", "hunter2"},
      {"azure storage",
       "DefaultEndpointsProtocol=https;AccountName=x;AccountKey=" + kBody + "==;E=y", kBody},
      {"sas", "https://x.blob/y?sv=1&sig=" + rep("aB3%2F", 8) + "&se=2", rep("aB3%2F", 8)},
      {"authorization", "Authorization: Bearer xyz123", "xyz123"},
      {"authorization, quoted", R"(curl -H "Authorization: Token hunter2" x)", "hunter2"},
      {"basic", "authorization: Basic Ym9iOmh1bnRlcjI=", "Ym9iOmh1bnRlcjI="},
      {"bearer alone", "sent Bearer a1b2c3d4e5 to it", "a1b2c3d4e5"},
      {"go's http.Header", "map[Authorization:[Bearer a1b2c3d4e5] Accept:[*/*]]", "a1b2c3d4e5"},
      {"cookie", "Cookie: sid=hunter2; b=c", "hunter2"},
      {"x-api-key", "X-Api-Key: hunter2secret1", "hunter2secret1"},
      {"docker auth", R"({"auths":{"ghcr.io":{"auth":"Ym9iOmh1bnRlcjI="}}})", "Ym9iOmh1bnRlcjI="},
      {"docker config in base64",
       ".dockercfg " + base::base64(R"({"auths":{"ghcr.io":{"auth":"Ym9iOmh1bnRlcjI="}}})"),
       base::base64(R"({"auths":{"ghcr.io":{"auth":"Ym9iOmh1bnRlcjI="}}})")},
      {"kubeconfig", kKubeconfig, kBody},
      {"kubeconfig in base64", "value: " + base::base64(kKubeconfig), base::base64(kKubeconfig)},
      {"pem in base64", "tls: " + base::base64(kPem), base::base64(kPem)},
      {"gcp service account",
       R"({"type":"service_account","private_key":"-----BEGIN PRIVATE )"
       R"(KEY-----\nMIIEvQIBADANBg\n-----END PRIVATE KEY-----\n"})",
       "MIIEvQIBADANBg"},
      {"password=", "login password=hunter2 user=bob", "hunter2"},
      {"password, json", R"(I0101 req {"user":"bob","password":"hun\"ter2"} done)", "ter2"},
      {"password, escaped json", R"(obj="{\"password\":\"hunter2\"}")", "hunter2"},
      {"password, twice escaped", R"("{\\\"password\\\":\\\"hunter2\\\"}")", "hunter2"},
      {"u003d", R"("dsn":"host\u003dx password\u003dhunter2 user\u003dy")", "hunter2"},
      {"password, yaml", "db:\n  password: correct horse # x\n", "correct horse"},
      {"password, block", "db:\n  password: |\n    hunter2\n    more\n  user: x\n", "hunter2"},
      {"password, number", "password: 31415926", "31415926"},
      {"single quotes", "PGPASSWORD='hunter2' psql", "hunter2"},
      {"go struct", "{User:bob Password:hunter2 Port:80}", "hunter2"},
      {"flag", "exec --password hunter2 --user bob", "hunter2"},
      {"flag=", "exec --admin-token=hunter2", "hunter2"},
      {"xml", "<password>hunter2</password>", "hunter2"},
      {"env, yaml", "env:\n- name: DB_PASSWORD\n  value: hunter2\n", "hunter2"},
      {"env, json", R"([{"name":"API_KEY","value":"hunter2"}])", "hunter2"},
      {"credentials", "DB_CREDENTIALS=bob:hunter2", "hunter2"},
      {"pw", "MYSQL_ROOT_PW=hunter2", "hunter2"},
      {"mixed case", "pAsSwOrD: hunter2", "hunter2"},
      {"psk", "psk: hunter2", "hunter2"},
      {"basic auth", R"({"basicAuth":"bob:hunter2"})", "hunter2"},
      {"image with a login", "image: bob:hunter2@registry.example.com/app:1", "hunter2"},
      {"env, yaml, value first", "env:\n- value: hunter2\n  name: DB_PASSWORD\n", "hunter2"},
      {"settings, yaml", "- key: api-key\n  type: string\n  value: hunter2\n", "hunter2"},
      {"map of passwords", R"({"passwords":{"admin":"hunter2","bob":"x"}})", "hunter2"},
      {"map of passwords, yaml", "passwords:\n  admin: x\n  bob: hunter2\n", "hunter2"},
      {"map of secrets, yaml", "secretEnv:\n  DB: hunter2\n", "hunter2"},
      {"list of keys", R"({"apiKeys":["hunter2"]})", "hunter2"},
      {"list of passwords, yaml", "passwords:\n- x1y2\n- hunter2\n", "hunter2"},
      {"password, next line", "db:\n  password:\n    hunter2\n", "hunter2"},
      {"client secret", R"({"clientSecret":"correct-horse"})", "correct-horse"},
      {"session token", "aws_session_token=FwoGZXIvYXdzEJr1", "FwoGZXIvYXdzEJr1"},
      {"client key of a kubeconfig", "    client-key-data: " + kBody, kBody},
      {"encryption configuration", "- name: key1\n  secret: " + kBody + "=\n", kBody},
      {"secret manifest", "kind: Secret\nmetadata:\n  name: x\nstringData:\n  answer: fortytwo\n",
       "fortytwo"},
      {"secret manifest, data first",
       "data:\n  answer: Zm9ydHl0d28=\nkind: Secret\nmetadata:\n  name: x\n", "Zm9ydHl0d28="},
      {"secret behind other words, indented",
       "  reason: |\n    was: kind: Secret\n    stringData:\n      answer: fortytwo\n", "fortytwo"},
      {"secret behind other words, its line ends lost",
       "  message: \"was: kind: Secret?metadata:?  name: x?stringData:?  answer: fortytwo?\"",
       "fortytwo"},
      {"secret in a list", "items:\n- data:\n    a: Zm9ydHl0d28=\n  kind: Secret\n- kind: Pod\n",
       "Zm9ydHl0d28="},
      {"secret as json", R"({"kind":"Secret","data":{"a":"Zm9ydHl0d28="}})", "Zm9ydHl0d28="},
      {"secret in braces", "{kind: Secret, stringData: {a: hunter2}}", "hunter2"},
      {"secret, quoted names", "\"kind\": \"Secret\"\n\"stringData\":\n  a: hunter2\n", "hunter2"},
      {"secret, data in braces", "kind: Secret # x\nstringData: {a: hunter2}\n", "hunter2"},
      {"list of secrets", "kind: SecretList\nitems:\n- stringData:\n    a: hunter2\n", "hunter2"},
      {"secret by its type", R"({"type":"kubernetes.io/basic-auth","data":{"a":"hunter2"}})",
       "hunter2"},
      {"openstack", "application_credential_secret: correct-horse", "correct-horse"},
  };
}

}  // namespace

const std::vector<PlantedSecret>& planted_secrets() {
  static const std::vector<PlantedSecret> all = make();
  return all;
}

}  // namespace test
