#include "answer/row_shape.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "answer/age.h"
#include "answer/members.h"
#include "answer/natural_order.h"
#include "answer/path.h"
#include "base/text.h"
#include "base/utf8.h"

namespace answer {

using base::json::Type;
using base::json::Value;
using base::json::Writer;

namespace {

// Most rows of summaries have room in it: each time that a text grows its bytes are copied and wiped.
constexpr std::size_t kUsualRowBytes = 768;
constexpr std::size_t kUsualMemberBytes = 256;

std::string cell_text(Value value) {
  return value.is(Type::string) ? std::string(value.str()) : value.to_json();
}

// A JSON text as a cell: a string without its quotes.
std::string plain(const std::string& json) {
  if (!json.starts_with('"')) return json;
  base::json::Document doc;
  const auto value = doc.parse(json);
  return value ? std::string(value->str()) : json;
}

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return text;
}

// Members of objects that are meant by their name alone. Of others it is more likely a mistake, and
// "status" is a column of most kinds.
constexpr std::string_view kParts[] = {"metadata", "spec", "data"};

// Does `name` mean a path of the object rather than a member of the row? A leading dot makes a path
// of one name, too: ".rules".
bool leads_into_object(std::string_view name) {
  return name.find('.') != name.npos || name.find('[') != name.npos ||
         std::find(std::begin(kParts), std::end(kParts), name) != std::end(kParts);
}

std::string_view cut(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  std::size_t end = 0;
  for (std::size_t next; (next = end + base::utf8_step(text, end).length) <= bytes;)
    end = next;
  return text.substr(0, end);
}

}  // namespace

base::Result<RowShape> RowShape::of(const ListRow& row, const std::vector<std::string>& fields,
                                    std::string_view sort_by, Value definitions) {
  RowShape shape(row);
  shape.take_columns(definitions);
  if (fields.size() > kMostPaths) {
    return base::Error(
        base::Errc::invalid_argument,
        "'fields' may have at most " + std::to_string(kMostPaths) + " members and paths");
  }
  for (const std::string& given : fields) {
    Field field = shape.find_member(given);
    if (field.kind == Field::Kind::none) {
      return base::Error(base::Errc::invalid_argument,
                         "'fields' names no member of a row: " + base::printable(given, 64) +
                             " (members: " + shape.known(false) +
                             "; or a path of the object, e.g. metadata.labels)");
    }
    const bool twice = field.kind == Field::Kind::name ||
                       std::any_of(shape.fields_.begin(), shape.fields_.end(),
                                   [&](const Field& other) { return other.text == field.text; });
    if (!twice) shape.fields_.push_back(std::move(field));
  }
  // Only the name was asked for: that is all that a row has.
  if (!fields.empty() && shape.fields_.empty()) shape.fields_.push_back(shape.find_member("name"));
  if (sort_by.empty()) return shape;
  shape.descending_ = sort_by.front() == '-';
  shape.sort_ = shape.find(shape.descending_ ? sort_by.substr(1) : sort_by);
  if (!shape.sorted()) {
    return base::Error(base::Errc::invalid_argument,
                       "'sortBy' names no column: " + base::printable(sort_by, 64) +
                           " (columns: " + shape.known(true) +
                           "; or a path of the object, e.g. spec.region; '-' "
                           "before it for descending)");
  }
  return shape;
}

bool RowShape::reaches_into(const std::vector<std::string>& fields, std::string_view sort_by) {
  const auto reaches = [](std::string_view field) {
    if (field.starts_with('-')) field.remove_prefix(1);
    if (!leads_into_object(field)) return false;
    if (field.starts_with('.')) field.remove_prefix(1);
    return field != "metadata" && !field.starts_with("metadata.");
  };
  return reaches(sort_by) || std::any_of(fields.begin(), fields.end(), reaches);
}

void RowShape::take_columns(Value definitions) {
  is_table_ = definitions.is(Type::array);
  std::size_t cell = 0;
  for (const Value each : definitions.array()) {
    const std::size_t at = cell++;
    const bool wide = each["priority"].int_or(0) > 0;
    if (wide && row_->served != Columns::served_wide) continue;
    Field field;
    field.kind = each["format"].str() == "name" ? Field::Kind::name : Field::Kind::cell;
    field.text = each["name"].str();
    field.cell = at;
    // A CRD names its columns as it likes; of two equal keys parsers take the last one.
    field.key = field.text;
    while (field.kind == Field::Kind::cell && has_key(field.key))
      field.key.insert(0, "column ");
    served_.push_back(std::move(field));
  }
}

bool RowShape::has_key(std::string_view key) const {
  return key == "name" || key == "namespace" ||
         std::any_of(row_->members.begin(), row_->members.end(),
                     [&](const RowMember& each) { return each.name == key; }) ||
         std::any_of(served_.begin(), served_.end(),
                     [&](const Field& each) { return each.key == key; });
}

const RowShape::Field* RowShape::find_cell(std::string_view name) const {
  const auto at = std::find_if(served_.begin(), served_.end(), [&](const Field& each) {
    return base::iequals(each.text, name) || each.key == name;
  });
  return at == served_.end() ? nullptr : &*at;
}

Value RowShape::object_of(Value given) const {
  return is_table_ ? given["object"] : given;
}

RowShape::Field RowShape::find_member(std::string_view name) const {
  Field out;
  out.text = out.key = name;
  if (name == "name") {
    out.kind = Field::Kind::name;
  } else if (name == "namespace" && row_->kind.namespaced) {
    out.kind = Field::Kind::ns;
  } else {
    for (const RowMember& each : row_->members) {
      if (each.name != name) continue;
      out.kind = Field::Kind::member;
      out.member = &each;
      return out;
    }
    // ConfigMaps have a column "Data", which counts what `data` holds.
    const Field* cell = find_cell(name);
    if (cell && (cell->text == name || !leads_into_object(name))) return *cell;
    return find_path(name);
  }
  return out;
}

// "templateRef.name" is no path of the object but of the row's member; "phase.x" is neither.
RowShape::Field RowShape::find_path(std::string_view name) const {
  Field out;
  out.text = out.key = name;
  const std::string_view path = name.starts_with('.') ? name.substr(1) : name;
  if (!leads_into_object(name) || !is_path(path)) return out;
  const std::string_view first = path.substr(0, path.find_first_of(".["));
  for (const RowMember& each : row_->members) {
    if (name.starts_with('.') || path.size() == first.size() || each.name != first) continue;
    const bool has_parts = each.type == MemberType::object || each.type == MemberType::list;
    if (has_parts) {
      out.member = &each;
    } else if (first != "status") {  // which objects have, too, with more in it
      return out;
    }
  }
  out.kind = Field::Kind::path;
  out.text = path;
  out.key = path == "name" ? ".name" : path;
  return out;
}

std::string RowShape::json_at(const Field& field, Value object, base::WallTime now) const {
  const std::string path = "." + field.text;
  if (const Value found = value_at(object, path)) return found.to_json();
  if (!field.member) return {};
  base::json::Document doc;
  std::string row;
  const std::string json = member_json(*field.member, object, now);
  if (!json.empty()) Writer(row).begin_object().key(field.member->name).raw(json).end_object();
  const auto parsed = doc.parse(row);
  return parsed ? value_at(*parsed, path).to_json() : std::string();
}

RowShape::Field RowShape::find(std::string_view name) const {
  if (row_->hidden && base::iequals(row_->hidden->header, name))
    return {Field::Kind::column, std::string(name), {}, nullptr, row_->hidden};
  for (const RowColumn& each : row_->columns) {
    if (base::iequals(each.header, name))
      return {Field::Kind::column, std::string(name), {}, nullptr, &each};
  }
  if (base::iequals(name, "age"))
    return {Field::Kind::age, std::string(name), {}, nullptr, nullptr};
  if (base::iequals(name, "name") || base::iequals(name, "namespace"))
    return find_member(base::to_lower(name));
  return find_member(name);
}

std::string RowShape::known(bool columns) const {
  std::string out = columns ? "NAME" : "name";
  if (row_->kind.namespaced) out.append(", ").append(columns ? "NAMESPACE" : "namespace");
  if (columns) {
    for (const RowColumn& each : row_->columns)
      out.append(", ").append(each.header);
    if (!is_table_) out += ", AGE";
  }
  for (const Field& each : served_) {
    if (each.kind == Field::Kind::cell)
      out.append(", ").append(columns ? upper(each.text) : each.key);
  }
  if (columns) return out;
  for (const RowMember& each : row_->members)
    out.append(", ").append(each.name);
  return out;
}

std::vector<std::string> RowShape::headers() const {
  std::vector<std::string> out;
  const bool named = row_->has_name || !fields_.empty();
  if (has_namespace()) out.emplace_back("NAMESPACE");
  if (named && (!fields_.empty() || !is_table_)) out.emplace_back("NAME");
  for (const Field& each : fields_) {
    if (each.kind == Field::Kind::name || each.kind == Field::Kind::ns) continue;
    out.push_back(upper(each.text));
  }
  if (!fields_.empty()) return out;
  for (const Field& each : served_)
    out.push_back(upper(each.text));
  for (const RowColumn& column : row_->columns)
    out.emplace_back(column.header);
  if (row_->has_age && !is_table_) out.emplace_back("AGE");
  return out;
}

std::string RowShape::key_of(Value object) const {
  const Value metadata = object_of(object)["metadata"];
  const std::string_view ns = metadata["namespace"].str();
  std::string out(ns);
  if (!ns.empty()) out += '/';
  out.append(metadata["name"].str());
  if (!row_->also_key.empty())
    out.append("/").append(value_at(object_of(object), row_->also_key).str());
  return out;
}

std::string RowShape::json_of(const Field& field, Value given, base::WallTime now) const {
  const Value object = object_of(given), metadata = object["metadata"];
  switch (field.kind) {
    case Field::Kind::none:
    case Field::Kind::age:
      return {};
    case Field::Kind::name:
      return metadata["name"].to_json();
    case Field::Kind::ns:
      return metadata["namespace"].to_json();
    case Field::Kind::member:
      return member_json(*field.member, object, now);
    case Field::Kind::column: {
      std::string out;
      base::json::append_string(out, field.column->cell
                                         ? field.column->cell(object, now)
                                         : cell_text(value_at(object, field.column->path)));
      return out;
    }
    case Field::Kind::cell: {
      const Value cell = given["cells"].at(field.cell);
      return cell.is(Type::null) ? std::string() : cell.to_json();
    }
    case Field::Kind::path:
      return json_at(field, object, now);
  }
  return {};
}

std::string RowShape::row_json(Value given, base::WallTime now) const {
  std::string out;
  const Value object = object_of(given);
  if (fields_.empty() && row_->whole) return row_->whole(object);
  out.reserve(kUsualRowBytes);
  Writer w(out);
  w.begin_object().field("name", object["metadata"]["name"].str());
  // Names alone are ambiguous. An identity of a provider may be in no namespace.
  if (row_->kind.namespaced) w.field_if("namespace", object["metadata"]["namespace"].str());
  for (const Field& each : fields_) {
    if (each.kind == Field::Kind::name || each.kind == Field::Kind::ns || out.size() > kRowBytes)
      continue;
    if (const std::string value = json_of(each, given, now); !value.empty())
      w.key(each.key).raw(value);
  }
  if (fields_.empty()) {
    std::string json;
    json.reserve(kUsualMemberBytes);
    for (const RowMember& member : row_->members) {
      member_json(member, object, now, json);
      if (!json.empty()) w.key(member.name).raw(json);
    }
    for (const Field& each : served_) {
      if (each.kind == Field::Kind::name) continue;
      if (const std::string value = json_of(each, given, now); !value.empty())
        w.key(each.key).raw(value);
    }
  }
  w.end_object();
  return out;
}

std::vector<std::string> RowShape::cells(Value given, base::WallTime now) const {
  std::vector<std::string> out;
  out.reserve(3 + fields_.size() + served_.size() + row_->columns.size());
  const Value object = object_of(given);
  const Value metadata = object["metadata"];
  const bool named = row_->has_name || !fields_.empty();
  if (has_namespace()) out.emplace_back(metadata["namespace"].str());
  if (named && (!fields_.empty() || !is_table_)) out.emplace_back(metadata["name"].str());
  std::size_t bytes = 0;
  for (const Field& each : fields_) {
    if (each.kind == Field::Kind::name || each.kind == Field::Kind::ns) continue;
    out.push_back(bytes > kRowBytes ? std::string() : plain(json_of(each, given, now)));
    bytes += out.back().size();
  }
  if (!fields_.empty()) return out;
  for (const Field& each : served_)
    out.push_back(plain(json_of(each, given, now)));
  for (const RowColumn& column : row_->columns) {
    out.push_back(column.cell ? column.cell(object, now)
                              : cell_text(value_at(object, column.path)));
  }
  if (row_->has_age && !is_table_) out.push_back(age_of(metadata["creationTimestamp"].str(), now));
  return out;
}

std::string RowShape::sort_value(Value object, base::WallTime now) const {
  if (sort_.kind == Field::Kind::age)
    return std::string(object_of(object)["metadata"]["creationTimestamp"].str());
  if (sort_.column && sort_.column->time) return sort_.column->time(object_of(object));
  return std::string(cut(plain(json_of(sort_, object, now)), kSortBytes));
}

Row RowShape::place_of(Value object, base::WallTime now) const {
  return {key_of(object), sorted() ? sort_value(object, now) : std::string(), {}, {}};
}

Row RowShape::make(Value object, base::WallTime now) const {
  Row row = place_of(object, now);
  row.json = row_json(object, now);
  row.cells = cells(object, now);
  return row;
}

bool RowShape::before(const Row& a, const Row& b) const {
  if (a.sort.empty() != b.sort.empty()) return b.sort.empty();
  // The youngest object has the greatest time.
  const bool is_time = sort_.kind == Field::Kind::age || (sort_.column && sort_.column->time);
  const bool greater_first = descending_ != is_time;
  if (const int order = natural_order(a.sort, b.sort); order != 0)
    return greater_first ? order > 0 : order < 0;
  return a.key < b.key;
}

}  // namespace answer
