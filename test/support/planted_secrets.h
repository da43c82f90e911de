// Secrets of every shape that the server must keep inside, as clusters write them: for tests that
// plant them and look for them.
#pragma once

#include <string>
#include <vector>

namespace test {

struct PlantedSecret {
  std::string name;
  std::string text;    // as a cluster writes it, with what is around it
  std::string secret;  // what must not be seen
};

const std::vector<PlantedSecret>& planted_secrets();

}  // namespace test
