// Scope: what an access token allows its caller to do here, besides what the cluster allows its
// user. Each scope includes those before it, so that the highest one says all. Their names on the
// wire belong to the authenticator.
#pragma once

namespace mcp {

constexpr int kScopes = 4;
enum class Scope : unsigned char {
  none,   // nothing but to be told what is missing
  read,   // lists, objects, events, the graph; subscriptions to them
  logs,   // logs of pods, too: programs print what no object shows
  write,  // tools that change something, too
};

}  // namespace mcp
