// Out of memory: one line that says what was asked for and what is held, then the end; and whoever
// can go on without is told no.
#include "app/out_of_memory.h"

#include <cstddef>
#include <memory>
#include <new>

#include <gtest/gtest.h>

#include "base/sanitized.h"

namespace {

// More than any address space has; the compiler does not know it.
volatile std::size_t huge = std::size_t{1} << 60;

#if K0RDENT_MCP_SANITIZED
#define WITHOUT_SANITIZERS() GTEST_SKIP() << "optional: a sanitizer has its own operator new"
#else
#define WITHOUT_SANITIZERS()
#endif

TEST(OutOfMemoryDeathTest, TheLineSaysWhatWasAskedForAndWhatIsHeld) {
  WITHOUT_SANITIZERS();
  base::Budgets budgets;
  base::Charge bodies(budgets.bodies);
  ASSERT_TRUE(bodies.take(1234));
  app::tell_when_out_of_memory(&budgets, true);
  EXPECT_EXIT(std::make_unique<char[]>(huge), ::testing::ExitedWithCode(app::kOutOfMemoryExit),
              R"(^\{"time":"[-0-9T:.]+Z","level":"ERROR","msg":"out of memory",)"
              R"("asked_bytes":1152921504606846976,"resident_bytes":[1-9][0-9]+,)"
              R"("held_memory":1234,"held_bodies":1234,.*"held_descriptors":0\}.$)");
  app::tell_when_out_of_memory(&budgets, false);
  EXPECT_EXIT(std::make_unique<char[]>(huge), ::testing::ExitedWithCode(app::kOutOfMemoryExit),
              "ERROR out of memory asked_bytes=1152921504606846976 .* held_bodies=1234 ");
  app::tell_when_out_of_memory(nullptr, true);
  EXPECT_EXIT(std::make_unique<char[]>(huge), ::testing::ExitedWithCode(app::kOutOfMemoryExit),
              R"("resident_bytes":[0-9]+\}.$)");
}

// Alignment beyond the usual: not one of the forms that know the size.
TEST(OutOfMemoryDeathTest, AFormThatIsNotOursEndsTheSameWay) {
  WITHOUT_SANITIZERS();
  app::tell_when_out_of_memory(nullptr, true);
  EXPECT_EXIT(::operator delete (::operator new (huge, std::align_val_t{64}), std::align_val_t{64}),
              ::testing::ExitedWithCode(app::kOutOfMemoryExit), R"("asked_bytes":0,)");
}

// Bug: an array that was asked for in this way ended the process, and with it a JSON text that
// was too large for what was left.
TEST(OutOfMemory, WhoeverCanGoOnWithoutIsToldNo) {
  WITHOUT_SANITIZERS();
  app::tell_when_out_of_memory(nullptr, true);
  EXPECT_EQ(std::unique_ptr<char[]>(new (std::nothrow) char[huge]), nullptr);
  EXPECT_EQ(::operator new(huge, std::nothrow), nullptr);
}

}  // namespace
