#include "mcp/content.h"

#include <utility>

#include "base/encoding.h"

namespace mcp {

using base::json::Writer;

Content Content::of_text(std::string text) {
  Content c;
  c.text = std::move(text);
  return c;
}

Content Content::of_image(std::string bytes, std::string mime_type) {
  Content c;
  c.kind = Kind::image;
  c.bytes = std::move(bytes);
  c.mime_type = std::move(mime_type);
  return c;
}

Content Content::of_audio(std::string bytes, std::string mime_type) {
  Content c = of_image(std::move(bytes), std::move(mime_type));
  c.kind = Kind::audio;
  return c;
}

Content Content::link_to(std::string uri, std::string name, std::string mime_type) {
  Content c;
  c.kind = Kind::link;
  c.uri = std::move(uri);
  c.name = std::move(name);
  c.mime_type = std::move(mime_type);
  return c;
}

Content Content::embed(std::string uri, ResourceContent resource) {
  Content c;
  c.kind = Kind::resource;
  c.uri = std::move(uri);
  c.resource = std::move(resource);
  return c;
}

namespace {

void write_media(Writer& w, std::string_view type, const Content& content) {
  w.field("type", type).field("data", base::base64(content.bytes));
  w.field("mimeType", content.mime_type);
}

void write_link(Writer& w, const Content& content, Version version) {
  if (version < Version::v2025_06_18) {
    w.field("type", "text").field("text", content.name + ": " + content.uri);
    return;
  }
  w.field("type", "resource_link").field("uri", content.uri).field("name", content.name);
  w.field_if("title", content.title).field_if("description", content.description);
  w.field_if("mimeType", content.mime_type);
}

}  // namespace

void write(Writer& w, const Content& content, Version version) {
  w.begin_object();
  switch (content.kind) {
    case Content::Kind::text:
      w.field("type", "text").field("text", content.text);
      break;
    case Content::Kind::image:
      write_media(w, "image", content);
      break;
    case Content::Kind::audio:
      write_media(w, "audio", content);
      break;
    case Content::Kind::link:
      write_link(w, content, version);
      break;
    case Content::Kind::resource:
      w.field("type", "resource").key("resource");
      write(w, content.uri, content.resource, version);
      break;
  }
  write_annotations(w, content.annotations, version);
  w.end_object();
}

void write(Writer& w, std::string_view uri, const ResourceContent& content, Version version) {
  w.begin_object().field("uri", uri).field_if("mimeType", content.mime_type);
  if (content.blob) {
    w.field("blob", base::base64(*content.blob));
  } else {
    w.field("text", content.text);
  }
  if (version >= Version::v2025_06_18 && !content.meta_json.empty()) {
    w.key("_meta").raw(content.meta_json);
  }
  w.end_object();
}

void write_annotations(Writer& w, const Annotations& annotations, Version version) {
  const bool dated = version >= Version::v2025_06_18 && !annotations.last_modified.empty();
  if (annotations.audience.empty() && !annotations.priority && !dated) return;
  w.key("annotations").begin_object();
  if (!annotations.audience.empty()) {
    w.key("audience").begin_array();
    for (const std::string& role : annotations.audience)
      w.string(role);
    w.end_array();
  }
  if (annotations.priority) w.key("priority").number(*annotations.priority);
  if (dated) w.field("lastModified", annotations.last_modified);
  w.end_object();
}

void write_icons(Writer& w, const std::vector<Icon>& icons, Version version) {
  if (version < Version::v2025_11_25 || icons.empty()) return;
  w.key("icons").begin_array();
  for (const Icon& icon : icons) {
    w.begin_object().field("src", icon.src).field_if("mimeType", icon.mime_type);
    if (!icon.sizes.empty()) {
      w.key("sizes").begin_array();
      for (const std::string& size : icon.sizes)
        w.string(size);
      w.end_array();
    }
    w.field_if("theme", icon.theme).end_object();
  }
  w.end_array();
}

}  // namespace mcp
