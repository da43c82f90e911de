// Content: the blocks of a tool's result and of a prompt's messages, and what describes them: icons
// and annotations. Written as the client's revision defines them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "mcp/version.h"

namespace mcp {

struct Icon {
  std::string src;  // https: or data: URI
  std::string mime_type;
  std::vector<std::string> sizes;  // "48x48", "any"
  std::string theme;               // "light", "dark"; "": both
};

// Hints to the client; empty ones are not sent.
struct Annotations {
  std::vector<std::string> audience;  // "user", "assistant"
  std::optional<double> priority;     // 0 (least) to 1
  std::string last_modified;          // RFC 3339; since 2025-06-18
  bool empty() const { return audience.empty() && !priority && last_modified.empty(); }
};

// The contents of a resource: text or bytes.
struct ResourceContent {
  std::string mime_type;
  std::string text;
  std::optional<std::string> blob = {};  // bytes, sent as base64 instead of the text
  std::string meta_json = {};            // _meta, an object; since 2025-06-18
};

// One content block.
struct Content {
  enum class Kind : unsigned char { text, image, audio, link, resource };
  Kind kind = Kind::text;
  std::string text;                      // of text
  std::string bytes;                     // of image and audio; sent as base64
  std::string mime_type;                 // of image, audio, link
  std::string uri;                       // of link and resource
  std::string name, title, description;  // of link
  ResourceContent resource;
  Annotations annotations;

  static Content of_text(std::string text);
  static Content of_image(std::string bytes, std::string mime_type);
  static Content of_audio(std::string bytes, std::string mime_type);
  // A resource that the client may read: since 2025-06-18; older revisions get a text that names
  // it.
  static Content link_to(std::string uri, std::string name, std::string mime_type = {});
  static Content embed(std::string uri, ResourceContent resource);
};

// The first two write one JSON object each. The last two write a member of the object that is being
// written, unless the value is empty or the revision has no such member.
void write(base::json::Writer& w, const Content& content, Version version);
void write(base::json::Writer& w, std::string_view uri, const ResourceContent& content,
           Version version);
void write_annotations(base::json::Writer& w, const Annotations& annotations, Version version);
void write_icons(base::json::Writer& w, const std::vector<Icon>& icons, Version version);

}  // namespace mcp
