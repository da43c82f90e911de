#include "redact/object.h"

#include <limits>

#include "redact/key_words.h"
#include "redact/object_writer.h"
#include "redact/values.h"

namespace redact {

void Object::write(base::json::Value value, std::string& out, bool is_secret) const {
  ObjectWriter writer(mask_, text_, out);
  writer.begin(value, is_secret);
  writer.step(std::numeric_limits<std::size_t>::max());
}

bool Object::clean_member(std::string_view name, std::string_view text, std::string& out) const {
  if (!is_secret(holds(name), text, Place::quoted)) return clean_string(text, out);
  out = mask_.of(text);
  return true;
}

bool Object::clean_string(std::string_view text, std::string& out) const {
  return ObjectWriter::clean_string(mask_, text_, text, 0, out);
}

}  // namespace redact
