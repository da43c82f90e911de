// CacheFile: the index as it was received, in one file of the cache directory, so that it is there
// after a restart and while the catalog cannot be reached.
//
// The file has one line of JSON (URL, entity tag, SHA-256 of the rest) and then the index. It is
// written beside its place, synced and renamed: a reader, another process too, sees one or the
// other. When the server last confirmed it is the file's time of modification, which a 304 renews.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/time.h"

namespace catalog {

constexpr std::string_view kCacheFile = "k0rdent-catalog.cache";
// Limit on the first line: a URL of 2 KiB and an entity tag.
constexpr std::size_t kCacheHeadBytes = 8 * 1024;

struct Kept {
  std::string url, etag, body;
  base::WallTime checked;  // when the server last said that this is the index
};

class CacheFile {
 public:
  // "": there is no directory, nothing is kept and that is no error.
  explicit CacheFile(std::string directory) : directory_(std::move(directory)) {}

  // nullopt: no file. Errc::protocol: a damaged one. Blocks for reading kIndexBytes.
  base::Result<std::optional<Kept>> load() const;
  // Makes the directory, too, if need be. Blocks for writing and syncing as much.
  base::Result<void> save(const Kept& kept) const;
  base::Result<void> confirm(base::WallTime checked) const;

 private:
  std::string path() const;
  std::string directory_;
};

}  // namespace catalog
