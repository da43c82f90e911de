#include "graph/model/render.h"

namespace graph::model {

void append_omitted(std::string& out, std::size_t nodes, std::size_t edges) {
  if (nodes == 0 && edges == 0) return;
  out.append(",\"omitted\":{\"nodes\":").append(std::to_string(nodes));
  out.append(",\"edges\":").append(std::to_string(edges)).append("}");
}

}  // namespace graph::model
