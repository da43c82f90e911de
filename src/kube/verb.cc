#include "kube/verb.h"

#include <vector>

#include "base/text.h"

namespace kube {

namespace {

// /api/V/… or /apis/G/V/…, then [namespaces/NS/]PLURAL[/NAME…]
bool is_collection(std::string_view path) {
  std::vector<std::string_view> parts = base::split(path, '/');  // the first one is empty
  const std::size_t prefix = parts.size() > 1 && parts[1] == "apis" ? 4 : 3;
  if (parts.size() <= prefix || (parts[1] != "apis" && parts[1] != "api")) return false;
  const std::size_t left = parts.size() - prefix;
  // /namespaces and /namespaces/NS are a collection and an object themselves.
  return left == 1 || (left == 3 && parts[prefix] == "namespaces");
}

bool is_watch(std::string_view query) {
  for (std::string_view part : base::split(query, '&')) {
    if (part == "watch=1" || part == "watch=true") return true;
  }
  return false;
}

}  // namespace

Verb verb_of(std::string_view method, std::string_view path, std::string_view query) {
  if (method == "POST") return Verb::create;
  if (method == "PUT") return Verb::update;
  if (method == "PATCH") return Verb::patch;
  const bool collection = is_collection(path);
  if (method == "DELETE") return collection ? Verb::delete_collection : Verb::del;
  if (!collection) return Verb::get;
  return is_watch(query) ? Verb::watch : Verb::list;
}

std::string_view to_string(Verb verb) {
  switch (verb) {
    case Verb::get:
      return "get";
    case Verb::list:
      return "list";
    case Verb::watch:
      return "watch";
    case Verb::create:
      return "create";
    case Verb::update:
      return "update";
    case Verb::patch:
      return "patch";
    case Verb::del:
      return "delete";
    case Verb::delete_collection:
      break;
  }
  return "deletecollection";
}

}  // namespace kube
