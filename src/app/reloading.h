// Reloading: reads the configuration again while the server runs: at SIGHUP, and within
// kConfigCheck of a change of the configuration file or its drop-ins (by content: a mounted ConfigMap
// swaps a symbolic link above it). Flags and variables stay what they were.
//
// The new configuration counts as a whole or not at all: with one mistake in it the one in use
// stays, and a WARN says what is wrong. Else what can change while serving (reloadable()) is adopted in
// one call, and a WARN names what else has changed and takes a restart.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/config_file.h"
#include "app/settings.h"
#include "base/delegate.h"
#include "loop/loop.h"

namespace app {

// As fast as the policy file is (acting.h).
constexpr base::Duration kConfigCheck = base::seconds(10);

// The flags that take effect without a restart: the log level, and what App::adopt() applies.
bool reloadable(std::string_view flag);

class Reloading {
 public:
  using ReadFn = base::Delegate<base::Result<Settings>()>;
  using AdoptFn = base::Delegate<void(const Settings&)>;
  // `read`: parses everything anew. `adopt`: takes the reloadable settings. `loop` must outlive this.
  Reloading(loop::Loop& loop, const Settings& in_use, ReadFn read, AdoptFn adopt);
  // SIGHUP.
  void reload();

 private:
  void on_time();
  // True: the files' texts differ from those that were read last, or they cannot be read.
  bool changed();
  void take(const Settings& fresh);

  std::string file_;
  std::vector<Given> in_use_;
  ReadFn read_;
  AdoptFn adopt_;
  std::vector<ConfigText> texts_;  // as read last
  std::string problem_;            // why the last reading failed
  loop::Timer timer_;
};

}  // namespace app
