#include "app/reloading.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "app/setting_flags.h"
#include "base/log.h"
#include "base/text.h"

namespace app {

namespace {

constexpr std::string_view kReloadable[] = {"log-level",
                                            "drain-timeout",
                                            "max-calls-per-caller",
                                            "max-streams-per-caller",  //
                                            "max-watch-bytes",
                                            "max-watches-per-caller",
                                            "max-watch-objects",
                                            "watch-timeout",
                                            "answer-bytes",
                                            "rate",
                                            "read-only",
                                            "no-destructive"};

// The values of one flag, in order; where they come from does not count.
std::vector<std::string_view> values_of(const std::vector<Given>& all, std::string_view flag) {
  std::vector<std::string_view> out;
  for (const Given& each : all)
    if (each.flag == flag) out.push_back(each.value);
  return out;
}

}  // namespace

bool reloadable(std::string_view flag) {
  return std::find(std::begin(kReloadable), std::end(kReloadable), flag) != std::end(kReloadable);
}

Reloading::Reloading(loop::Loop& loop, const Settings& in_use, ReadFn read, AdoptFn adopt)
    : file_(in_use.config_file),
      in_use_(in_use.given),
      read_(read),
      adopt_(adopt),
      texts_(in_use.config_texts),
      timer_(loop, "configuration file", loop::Timer::Fn::bind<&Reloading::on_time>(this)) {
  if (file_.empty()) return;
  timer_.arm(kConfigCheck);
}

void Reloading::on_time() {
  if (changed()) reload();
  timer_.arm(kConfigCheck);
}

bool Reloading::changed() {
  auto texts = read_config(file_);
  if (!texts) {
    texts_.clear();  // so that they count as changed when they are back
    return true;
  }
  if (*texts == texts_) return false;
  texts_ = *std::move(texts);
  return true;
}

void Reloading::reload() {
  if (file_.empty()) return;
  auto fresh = read_();
  if (fresh) {
    problem_.clear();
    return take(*fresh);
  }
  if (fresh.error().what() == problem_) return;
  problem_ = fresh.error().what();
  LOG_WARN("the configuration is unusable; the one before it stays in use", {"error", problem_});
}

void Reloading::take(const Settings& fresh) {
  std::vector<std::string> adopted, later;
  for (const Flag& flag : all_flags()) {
    if (values_of(in_use_, flag.name) == values_of(fresh.given, flag.name)) continue;
    (reloadable(flag.name) ? adopted : later).emplace_back(flag.name);
  }
  if (!adopted.empty()) {
    adopt_(fresh);
    std::erase_if(in_use_, [](const Given& each) { return reloadable(each.flag); });
    std::copy_if(fresh.given.begin(), fresh.given.end(), std::back_inserter(in_use_),
                 [](const Given& each) { return reloadable(each.flag); });
    LOG_INFO("the configuration changed", {"settings", base::join(adopted, ", ")});
  }
  if (!later.empty())
    LOG_WARN("the configuration changed; these settings need a restart",
             {"settings", base::join(later, ", ")});
}

}  // namespace app
