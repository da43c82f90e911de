// What only the start needed is given back, and the program goes on.
#include <cstddef>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "app/trim.h"
#include "net/tls.h"

namespace app {
namespace {

// Resident file-backed memory, in kB.
std::size_t file_resident() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    std::size_t kb = 0;
    if (word == "RssFile:" && status >> kb) return kb;
  }
  return 0;
}

TEST(TrimTest, ReadOnlyPagesLeaveTheResidentSetAndComeBackWhenUsed) {
  const auto digest = net::sha256("used before");
  const std::size_t before = file_resident();
  give_back_startup_memory();
  EXPECT_LT(file_resident(), before);
  EXPECT_EQ(net::sha256("used before"), digest);
}

}  // namespace
}  // namespace app
