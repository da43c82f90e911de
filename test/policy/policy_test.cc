// The policy: what each flag, rule and built-in case decides.
#include "policy/policy.h"

#include <gtest/gtest.h>

#include "policy/glob.h"
#include "policy/parse.h"
#include "policy/pod_fields.h"

namespace {

using policy::Attributes;
using policy::Decision;
using policy::Mode;
using policy::Policy;

constexpr Mode kWriting{.allow_writes = true};

Policy with(std::string_view text, Mode mode = kWriting) {
  auto made = Policy::parse(mode, text);
  EXPECT_TRUE(made) << (made ? "" : made.error().what());
  return made ? *std::move(made) : Policy(mode);
}

std::string error(std::string_view text) {
  const auto made = Policy::parse(kWriting, text);
  return made ? "" : made.error().what();
}

// "deployments.apps/scale" in a namespace, by a tool of a caller.
Attributes of(std::string_view verb, std::string_view kind, std::string_view ns = "prod",
              std::string_view name = "web") {
  Attributes a;
  a.verb = verb;
  const std::size_t slash = kind.find('/');
  if (slash != kind.npos) a.subresource = kind.substr(slash + 1);
  kind = kind.substr(0, slash);
  const std::size_t dot = kind.find('.');
  a.resource = kind.substr(0, dot);
  if (dot != kind.npos) a.group = kind.substr(dot + 1);
  a.ns = ns;
  a.name = name;
  a.tool = "k0rdent.mgmt.objects.patch";
  a.identity = "ann@example.com/0123456789abcdef";
  a.cluster = "mgmt";
  return a;
}

bool allows(const Policy& p, const Attributes& a) {
  const Decision d = p.decide(a);
  EXPECT_FALSE(d.rule.empty());
  EXPECT_EQ(d.why.empty(), d.allowed) << d.why;
  return d.allowed;
}
std::string rule(const Policy& p, const Attributes& a) {
  return p.decide(a).rule;
}
std::string why(const Policy& p, const Attributes& a) {
  return p.decide(a).why;
}

constexpr std::string_view kEachWrite[] = {"create", "update", "patch", "delete",
                                           "deletecollection"};

// ---- flags

TEST(Policy, WithoutAllowWritesEveryWriteIsRefused) {
  const Policy none{Mode{}};
  const Policy even = with("rules: [{effect: allow}]", Mode{});
  for (const Policy* p : {&none, &even}) {
    for (const std::string_view verb : kEachWrite) {
      EXPECT_EQ(rule(*p, of(verb, "configmaps")), "no --allow-writes");
    }
    EXPECT_TRUE(allows(*p, of("get", "configmaps")));
    EXPECT_TRUE(allows(*p, of("list", "configmaps", "", "")));
    EXPECT_TRUE(allows(*p, of("watch", "pods", "", "")));
    EXPECT_TRUE(allows(*p, of("get", "pods/log")));
    EXPECT_FALSE(allows(*p, of("proxy", "services")));
    EXPECT_FALSE(allows(*p, of("", "pods")));
  }
}

TEST(Policy, ReadOnlyWinsOverAllowWrites) {
  const Policy p{Mode{.allow_writes = true, .read_only = true}};
  EXPECT_EQ(rule(p, of("patch", "configmaps")), "--read-only");
  EXPECT_TRUE(allows(p, of("get", "configmaps")));
}

TEST(Policy, NoDestructiveRefusesDeletionsOnly) {
  const Policy p = with("rules: [{effect: allow, verbs: [write, deletecollection]}]",
                        Mode{.allow_writes = true, .no_destructive = true});
  EXPECT_EQ(rule(p, of("delete", "configmaps")), "--no-destructive");
  EXPECT_EQ(rule(p, of("deletecollection", "configmaps", "prod", "")), "--no-destructive");
  EXPECT_TRUE(allows(p, of("patch", "configmaps")));
}

TEST(Policy, AReviewIsAlwaysAllowed) {
  const Policy p{Mode{.read_only = true}};
  EXPECT_TRUE(allows(p, of("create", "selfsubjectreviews.authentication.k8s.io", "", "")));
  EXPECT_TRUE(allows(p, of("create", "tokenreviews.authentication.k8s.io", "", "")));
  EXPECT_TRUE(allows(p, of("create", "selfsubjectaccessreviews.authorization.k8s.io", "", "")));
  EXPECT_TRUE(allows(p, of("create", "selfsubjectrulesreviews.authorization.k8s.io", "", "")));
  EXPECT_FALSE(allows(p, of("create", "selfsubjectreviews.example.com", "", "")));
  EXPECT_FALSE(allows(p, of("delete", "tokenreviews.authentication.k8s.io", "", "x")));
  EXPECT_TRUE(Policy::decide_other(true).allowed);
  EXPECT_FALSE(Policy::decide_other(false).allowed);
}

// ---- without a file

TEST(Policy, WithoutAFileWritesAreAllowedButForTheBuiltInCases) {
  const Policy p{kWriting};
  for (const std::string_view verb : {"create", "update", "patch", "delete"})
    EXPECT_EQ(rule(p, of(verb, "configmaps")), "--allow-writes");
  EXPECT_TRUE(allows(p, of("patch", "deployments.apps/scale")));
  EXPECT_FALSE(allows(p, of("create", "secrets")));
  EXPECT_TRUE(allows(p, of("create", "secrets.example.com"))) << "another kind of that name";
  EXPECT_FALSE(allows(p, of("patch", "configmaps", "kube-system")));
  EXPECT_FALSE(allows(p, of("delete", "namespaces", "kube-system", "kube-system")));
  EXPECT_FALSE(allows(p, of("patch", "configmaps", "kube-public")));
  EXPECT_FALSE(allows(p, of("patch", "leases.coordination.k8s.io", "kube-node-lease")));
  EXPECT_FALSE(allows(p, of("deletecollection", "configmaps", "prod", "")));
  EXPECT_FALSE(allows(p, of("create", "serviceaccounts/token")));
  EXPECT_FALSE(allows(p, of("create", "pods/eviction")));
  Attributes a = of("create", "pods");
  a.node_field = "hostNetwork";
  EXPECT_FALSE(allows(p, a));
  EXPECT_NE(why(p, a).find("hostNetwork"), std::string::npos);
  EXPECT_NE(why(p, of("create", "secrets")).find("kinds: [secrets]"), std::string::npos);
}

Attributes metadata_of(std::string_view verb, std::string_view kind) {
  Attributes a = of(verb, kind);
  a.metadata_only = true;
  return a;
}

TEST(Policy, WhatIsInSecretsIsReadOnlyByARuleThatNamesThem) {
  const Policy none{Mode{}};
  const Policy all = with("rules: [{effect: allow, kinds: ['*']}]");
  for (const Policy* p : {&none, &all}) {
    for (const std::string_view verb : {"get", "list", "watch"}) {
      EXPECT_FALSE(allows(*p, of(verb, "secrets"))) << verb;
      EXPECT_TRUE(allows(*p, metadata_of(verb, "secrets"))) << verb << ": that it is there";
      EXPECT_TRUE(allows(*p, of(verb, "secrets.example.com")));
    }
    EXPECT_EQ(why(*p, of("list", "secrets")),
              "Secrets are read only if a rule names them (effect: allow, verbs: [list], kinds: "
              "[secrets])");
  }
  const Policy tls =
      with("rules: [{effect: allow, verbs: [get], kinds: [secrets], names: ['*-tls']}]", Mode{});
  EXPECT_EQ(rule(tls, of("get", "secrets", "prod", "web-tls")), "rule 1, line 1");
  EXPECT_FALSE(allows(tls, of("get", "secrets", "prod", "web")));
  EXPECT_FALSE(allows(tls, of("list", "secrets", "prod", "")));
}

TEST(Policy, ASecretThatMayBeWrittenIsReadForItsWriteAlone) {
  const Policy p = with("rules: [{effect: allow, verbs: [patch], kinds: [secrets], names: [tls]}]");
  Attributes read = of("get", "secrets", "prod", "tls");
  EXPECT_FALSE(allows(p, read));
  read.writing = true;
  EXPECT_TRUE(allows(p, read)) << "the diff is made of it";
  read.name = "other";
  EXPECT_FALSE(allows(p, read));
  read.name = "tls";
  EXPECT_FALSE(allows(with("rules: []"), read));
  EXPECT_FALSE(allows(with("rules: [{effect: deny, verbs: [read], kinds: [secrets]}, {effect: "
                           "allow, kinds: [secrets]}]"),
                      read));
}

// Each would let a caller act inside a pod, whatever HTTP method it has.
TEST(Policy, ConnectingIsAWrite) {
  for (const std::string_view sub : {"pods/exec", "pods/attach", "pods/portforward", "pods/proxy",
                                     "services/proxy", "nodes/proxy"}) {
    EXPECT_FALSE(allows(Policy{Mode{}}, of("get", sub))) << sub;
    EXPECT_FALSE(allows(Policy{kWriting}, of("get", sub))) << sub;
    EXPECT_TRUE(Policy::is_write(of("get", sub)));
  }
  EXPECT_TRUE(allows(with("rules: [{effect: allow, kinds: [pods/exec]}]"), of("get", "pods/exec")));
  EXPECT_FALSE(allows(with("rules: [{effect: allow, kinds: ['pods/*']}]"), of("get", "pods/exec")));
}

TEST(Policy, StatusAndFinalizeAreNeverWritten) {
  const Policy p =
      with("rules: [{effect: allow, kinds: ['*/status', pods/status, namespaces/finalize]}]");
  EXPECT_FALSE(allows(p, of("patch", "pods/status")));
  EXPECT_FALSE(allows(p, of("update", "namespaces/finalize", "prod", "prod")));
  EXPECT_TRUE(allows(p, of("get", "pods/status")));
}

// ---- with a file

TEST(Policy, WithAFileTheFirstRuleThatMatchesDecidesAndWritesNeedOne) {
  const Policy p = with(R"(
rules:
  - name: hands-off
    effect: deny
    verbs: [write]
    namespaces: [prod]
    names: [web, db-*]
  - effect: allow
    verbs: [patch, create]
    kinds: [configmaps, deployments.apps]
)");
  EXPECT_EQ(rule(p, of("patch", "configmaps")), "rule 1 (hands-off), line 3");
  EXPECT_EQ(rule(p, of("patch", "configmaps", "prod", "db-1")), "rule 1 (hands-off), line 3");
  EXPECT_EQ(rule(p, of("patch", "configmaps", "prod", "api")), "rule 2, line 8");
  EXPECT_EQ(rule(p, of("patch", "deployments.apps", "dev")), "rule 2, line 8");
  EXPECT_EQ(rule(p, of("patch", "deployments.example.com", "dev")), "default");
  EXPECT_EQ(rule(p, of("delete", "configmaps", "dev")), "default");
  EXPECT_FALSE(allows(p, of("delete", "configmaps", "dev")));
  EXPECT_TRUE(allows(p, of("get", "configmaps")));
  const Policy empty = with("rules: []");
  EXPECT_FALSE(allows(empty, of("patch", "configmaps")));
  EXPECT_TRUE(allows(empty, of("get", "configmaps")));
}

TEST(Policy, EachListOfARuleNarrowsIt) {
  const auto one = [](std::string_view list) {
    return with("rules: [{effect: allow, " + std::string(list) + "}]");
  };
  const Attributes a = of("patch", "configmaps");
  for (const std::string_view fits :
       {"verbs: patch", "verbs: [write]", "verbs: '*'", "kinds: configmaps", "kinds: [ConfigMap]",
        "kinds: configmap", "kinds: configmaps.core", "kinds: 'config*'", "kinds: '*'",
        "namespaces: prod", "namespaces: ['p*d']", "names: web", "names: '*'",
        "tools: k0rdent.mgmt.objects.patch", "tools: 'k0rdent.mgmt.*'",
        "identities: ann@example.com", "identities: '*@example.com'", "clusters: mgmt"}) {
    EXPECT_TRUE(allows(one(fits), a)) << fits;
  }
  for (const std::string_view other :
       {"verbs: create", "verbs: read", "kinds: secrets", "kinds: configmaps.apps", "kinds: 'x*'",
        "kinds: configmaps/scale", "namespaces: dev", "namespaces: ['prod-*']", "names: webx",
        "tools: k0rdent.mgmt.objects.delete", "identities: bob", "identities: 'ann'",
        "identities: ann@example.com/0123456789abcdef", "clusters: other"}) {
    EXPECT_FALSE(allows(one(other), a)) << other;
  }
}

TEST(Policy, KindsAreNamedAsPeopleNameThem) {
  const auto allow = [](std::string_view kind, std::string_view resource) {
    return allows(with("rules: [{effect: allow, kinds: ['" + std::string(kind) + "']}]"),
                  of("patch", resource));
  };
  EXPECT_TRUE(allow("ClusterDeployment", "clusterdeployments.k0rdent.mirantis.com"));
  EXPECT_TRUE(allow("NetworkPolicy.networking.k8s.io", "networkpolicies.networking.k8s.io"));
  EXPECT_TRUE(allow("Ingress", "ingresses.networking.k8s.io"));
  EXPECT_TRUE(allow("Gateway", "gateways.gateway.networking.k8s.io"));
  EXPECT_TRUE(allow("*.k0rdent.mirantis.com", "credentials.k0rdent.mirantis.com"));
  EXPECT_FALSE(allow("*.k0rdent.mirantis.com", "credentials.example.com"));
  EXPECT_FALSE(allow("*.core", "deployments.apps"));
  EXPECT_TRUE(allow("deployments.apps/scale", "deployments.apps/scale"));
  EXPECT_FALSE(allow("deployments.apps/scale", "deployments.apps"));
  EXPECT_TRUE(allow("*/scale", "statefulsets.apps/scale"));
}

TEST(Policy, TheBuiltInCasesNeedARuleThatNamesThem) {
  const auto allow = [](std::string_view list, const Attributes& a) {
    return allows(with("rules: [{effect: allow, " + std::string(list) + "}]"), a);
  };
  const Attributes secret = of("patch", "secrets");
  EXPECT_FALSE(allow("verbs: '*'", secret));
  EXPECT_FALSE(allow("kinds: ['*']", secret));
  EXPECT_FALSE(allow("kinds: ['secret*']", secret));
  EXPECT_TRUE(allow("kinds: [secrets]", secret));
  EXPECT_TRUE(allow("kinds: ['*', Secret]", secret));
  const Attributes system = of("patch", "configmaps", "kube-system");
  EXPECT_FALSE(allow("namespaces: ['*']", system));
  EXPECT_FALSE(allow("namespaces: ['kube-*']", system));
  EXPECT_TRUE(allow("namespaces: [kube-system]", system));
  const Attributes all = of("deletecollection", "configmaps", "prod", "");
  EXPECT_FALSE(allow("verbs: '*'", all));
  EXPECT_FALSE(allow("verbs: write", all));
  EXPECT_TRUE(allow("verbs: deletecollection", all));
  const Attributes token = of("create", "serviceaccounts/token");
  EXPECT_FALSE(allow("kinds: serviceaccounts", token));
  EXPECT_FALSE(allow("kinds: 'serviceaccounts/*'", token));
  EXPECT_TRUE(allow("kinds: serviceaccounts/token", token));
  Attributes pod = of("create", "pods");
  pod.node_field = "privileged";
  EXPECT_FALSE(allow("kinds: pods", pod));
  EXPECT_FALSE(allow("podSecurity: default", pod));
  EXPECT_TRUE(allow("podSecurity: privileged", pod));
  const Policy p = with("rules: [{effect: allow}]");
  EXPECT_NE(why(p, secret).find("kinds: [secrets]"), std::string::npos);
  EXPECT_NE(why(p, system).find("namespaces: [kube-system]"), std::string::npos);
}

// What an allow rule leaves out of its match is looked for in the rules after it.
TEST(Policy, ARuleThatDoesNotNameTheCaseGivesWayToTheNext) {
  const Policy p =
      with("rules: [{effect: allow}, {effect: allow, kinds: [secrets], names: [web]}]");
  EXPECT_EQ(rule(p, of("patch", "secrets")), "rule 2, line 1");
  EXPECT_FALSE(allows(p, of("patch", "secrets", "prod", "other")));
}

TEST(Policy, ADenyRuleMayBeAboutPrivilegedPodsAlone) {
  const Policy p = with(
      "rules: [{effect: deny, podSecurity: privileged}, {effect: allow, podSecurity: privileged}]");
  Attributes pod = of("create", "pods");
  EXPECT_TRUE(allows(p, pod));
  pod.node_field = "hostPID";
  EXPECT_EQ(rule(p, pod), "rule 1, line 1");
}

// A list of all namespaces would show what a rule hides in one of them.
TEST(Policy, ADenyRuleCoversRequestsAboutMany) {
  const Policy p = with("rules: [{effect: deny, verbs: [read], namespaces: [prod], kinds: ['*']}]");
  EXPECT_FALSE(allows(p, of("list", "configmaps", "prod", "")));
  EXPECT_FALSE(allows(p, of("list", "configmaps", "", ""))) << "prod is among all namespaces";
  EXPECT_FALSE(allows(p, of("watch", "configmaps", "", "")));
  EXPECT_TRUE(allows(p, of("list", "configmaps", "dev", "")));
  EXPECT_TRUE(allows(p, of("list", "nodes", "", ""))) << "in no namespace";
  EXPECT_TRUE(allows(p, of("list", "namespaces", "", "")));
  const Policy named =
      with("rules: [{effect: deny, verbs: [read], kinds: [services], names: [tls]}]");
  EXPECT_FALSE(allows(named, of("get", "services", "prod", "tls")));
  EXPECT_FALSE(allows(named, of("list", "services", "prod", ""))) << "tls is among them";
  EXPECT_TRUE(allows(named, of("list", "services", "prod", "other"))) << "a selected name";
  EXPECT_TRUE(allows(named, of("get", "services", "prod", "other")));
  // An allow rule is not stretched like that.
  const Policy wide = with(
      "rules: [{effect: allow, verbs: [deletecollection], kinds: [pods], names: [a], namespaces: [prod]}]");
  EXPECT_FALSE(allows(wide, of("deletecollection", "pods", "prod", "")));
}

TEST(Policy, ADenyOfAKindCoversItsSubresources) {
  const Policy p = with("rules: [{effect: deny, kinds: [pods], verbs: [read]}]");
  EXPECT_FALSE(allows(p, of("get", "pods/log")));
  EXPECT_TRUE(allows(with("rules: [{effect: deny, kinds: [pods/log]}]"), of("get", "pods")));
}

TEST(Policy, TheIndexFindsTheSameRulesAsAWalk) {
  std::string text = "rules:\n";
  for (int i = 0; i < 200; ++i) {
    const std::string n = std::to_string(i);
    text += "  - {effect: " + std::string(i % 3 == 0 ? "deny" : "allow") + ", namespaces: [";
    text += i % 7 == 0 ? "'n*" + n + "'" : i % 11 == 0 ? "'*" + n + "'" : "n" + n;
    text +=
        "], kinds: [" + std::string(i % 5 == 0 ? "'conf*'" : "configmaps") + "], names: ['w*']}\n";
  }
  const Policy p = with(text);
  const auto rules = policy::parse_rules(text);
  ASSERT_TRUE(rules);
  int decided = 0;
  for (int i = 0; i < 220; ++i) {
    const std::string ns = "n" + std::to_string(i);
    const Attributes a = of("patch", "configmaps", ns);
    std::string first = "default";
    for (auto each = rules->rbegin(); each != rules->rend(); ++each)
      if (each->matches(a, policy::kPatch)) first = each->text;
    EXPECT_EQ(rule(p, a), first) << ns;
    decided += first != "default";
  }
  EXPECT_GT(decided, 190);
}

// ---- the file

TEST(PolicyFile, WhatItDoesNotKnowIsRefusedWithTheLineAndTheNearestWord) {
  EXPECT_EQ(error("rules:\n- effect: alow"),
            "line 2: unknown effect \"alow\"; did you mean allow?");
  EXPECT_EQ(error("rules:\n- effect: allow\n  verb: [get]"),
            "line 3: unknown key \"verb\"; did you mean verbs?");
  EXPECT_EQ(error("rules:\n- effect: allow\n  verbs: [get, delet]"),
            "line 3: unknown verb \"delet\"; did you mean delete?");
  EXPECT_EQ(error("rules:\n- effect: allow\n  verbs: [apply]"),
            "line 3: \"apply\" is the API's verb patch");
  EXPECT_EQ(error("rule: []"), "line 1: unknown key \"rule\"; did you mean rules?");
  EXPECT_EQ(error("rules:\n- effect: deny\n  podSecurity: privilged"),
            "line 3: unknown podSecurity \"privilged\"; did you mean privileged?");
  EXPECT_EQ(error("rules:\n- verbs: [get]"), "line 2: the rule has no effect: allow or deny");
  EXPECT_EQ(error("rules:\n- effect: deny\n  names: []"),
            "line 3: names is empty, which would match nothing: leave it out for all");
  EXPECT_EQ(error("rules:\n- effect: deny\n  names: {a: b}"),
            "line 3: names must be a list of texts");
  EXPECT_EQ(error("rules:\n- effect: deny\n  names: [[a]]"),
            "line 3: names must hold texts that are not empty");
  EXPECT_EQ(error("rules:\n- deny"), "line 2: a rule must be a mapping with an effect");
  EXPECT_EQ(error("rules: yes"),
            "line 1: rules must be a list (an empty one, [], allows no write)");
  EXPECT_EQ(error(""), "line 1: a policy file must be one YAML document with rules");
  EXPECT_EQ(error("{}"), "line 1: rules must be a list (an empty one, [], allows no write)");
  EXPECT_EQ(error("rules: []\n---\nrules: []"),
            "line 1: a policy file must be one YAML document with rules");
  EXPECT_NE(error("rules:\n- effect: deny\n  kinds: [pods, 'a/b/c!']").find("line 3: kinds holds"),
            std::string::npos);
  EXPECT_NE(error("rules:\n- effect: deny\n  kinds: [secrets.]").find("line 3: kinds holds"),
            std::string::npos);
  EXPECT_NE(error("rules:\n- effect: deny\n  effect: allow").find("twice"), std::string::npos);
}

// A shell's patterns were taken by the letter: a deny rule with one protected nothing.
TEST(PolicyFile, OnlyAStarIsAPattern) {
  for (const char* list : {"namespaces: ['prod-?']", "names: ['prod-[0-9]']", "names: ['{a,b}']",
                           "tools: ['a b']", "namespaces: ['prod ']"})
    EXPECT_NE(error("rules:\n- effect: deny\n  " + std::string(list)).find("only * is special"),
              std::string::npos)
        << list;
  EXPECT_EQ(error("rules:\n- {effect: deny, identities: ['CN=[x] y?'], names: ['a*b', '**']}"), "");
}

TEST(PolicyFile, IsBounded) {
  std::string many = "rules:\n";
  for (std::size_t i = 0; i <= policy::kRules; ++i)
    many += "- {effect: deny}\n";
  EXPECT_NE(error(many).find("at most 2048 rules"), std::string::npos);
  std::string list = "rules: [{effect: deny, names: [a";
  for (std::size_t i = 0; i < policy::kPatterns; ++i)
    list += ", a";
  EXPECT_NE(error(list + "]}]").find("at most 256 entries"), std::string::npos);
  EXPECT_NE(
      error("rules: [{effect: deny, names: [" + std::string(600, 'a') + "]}]").find("512 bytes"),
      std::string::npos);
  EXPECT_NE(error(std::string(policy::kFileBytes + 1, ' ')).find("524288 bytes"),
            std::string::npos);
}

TEST(PolicyGlob, AStarStandsForAnyText) {
  using policy::matches;
  EXPECT_TRUE(matches("*", ""));
  EXPECT_TRUE(matches("a*", "a"));
  EXPECT_TRUE(matches("a*c*e", "abcde"));
  EXPECT_TRUE(matches("*ab", "aab"));
  EXPECT_TRUE(matches("a**b", "ab"));
  EXPECT_FALSE(matches("a*", "ba"));
  EXPECT_FALSE(matches("a", "ab"));
  EXPECT_FALSE(matches("", "a"));
  EXPECT_FALSE(matches("*a*b", "ba"));
  EXPECT_TRUE(matches(std::string(250, '*') + "b", std::string(250, 'a') + "b"));
}

// ---- pods that own their node

TEST(PolicyPodFields, Row9AreFoundWhereverTheyStand) {
  using policy::node_field;
  EXPECT_EQ(node_field(R"({"spec":{"hostNetwork":true}})"), "hostNetwork");
  EXPECT_EQ(node_field(R"({"spec":{"template":{"spec":{"hostPID":true}}}})"), "hostPID");
  EXPECT_EQ(
      node_field(R"({"spec":{"jobTemplate":{"spec":{"template":{"spec":{"hostIPC":true}}}}}})"),
      "hostIPC");
  EXPECT_EQ(node_field(R"({"spec":{"volumes":[{"name":"x","hostPath":{"path":"/"}}]}})"),
            "hostPath");
  EXPECT_EQ(node_field(R"({"spec":{"initContainers":[{"securityContext":{"privileged":true}}]}})"),
            "privileged");
  EXPECT_EQ(node_field(R"({"spec":{"securityContext":{"windowsOptions":{"hostProcess":true}}}})"),
            "hostProcess");
  EXPECT_EQ(
      node_field(
          R"({"spec":{"containers":[{"securityContext":{"capabilities":{"add":["CAP_SYS_ADMIN"]}}}]}})"),
      "capabilities.add SYS_ADMIN");
  EXPECT_EQ(node_field(R"({"kind":"Rollout","spec":{"anything":{"spec":{"hostNetwork":true}}}})"),
            "hostNetwork")
      << "a template of an unknown kind";
  EXPECT_EQ(
      node_field(
          R"({"spec":{"hostNetwork":false,"containers":[{"securityContext":)"
          R"({"privileged":false,"capabilities":{"drop":["ALL"],"add":["NET_BIND_SERVICE"]}}}]}})"),
      "");
  EXPECT_EQ(node_field(
                R"({"properties":{"hostPath":{"type":"object"},"privileged":{"type":"boolean"}}})"),
            "")
      << "a schema runs nothing";
  EXPECT_EQ(node_field(R"([{"op":"add","path":"/spec/hostNetwork","value":true}])"),
            "a body that is not an object");
  EXPECT_EQ(node_field("spec:\n  hostNetwork: true"), "a body that is not an object");
  EXPECT_EQ(node_field(""), "");
}

// ---- tools

TEST(PolicyTools, AToolThatCanDoNothingIsRefused) {
  constexpr policy::ToolTraits kReader{}, kWriter{true, false}, kDeleter{true, true};
  const auto hidden = [](const Policy& p, std::string_view tool, policy::ToolTraits traits,
                         std::string_view identity = "ann/1") {
    return p.refuses_tool(tool, traits, identity, "mgmt").has_value();
  };
  const Policy reading{Mode{}}, writing{kWriting};
  EXPECT_FALSE(hidden(reading, "objects.get", kReader));
  EXPECT_TRUE(hidden(reading, "objects.apply", kWriter));
  EXPECT_FALSE(hidden(writing, "objects.apply", kWriter));
  EXPECT_FALSE(hidden(writing, "objects.delete", kDeleter));
  const Policy gentle{Mode{.allow_writes = true, .no_destructive = true}};
  EXPECT_FALSE(hidden(gentle, "objects.apply", kWriter));
  EXPECT_TRUE(hidden(gentle, "objects.delete", kDeleter));
  const Policy locked{Mode{.allow_writes = true, .read_only = true}};
  EXPECT_TRUE(hidden(locked, "objects.apply", kWriter));

  const Policy p = with(R"(
rules:
  - {effect: deny, tools: [objects.get]}
  - {effect: deny, tools: [objects.list], identities: [bob]}
  - {effect: deny, tools: [objects.describe], namespaces: [prod]}
  - {effect: deny, tools: [objects.label], verbs: [write]}
  - {effect: allow, verbs: [patch], tools: ['objects.*'], identities: [ann]}
)");
  EXPECT_TRUE(hidden(p, "objects.get", kReader));
  EXPECT_FALSE(hidden(p, "objects.list", kReader));
  EXPECT_TRUE(hidden(p, "objects.list", kReader, "bob/2"));
  EXPECT_FALSE(hidden(p, "objects.describe", kReader)) << "other namespaces are left";
  EXPECT_TRUE(hidden(p, "objects.label", kWriter));
  EXPECT_FALSE(hidden(p, "objects.patch", kWriter));
  EXPECT_TRUE(hidden(p, "objects.patch", kWriter, "bob/2")) << "no rule allows it anything";
  EXPECT_TRUE(hidden(p, "objects.delete", kDeleter));
}

}  // namespace
