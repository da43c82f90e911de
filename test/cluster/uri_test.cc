// The k0rdent:// URIs, the request a pod log's URI means, and the namespace filter: what is checked
// before any request is made.
#include "cluster/uri.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "cluster/namespace_filter.h"
#include "logs/request.h"

namespace {

using base::Errc;
using cluster::NamespaceFilter;
using cluster::parse_resource_uri;
using logs::Request;

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// ---- resource_uri

TEST(ResourceUri, TakesHostSegmentsAndParametersApart) {
  const auto uri =
      parse_resource_uri("k0rdent://podlogs/ns/po%64/c?tailLines=5&previous=&x%3D=%26");
  ASSERT_TRUE(uri.has_value()) << uri.error().what();
  EXPECT_EQ(uri->host, "podlogs");
  EXPECT_EQ(uri->segments, (std::vector<std::string>{"ns", "pod", "c"}));
  using Pair = std::pair<std::string, std::string>;
  EXPECT_EQ(uri->parameters,
            (std::vector<Pair>{{"tailLines", "5"}, {"previous", ""}, {"x=", "&"}}));
}

TEST(ResourceUri, SchemeAndHostAreTakenInAnyCaseAndATrailingSlashIsNothing) {
  const auto uri = parse_resource_uri("K0RDENT://Events/Ns//");
  ASSERT_TRUE(uri.has_value());
  EXPECT_EQ(uri->host, "events");
  EXPECT_EQ(uri->segments, (std::vector<std::string>{"Ns"}));
  EXPECT_TRUE(parse_resource_uri("k0rdent://events")->segments.empty());
  EXPECT_TRUE(parse_resource_uri("k0rdent://events?a=b")->segments.empty());
}

TEST(ResourceUri, BelongsToTheFamilyOfItsHost) {
  EXPECT_TRUE(cluster::is_resource_uri("k0rdent://events", "events"));
  EXPECT_TRUE(cluster::is_resource_uri("K0rdent://EVENTS/x", "events"));
  EXPECT_TRUE(cluster::is_resource_uri("k0rdent://events?x", "events"));
  EXPECT_TRUE(cluster::is_resource_uri("k0rdent://events#x", "events"));
  for (const char* other : {"", "k0rdent://", "k0rdent:/events", "k0rdent://eventsx/a",
                            "k0rdent://x@events/a", "k0rdent://events:80/a", "http://events/a"}) {
    EXPECT_FALSE(cluster::is_resource_uri(other, "events")) << other;
  }
}

TEST(ResourceUri, EveryMistakeHasItsReason) {
  const struct {
    std::string uri;
    const char* why;
  } cases[] = {
      {"", "must begin with k0rdent://"},
      {"http://events/a", "must begin with k0rdent://"},
      {"k0rdent:///a", "must begin with k0rdent://"},
      {"k0rdent://events/a#b", "must not have a fragment"},
      {"k0rdent://podlogs/a//b", "empty path segment"},
      {"k0rdent://podlogs//a", "empty path segment"},
      {"k0rdent://podlogs/a%2", "broken percent-escape in its path"},
      {"k0rdent://podlogs/a?b=%zz", "broken percent-escape in its query"},
      {"k0rdent://podlogs/a?b=1&b=2", "parameter 'b' is given twice"},
      {"k0rdent://podlogs/" + std::string(2048, 'a'), "longer than 2048 bytes"},
  };
  for (const auto& c : cases) {
    const auto uri = parse_resource_uri(c.uri);
    ASSERT_FALSE(uri.has_value()) << c.uri;
    EXPECT_EQ(uri.error().code(), Errc::invalid_argument);
    EXPECT_TRUE(has(uri.error().what(), c.why)) << uri.error().what();
    EXPECT_LT(uri.error().what().size(), 400u);
  }
  EXPECT_TRUE(has(parse_resource_uri("k0rdent://e/a\nb#").error().what(), "URI \"k0rdent://e/a"));
  EXPECT_FALSE(has(parse_resource_uri("k0rdent://e/a\nb#").error().what(), "\n"));
}

// ---- pod_log_request

TEST(Request, ComesBackFromItsOwnUri) {
  for (const char* uri : {"k0rdent://podlogs/ns/pod/c", "k0rdent://podlogs/ns/pod",
                          "k0rdent://podlogs/ns/a.b.c/c?previous=true&sinceSeconds=1&tailLines=0",
                          "k0rdent://podlogs/ns/pod/c?tailLines=1000000000",
                          "k0rdent://podlogs/ns/pod?sinceSeconds=60"}) {
    const auto request = Request::from_uri(uri);
    ASSERT_TRUE(request.has_value()) << request.error().what();
    EXPECT_EQ(request->uri(), uri);
  }
}

TEST(Request, EmptyParametersAreNone) {
  const auto request =
      Request::from_uri("k0rdent://podlogs/ns/pod/c/?previous=&sinceSeconds=&tailLines=");
  ASSERT_TRUE(request.has_value()) << request.error().what();
  EXPECT_EQ(request->container, "c");
  EXPECT_FALSE(request->previous);
  EXPECT_EQ(request->tail_lines, std::nullopt);
  EXPECT_EQ(request->since_seconds, std::nullopt);
}

TEST(Request, PreviousTakesTheUsualWords) {
  for (const char* yes : {"1", "t", "T", "TRUE", "true", "True"}) {
    const auto r = Request::from_uri(std::string("k0rdent://podlogs/n/p/c?previous=") + yes);
    EXPECT_TRUE(r && r->previous) << yes;
  }
  for (const char* no : {"0", "f", "F", "FALSE", "false", "False"}) {
    const auto r = Request::from_uri(std::string("k0rdent://podlogs/n/p/c?previous=") + no);
    EXPECT_TRUE(r && !r->previous) << no;
  }
}

TEST(Request, EveryMistakeNamesThePartAndWhatCame) {
  const struct {
    const char* rest;
    const char* why;
  } cases[] = {
      {"", "URI must be k0rdent://podlogs/{namespace}/{pod}/{container}"},
      {"/ns", "URI must be k0rdent://podlogs/{namespace}/{pod}/{container}"},
      {"/ns/p/c/d", "URI must be k0rdent://podlogs/{namespace}/{pod}/{container}"},
      {"/Ns/p/c", "'namespace' must be"},
      {"/n.s/p/c", "'namespace' must be"},
      {"/ns/P/c", "'pod' must be"},
      {"/ns/p%2Flog/c", "'pod' must be"},
      {"/ns/../c", "'pod' must be"},
      {"/ns/p/c%00", "'container' must be"},
      {"/ns/p/c?previous=yes", "parameter 'previous' must be true or false, got \"yes\""},
      {"/ns/p/c?tailLines=-1",
       "parameter 'tailLines' must be an integer from 0 to 1000000000, got \"-1\""},
      {"/ns/p/c?tailLines=1000000001", "from 0 to 1000000000, got \"1000000001\""},
      {"/ns/p/c?tailLines=1e3", "got \"1e3\""},
      {"/ns/p/c?sinceSeconds=0",
       "'sinceSeconds' must be an integer from 1 to 1000000000, got \"0\""},
      {"/ns/p/c?follow=true",
       "unknown parameter 'follow' (known: previous, sinceSeconds, tailLines)"},
  };
  for (const auto& c : cases) {
    const auto request = Request::from_uri(std::string("k0rdent://podlogs") + c.rest);
    ASSERT_FALSE(request.has_value()) << c.rest;
    EXPECT_EQ(request.error().code(), Errc::invalid_argument) << c.rest;
    EXPECT_TRUE(has(request.error().what(), c.why)) << request.error().what();
  }
}

// ---- namespace_filter

NamespaceFilter filter(std::string_view pattern) {
  auto parsed = NamespaceFilter::parse(pattern);
  EXPECT_TRUE(parsed.has_value()) << pattern;
  return parsed ? *std::move(parsed) : NamespaceFilter();
}

TEST(NamespaceFilter, TheWholeNameMustMatch) {
  const NamespaceFilter one = filter("team-a");
  EXPECT_TRUE(one.allows("team-a"));
  for (const char* other : {"xteam-a", "team-ab", "team", "", "xteam-abc"}) {
    EXPECT_FALSE(one.allows(other)) << other;
  }
  const NamespaceFilter two = filter("team|team-[a-z]+|kcm-system");
  for (const char* allowed : {"team", "team-abc", "kcm-system"}) {
    EXPECT_TRUE(two.allows(allowed)) << allowed;
  }
  EXPECT_FALSE(two.allows("team-1"));
  EXPECT_FALSE(two.allows("kcm-systems"));
  EXPECT_TRUE(filter("^team-a$").allows("team-a"));
  EXPECT_FALSE(filter("^team-a").allows("team-ab"));
}

TEST(NamespaceFilter, NoBracketOfThePatternGetsAroundTheWholeName) {
  const NamespaceFilter odd = filter("a)|(b)");  // an unmatched ')' stands for itself
  EXPECT_TRUE(odd.allows("b"));
  for (const char* other : {"axyz", "a", "xb", "b)", "xyzb", "bb"}) {
    EXPECT_FALSE(odd.allows(other)) << other;
  }
}

TEST(NamespaceFilter, WithoutAPatternAllIsAllowed) {
  EXPECT_TRUE(NamespaceFilter().allows("any"));
  EXPECT_TRUE(filter("").check("any").has_value());
}

TEST(NamespaceFilter, ARefusalNamesTheNamespaceAndTheFilter) {
  const auto refused = filter("team-a").check("kube-system");
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code(), Errc::forbidden);
  EXPECT_EQ(refused.error().what(),
            "namespace 'kube-system' is not allowed by this server's namespace filter (team-a)");
}

TEST(NamespaceFilter, WhatOtherDialectsMeanOtherwiseIsRefused) {
  for (const char* pattern :
       {"team-\\d+", "(?:a|b)", "(?i)team", "\\bteam", "[\\w-]+", "[a\\-z]", "[\\]a]", "[^\\s]"}) {
    const auto parsed = NamespaceFilter::parse(pattern);
    ASSERT_FALSE(parsed.has_value()) << pattern;
    EXPECT_EQ(parsed.error().code(), Errc::invalid_argument);
    EXPECT_TRUE(has(parsed.error().what(), std::string("namespace filter '") + pattern + "'"));
    EXPECT_TRUE(has(parsed.error().what(), "use POSIX extended syntax"));
  }
  for (const char* pattern : {"(", "[", "a{2", "*[z-a]"}) {
    EXPECT_FALSE(NamespaceFilter::parse(pattern).has_value()) << pattern;
  }
}

TEST(NamespaceFilter, EscapedSignsAndClassesAreTaken) {
  EXPECT_TRUE(filter("team(\\.b)?").allows("team"));
  EXPECT_FALSE(filter("a\\.b").allows("axb"));
  EXPECT_FALSE(filter("a\\.b").allows("a.b")) << "no namespace is called that";
  EXPECT_TRUE(filter("[[:alpha:]]+-[]0-9]+").allows("team-42"));
  EXPECT_TRUE(filter("a{2,3}(b|c)?").allows("aab"));
}

}  // namespace
