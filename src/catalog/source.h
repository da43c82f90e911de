// Source: where the index is read: an https:// URL, or a file of an air-gapped site.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace catalog {

struct Source {
  std::string name;  // for texts: the URL without its query, or the path
  std::string path;  // of the index file; "": a URL
  // The parts of a URL; unused for a file.
  std::string url;  // whole
  bool tls = true;
  std::string host;  // without brackets
  int port = 443;
  std::string target;  // path and query
  bool is_file() const { return !path.empty(); }
};

// "https://…", an absolute path or a file:// URL: of a file, or of a directory with index.json;
// http:// only to loopback. Errors: what is required, "must be …".
base::Result<Source> parse_source(std::string_view text);

// Where a redirect's Location leads: a URL, or a path of `from`. Errc::forbidden: not https.
base::Result<Source> redirected(const Source& from, std::string_view location);

}  // namespace catalog
