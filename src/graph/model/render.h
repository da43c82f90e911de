// Limits of the graph as a reader gets it (picture.h).
#pragma once

#include <cstddef>
#include <string>

namespace graph::model {

// Limits of one picture: some 2 MB of JSON, of which a tool's answer is a page. What exceeds them
// is counted.
constexpr std::size_t kGraphNodes = 5000, kGraphEdges = 10000;

// Appends ,"omitted":{"nodes":N,"edges":N} unless both are 0.
void append_omitted(std::string& out, std::size_t nodes, std::size_t edges);

}  // namespace graph::model
