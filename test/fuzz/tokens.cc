// What we hand out and strangers bring back: cursors, sealed state. Nothing but what we made is
// taken, whatever it looks like.
#include <set>

#include "base/encoding.h"
#include "base/seal.h"
#include "conformance/server/catalogue.h"
#include "fuzz/fuzz.h"
#include "mcp/modern/sealed_state.h"
#include "mcp/registry.h"

namespace fuzz {

namespace {

constexpr std::string_view kKey = "0123456789abcdef0123456789abcdef";
constexpr base::WallTime kNow{1'700'000'000'000'000'000};

const mcp::Registry& catalogue() {
  static loop::VirtualClock clock;
  static auto* loop = new loop::Loop(clock);
  static auto* registry = new mcp::Registry(2);
  static everything::World world{*loop, *registry};
  static const bool filled = [] {
    everything::add_plain_tools(world);
    everything::add_resources(world);
    everything::add_prompts(world);
    return true;
  }();
  (void)filled;
  return *registry;
}

std::vector<std::string> names_of(const std::string& page, std::string& next) {
  base::json::Document document;
  const auto root = document.parse(page);
  HOLDS(root.has_value());
  std::vector<std::string> names;
  for (const auto& [key, value] : root->object()) {
    if (key == "nextCursor") continue;
    for (const base::json::Value each : value.array())
      names.push_back(each["name"].to_json() + each["uri"].to_json());
  }
  next = (*root)["nextCursor"].str();
  HOLDS((*root)["nextCursor"].present() == !next.empty());
  return names;
}

// The names from a page on, to the end.
std::vector<std::string> walk(mcp::List list, std::string_view cursor) {
  std::vector<std::string> all;
  std::string at(cursor);
  for (int pages = 0;; ++pages) {
    HOLDS(pages < 100);
    const std::string* page = catalogue().page(list, mcp::Version::v2025_11_25, at);
    HOLDS(page);
    std::string next;
    for (std::string& name : names_of(*page, next))
      all.push_back(std::move(name));
    if (next.empty()) return all;
    at = std::move(next);
  }
}

}  // namespace

// First line: which list (0 to 3). Rest: the cursor; @2@: what the first page gives.
void cursor(std::string_view input) {
  const std::string_view which = take_line(input);
  const auto list =
      static_cast<mcp::List>(which.empty() ? 0 : static_cast<unsigned char>(which[0]) % 4);
  std::string next;
  const std::string first = *catalogue().page(list, mcp::Version::v2025_11_25, {});
  names_of(first, next);
  std::string given(input);
  if (const std::size_t at = given.find("@2@"); at != std::string::npos) given.replace(at, 3, next);
  if (given.empty()) return;
  if (!catalogue().page(list, mcp::Version::v2025_11_25, given)) return;
  // It names the entry that it follows, which may be gone: whatever is taken leads through the rest
  // of the list, each entry once.
  const std::vector<std::string> all = walk(list, {}), rest = walk(list, given);
  HOLDS(rest.size() <= all.size());
  HOLDS(std::equal(rest.rbegin(), rest.rend(), all.rbegin()));
  HOLDS(given != next || rest.size() == all.size() - 2);
}

// First line: the context. Rest: the token; @T@ and @S@: one that is good for it, of a text and of
// a call's state.
void sealed(std::string_view input) {
  const std::string context(take_line(input));
  const base::Seal seal{std::string(kKey)};
  const base::WallTime later{kNow.ns + 60'000'000'000};
  const mcp::modern::RoundState round{"left", {{"name", mcp::Question::Kind::form}}};
  const std::string text = seal.seal("text", context, later);
  const std::string state = mcp::modern::seal_state(seal, round, context, kNow);
  std::string token(input);
  if (const std::size_t at = token.find("@T@"); at != std::string::npos) token.replace(at, 3, text);
  if (const std::size_t at = token.find("@S@"); at != std::string::npos)
    token.replace(at, 3, state);
  const auto opened = seal.open(token, context, kNow);
  HOLDS(opened.has_value() == (token == text || token == state));
  if (opened) {
    HOLDS(!seal.open(token, context + "x", kNow).has_value());
    HOLDS(!seal.open(token, context, base::WallTime{kNow.ns + 3600'000'000'000}).has_value());
  }
  const auto resumed = mcp::modern::open_state(seal, token, context, kNow);
  HOLDS(resumed.has_value() == (token == state));
  if (resumed) HOLDS(resumed->state == round.state && resumed->asked == round.asked);
  if (const auto bytes = base::parse_base64url(token)) HOLDS(base::base64url(*bytes) == token);
  // Another version with the same key may have sealed anything.
  const std::string foreign = seal.seal(input, context, later);
  const auto unsealed = seal.open(foreign, context, kNow);
  HOLDS(unsealed && *unsealed == input);
  if (const auto other = mcp::modern::open_state(seal, foreign, context, kNow)) {
    for (const auto& [key, kind] : other->asked)
      HOLDS(kind <= mcp::Question::Kind::roots);
    const std::string again = mcp::modern::seal_state(seal, *other, context, kNow);
    const auto same = mcp::modern::open_state(seal, again, context, kNow);
    HOLDS(same && same->state == other->state && same->asked == other->asked);
  }
}

}  // namespace fuzz
