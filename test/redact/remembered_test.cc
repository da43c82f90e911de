#include "redact/remembered.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

#include "redact/key_words.h"

namespace redact {
namespace {

struct Counted {
  std::uint8_t ask(const std::string& name, std::uint8_t value = 7) {
    return memory.of(name, [&](std::string_view given) {
      EXPECT_EQ(given, name);
      ++asked;
      return value;
    });
  }
  Remembered memory;
  int asked = 0;
};

TEST(Remembered, AsksOnceForANameThatComesBack) {
  Counted counted;
  for (const std::string name : {"", "a", "password", "credentialRef", "a-name-of-22-characters"}) {
    counted.asked = 0;
    EXPECT_EQ(counted.ask(name), 7);
    EXPECT_EQ(counted.ask(name, 8), 7);
    EXPECT_EQ(counted.asked, 1) << name;
  }
}

TEST(Remembered, NothingIsAnAnswerToo) {
  Counted counted;
  EXPECT_EQ(counted.ask("x", 0), 0);
  EXPECT_EQ(counted.ask("x", 1), 0);
}

// Each name has its own answer, however much it resembles another: in its last character, in its
// length, in what a word of eight characters does not hold.
TEST(Remembered, NamesThatResembleEachOtherAreNotTakenForOneAnother) {
  Remembered memory;
  std::set<std::string> names;
  for (const std::string base : {"password", "passwordpassword", "secret.key/of_it"}) {
    for (std::size_t i = 0; i < base.size(); ++i) {
      for (const char c : {'a', 'A', '\x01', '\x80', '\0'}) {
        std::string name = base;
        name[i] = c;
        names.insert(name);
        names.insert(name + '\0');
        names.insert(name.substr(0, i));
      }
    }
  }
  for (int round = 0; round < 2; ++round) {
    for (const std::string& name : names) {
      const auto value = static_cast<std::uint8_t>(std::hash<std::string>()(name) % 200);
      EXPECT_EQ(memory.of(name, [&](std::string_view) { return value; }), value) << name;
    }
  }
}

// More names than there is room for: each is read again, and none gets another's answer.
TEST(Remembered, ManyNamesDriveEachOtherOut) {
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 2000; ++i) {
      const std::string number = std::to_string(i);
      EXPECT_EQ(holds("dbPassword" + number), Holds::password);
      EXPECT_EQ(holds("tokenRef." + number + ".name"), Holds::nothing);
      EXPECT_EQ(holds_within("x" + number + ".passwords"), Holds::password);
      EXPECT_TRUE(holds_many("name" + number + "s"));
    }
  }
}

}  // namespace
}  // namespace redact
