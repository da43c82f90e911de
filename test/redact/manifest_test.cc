// Secrets as manifests, however YAML is written: quoted names, braces, comments, anchors, lists.
#include <string>

#include <gtest/gtest.h>

#include "redact/places.h"

namespace {

class SecretManifests : public test::RedactPlaces {};

// Bug: only `kind: Secret` and `data:` alone in their lines were known.
TEST_F(SecretManifests, AreSeenInAnySpellingOfYaml) {
  for (const std::string yaml :
       {"apiVersion: v1\n\"kind\": \"Secret\"\nmetadata:\n  name: a\n\"data\":\n  foo: Zq7Plant\n",
        "'kind': 'Secret'\n'stringData':\n  foo: Zq7Plant\n",
        "kind: Secret\nmetadata:\n  name: a\ndata: {foo: Zq7Plant}\n",
        "kind: Secret\ndata: {foo: x,\n  bar: Zq7Plant}\n",
        "{apiVersion: v1, kind: Secret, metadata: {name: a}, stringData: {foo: Zq7Plant}}\n",
        "{stringData: {foo: Zq7Plant}, kind: Secret}\n",
        "kind: Secret # yes\nstringData: # here\n  foo: Zq7Plant\n",
        "kind: &k Secret\nstringData: &d\n  foo: Zq7Plant\n",
        "kind: !!str Secret\nstringData: !!map\n  foo: Zq7Plant\n",
        "kind:\tSecret\nstringData:\n  foo: Zq7Plant\n",
        "kind : Secret\nstringData :\n  foo: Zq7Plant\n",
        "kind: SecretList\nitems:\n- metadata: {name: a}\n  stringData:\n    foo: Zq7Plant\n",
        "kind: SecretList\nitems:\n- data:\n    foo: Zq7Plant\n- data:\n    foo: Zq7Plant\n",
        "kind: List\nitems:\n- {kind: Secret, data: {foo: Zq7Plant}}\n",
        "metadata:\n  name: a\nstringData:\n  foo: Zq7Plant\n",
        "type: Opaque\ndata:\n  foo: Zq7Plant\n",
        "data:\n  foo: Zq7Plant\ntype: kubernetes.io/basic-auth\n",
        "extraSecrets:\n- name: a\n  data:\n    foo: zq7-plant Zq7Plant\n"})
    expect_masked(yaml);
}

TEST_F(SecretManifests, AreSeenAsObjectsWithoutTheirKind) {
  for (const std::string json :
       {R"({"extraSecrets":[{"name":"a","data":{"f":"Zq7Plant"}}]})",
        R"({"extra":{"type":"kubernetes.io/basic-auth","data":{"f":"Zq7Plant"}}})",
        R"({"extra":{"data":{"f":"Zq7Plant"},"type":"kubernetes.io/ssh-auth"}})",
        R"({"extra":{"data":{"f":"Zq7Plant"},"type":"kubernetes.io/tls"}})",
        R"({"extra":{"data":{"f":"Zq7Plant"},"type":"kubernetes.io/dockercfg"}})",
        R"({"extra":{"data":{"f":"Zq7Plant"},"type":"kubernetes.io/dockerconfigjson"}})",
        R"({"extra":{"data":{"f":"Zq7Plant"},"type":"kubernetes.io/service-account-token"}})",
        R"({"extra":{"data":{"f":"Zq7Plant"},"type":"bootstrap.kubernetes.io/token"}})",
        R"({"extra":{"metadata":{"name":"a"},"stringData":{"f":"Zq7Plant"}}})"})
    expect_masked_object(json);
}

TEST_F(SecretManifests, WhatIsNoSecretOfTheirsStays) {
  for (const std::string yaml :
       {"kind: ConfigMap\ndata: {foo: bar}\n", "kind: ConfigMap\n\"data\":\n  foo: bar\n",
        "kind: Service\ntype: kubernetes.io/ingress\ndata:\n  foo: bar\n",
        "involvedObject: {kind: Secret, name: a}\nreason: Created\n",
        "kind: Secret # the one\nmetadata:\n  name: a\ntype: Opaque\n",
        "- kind: Secret\n  name: a\n- kind: ConfigMap\n  data:\n    foo: bar\n",
        "refs: [{kind: Secret, name: a}, {kind: ConfigMap, data: {foo: bar}}]\n"})
    expect_same(yaml);
  expect_same_object(R"({"annotations":{"type":"kubernetes.io/tls"},"data":{"foo":"bar"}})");
}

}  // namespace
