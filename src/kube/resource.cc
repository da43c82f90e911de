#include "kube/resource.h"

#include <cstdint>

#include "base/encoding.h"
#include "base/text.h"

namespace kube {
namespace {

// The API server's rule for path segments; stricter rules for names are up to the caller.
base::Result<void> append_segment(std::string& path, std::string_view what, std::string_view text) {
  if (text.empty() || text == "." || text == ".." || text.find_first_of("/%") != text.npos) {
    return base::Error(
        base::Errc::invalid_argument,
        std::string(what) + " \"" + base::printable(text, 80) +
            "\" is not valid in a path: it must not be empty, '.' or '..', nor contain '/' "
            "or '%'");
  }
  path += '/';
  path += base::percent_encode(text);
  return {};
}

}  // namespace

const Resource kNamespaces{"", "v1", "namespaces", false};
const Resource kPods{"", "v1", "pods", true};
const Resource kEventsV1{"events.k8s.io", "v1", "events", true};
const Resource kCoreEvents{"", "v1", "events", true};

base::Result<std::string> Resource::path(std::string_view ns, std::string_view name,
                                         std::string_view subresource) const {
  const auto refuse = [this](std::string_view why) {
    return base::Error(base::Errc::invalid_argument, text() + ": " + std::string(why));
  };
  if (!namespaced && !ns.empty()) return refuse("is cluster-scoped, a namespace was given");
  if (namespaced && ns.empty() && !name.empty()) return refuse("a name needs its namespace");
  if (name.empty() && !subresource.empty()) return refuse("a subresource needs a name");

  std::string path = group.empty() ? "/api" : "/apis";
  struct Segment {
    std::string_view what, text;
    bool wanted;
  };
  const Segment segments[] = {{"group", group, !group.empty()},
                              {"version", version, true},
                              {"", "namespaces", !ns.empty()},
                              {"namespace", ns, !ns.empty()},
                              {"resource", plural, true},
                              {"name", name, !name.empty()},
                              {"subresource", subresource, !subresource.empty()}};
  for (const Segment& s : segments) {
    if (!s.wanted) continue;
    if (auto ok = append_segment(path, s.what, s.text); !ok) return std::move(ok).error();
  }
  return path;
}

std::string Resource::text() const {
  return plural + (group.empty() ? "" : "." + group) + "/" + version;
}

Query& Query::add(std::string_view name, std::string_view value) {
  if (!text_.empty()) text_ += '&';
  text_ += base::percent_encode(name);
  text_ += '=';
  text_ += base::percent_encode(value);
  return *this;
}

}  // namespace kube
