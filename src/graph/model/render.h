// The graph as a reader gets it (picture.h): its limits, and the Mermaid flowchart.
#pragma once

#include <string>

#include "graph/model/walk.h"

namespace graph::model {

// Limits of one answer: some 2 MB of JSON, more than any model takes in. What exceeds them is
// counted.
constexpr std::size_t kGraphNodes = 5000, kGraphEdges = 10000;
// Limits of a Mermaid text, beyond which its renderers give up (Mermaid's defaults: maxTextSize is
// 50,000 characters, maxEdges 500).
constexpr std::size_t kMermaidNodes = 400, kMermaidEdges = 500;

// Appends ,"omitted":{"nodes":N,"edges":N} unless both are 0.
void append_omitted(std::string& out, std::size_t nodes, std::size_t edges);

// {"mermaid":"flowchart LR…","notes":[…][,"omitted":…]}: nodes are numbered, labels escaped,
// unresolved edges dashed; missing ends are nodes of their own. Shown nodes come first in the part.
std::string graph_mermaid(const Store& store, const Part& part, const std::string& notes);

}  // namespace graph::model
