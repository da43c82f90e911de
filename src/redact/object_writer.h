// ObjectWriter: writes a JSON value as object.h says, all at once or in steps: what is large is
// written in turns of the loop.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "redact/mask.h"
#include "redact/structure.h"
#include "redact/text.h"

namespace redact {

class ObjectWriter {
 public:
  // `depth`: how many strings of JSON the value was in. All must outlive this.
  ObjectWriter(const Mask& mask, const Text& texts, std::string& out, int depth = 0);
  // Writes nothing yet. `is_secret`: it is a Secret, which an item of a list does not say. Requires:
  // the value stays until it is written.
  void begin(base::json::Value value, bool is_secret = false);
  // Appends what takes about `most` of work (work.h). True: the value is written.
  bool step(std::size_t most);

  // A text that is JSON as JSON, any other as Text does. False: it has no secret.
  static bool clean_string(const Mask& mask, const Text& texts, std::string_view text, int depth,
                           std::string& out);

 private:
  // A list or a map of which a part is written.
  struct Frame {
    enum class Is : unsigned char { list, map, secret_data } is = Is::list;
    bool secret = false;       // it is said to be a Secret, or a list of them
    bool secret_data = false;  // it is a Secret: so are the values of its data
    bool secret_list = false, private_key = false, base64 = false, many = false;
    Holds flag = Holds::nothing;  // of "--password" for the argument after it
    base::json::Array::iterator item, items_end;
    base::json::Object::iterator member, members_end;
    Around around;
    Facts facts;
    std::string_view before;  // the key of the member before
  };

  void write(base::json::Value value, const Around& around, bool is_secret);
  void open_list(base::json::Value list, const Around& around, bool is_secret);
  void open_map(base::json::Value map, const Around& around, bool is_secret);
  void open_secret_data(base::json::Value data, bool base64);
  // Writes the next item or member of the innermost; its end, if there is none.
  void next();
  void next_item(base::json::Value item);
  void next_member(const base::json::Member& member);
  void next_secret(const base::json::Member& member, bool base64);
  void write_as_is(base::json::Value value) { w_.raw(value.to_json()); }
  void write_number(base::json::Value number, const Around& around);
  void write_key(std::string_view key);
  void write_string(std::string_view text, Holds holds);

  const Mask& mask_;
  const Text& texts_;
  base::json::Writer w_;
  const int depth_;
  std::vector<Frame> frames_;
};

}  // namespace redact
