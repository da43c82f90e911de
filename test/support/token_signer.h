// Access tokens made by hand, for tests of what is accepted: keys of any type, their JWKs, tokens
// with any header and payload.
#pragma once

#include <memory>
#include <string>
#include <string_view>

struct evp_pkey_st;

namespace test {

class Signer {
 public:
  static Signer rsa(int bits = 2048, unsigned exponent = 65537);
  static Signer ec(const char* curve);  // "P-256", "P-384", "P-521"
  static Signer ed25519();

  // A JWK with these members beside the key's own, e.g. R"("kid":"a","alg":"ES256")"; "": none.
  std::string jwk(std::string_view more = {}) const;
  std::string private_jwk() const;  // of an RSA key: with d
  std::string public_pem() const;
  std::string public_der() const;
  // As `alg` ("RS256" … "EdDSA") says; ES: R and S side by side.
  std::string sign(std::string_view alg, std::string_view message) const;
  std::string sign_der(std::string_view alg, std::string_view message) const;  // ES, as DER
  // HEADER.PAYLOAD.SIGNATURE of the two JSON texts.
  std::string token(std::string_view alg, std::string_view header, std::string_view payload) const;

 private:
  struct Free {
    void operator()(evp_pkey_st* key) const;
  };
  explicit Signer(evp_pkey_st* key) : key_(key) {}
  std::unique_ptr<evp_pkey_st, Free> key_;
};

// Made once for the process: RSA keys take a while.
const Signer& rsa_signer();
const Signer& ec_signer();  // P-256

// The parts encoded, with the signature as it is.
std::string jws(std::string_view header, std::string_view payload, std::string_view signature);
// {"keys":[…]}
std::string jwks(std::initializer_list<std::string> keys);

}  // namespace test
