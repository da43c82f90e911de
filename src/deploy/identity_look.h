// IdentityLook: whether the identity of a Credential can be used: that it is there, and the Secret behind
// it, with the keys without which its provider cannot log in. KCM looks at the identity only, so that a
// Credential without a working Secret is "ready". Names of keys are read, never their values.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "cluster/gather.h"

namespace deploy {

class IdentityLook {
 public:
  // Asks for what round `round` (from 0) needs; false: nothing more is needed. Nothing is known of an
  // identity in a Region, or of a kind that is not in the table of kinds. `credential` may be absent.
  bool ask(cluster::Gather& gather, base::json::Value credential, int round);
  // The same for an identity that is known: `identity` with its kind, whole.
  bool ask_secret(cluster::Gather& gather, base::json::Value identity);
  // Sentences: what is missing. An identity that cannot be read is a note of the Gather, a Secret nothing.
  std::vector<std::string> problems() const;
  // "Secret a/b must have AccessKeyID and SecretAccessKey, which could not be looked at: …", with why; "":
  // they could, or none are known.
  std::string unread_text() const;

 private:
  std::string identity_text_, secret_text_;
  cluster::Part* identity_ = nullptr;
  cluster::Part* secret_ = nullptr;    // its metadata
  cluster::Part* contents_ = nullptr;  // where the operator's policy lets them be read
  std::vector<std::string> keys_;
};

}  // namespace deploy
