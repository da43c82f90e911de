// Each token of known shape is masked wherever it stands, and what only begins like one is not.
#include "redact/tokens.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "redact/redactor.h"

namespace {

std::string rep(std::string_view what, std::size_t count) {
  std::string out;
  while (count-- > 0)
    out += what;
  return out;
}

struct RedactorTokens : testing::Test {
  std::string clean(const std::string& text) const {
    std::string out;
    return redactor.text(text, out) ? out : text;
  }
  redact::Redactor redactor;
};

const std::vector<std::string>& tokens() {
  static const std::string alnum = rep("a1B2c3D4", 8), hex = rep("0a1b2c3d", 8);
  static const std::vector<std::string> all = {
      "sha256~" + alnum.substr(0, 43),
      "SWMTKN-1-" + hex.substr(0, 50) + "-" + hex.substr(0, 25),
      "K10" + hex + "::server:" + hex.substr(0, 32),
      "K10" + hex + "::node:hunter2",
      "LTAI" + alnum.substr(0, 20),
      "dckr_oat_" + alnum.substr(0, 27),
      "glffct-" + alnum.substr(0, 20),
      "gloas-" + alnum.substr(0, 64),
      "GR1348941" + alnum.substr(0, 20),
      "dt0c01." + rep("ABC1", 6) + "." + rep("ABC1", 16),
      "figd_" + alnum.substr(0, 40),
      "fo1_" + alnum.substr(0, 43),
      "fm2_" + alnum + "/+" + alnum,
      "gsk_" + alnum.substr(0, 52),
      "HRKU-AA" + alnum.substr(0, 58),
      "lin_api_" + alnum.substr(0, 40),
      "lsv2_pt_" + hex.substr(0, 32) + "_" + hex.substr(0, 10),
      "nfp_" + alnum.substr(0, 36),
      "NRAK-" + rep("A1B2", 7).substr(0, 27),
      "ntn_" + alnum.substr(0, 46),
      "nvapi-" + alnum.substr(0, 64),
      "ops_eyJ" + alnum + alnum + alnum + alnum,
      "p8e-" + alnum.substr(0, 32),
      "phx_" + alnum.substr(0, 43),
      "PMAK-" + hex.substr(0, 24) + "-" + hex.substr(0, 34),
      "pnu_" + alnum.substr(0, 36),
      "pplx-" + alnum.substr(0, 48),
      "pscale_tkn_" + alnum.substr(0, 43),
      "pscale_pw_" + alnum.substr(0, 43),
      "pul-" + hex.substr(0, 40),
      "rdme_" + alnum + "a1B2c3",
      "rubygems_" + hex.substr(0, 48),
      "sbp_" + hex.substr(0, 40),
      "sgp_" + hex.substr(0, 40),
      "shpat_" + hex.substr(0, 32),
      "shpca_" + hex.substr(0, 32),
      "shppa_" + hex.substr(0, 32),
      "shpss_" + hex.substr(0, 32),
      "sk-or-v1-" + hex,
      "sk-svcacct-" + alnum.substr(0, 40),
      "sntrys_" + alnum + "=_" + alnum.substr(0, 43),
      "sntryu_" + hex,
      "sq0atp-" + alnum.substr(0, 22),
      "sq0csp-" + alnum.substr(0, 43),
      "squ_" + hex.substr(0, 40),
      "tfp_" + alnum.substr(0, 59),
      "tskey-auth-" + alnum.substr(0, 12) + "CNTRL-" + alnum.substr(0, 32),
      "xai-" + alnum + alnum.substr(0, 16),
      "xkeysib-" + hex + "-" + alnum.substr(0, 16),
      "AKCp" + alnum + alnum.substr(0, 5),
      "cmVmdGtu" + alnum.substr(0, 56),
      "ATCTT3" + alnum + alnum,
      "ATBB" + alnum.substr(0, 32),
      "dp.sa." + alnum.substr(0, 40),
      alnum.substr(0, 14) + ".atlasv1." + alnum + "a1B",
  };
  return all;
}

TEST_F(RedactorTokens, ATokenIsMaskedWhole) {
  for (const std::string& token : tokens()) {
    for (const auto& [before, after] : {std::pair{"it was ", " then"},
                                        {"x=", "&y=1"},
                                        {"{\"a\":\"", "\"}"},
                                        {"(", ")"},
                                        {"", "\n"}}) {
      const std::string out = clean(before + token + after);
      const std::size_t half = token.size() / 2;
      EXPECT_EQ(out.find(token.substr(half, half - 1)), out.npos) << token << ": " << out;
      EXPECT_TRUE(out.starts_with(before)) << out;
      EXPECT_TRUE(out.ends_with(after)) << out;
    }
  }
}

TEST_F(RedactorTokens, WhatOnlyBeginsLikeOneIsShown) {
  for (const std::string text :
       {"sha256~", "image lin_api_server", "rubygems_mirror.example.com", "K10 is a mountain",
        "K10ab::server:x", "api.atlasv1.example.com", "pul-request-17", "shpat_test", "ops_eyes",
        "the tskey- prefix", "pscale_tkn_", "xai-operator-7d9c5b5b6-xk2jv", "gsk_runner", "sntrys_",
        "squ_", "fm2_radio"})
    EXPECT_EQ(clean(text), text);
}

}  // namespace
