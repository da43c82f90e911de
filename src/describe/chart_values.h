// ChartValues: what a chart takes, flat: each value with its path, type, default and meaning, from
// the chart's JSON Schema where it has one, else inferred from its default values.
//
// A leaf is a value that is no map, or an empty map, or a map whose members are not named. Schemas
// are read as Helm's are written: properties, items, required, enum, default, description; $ref
// only within the same document ("#/…").
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace describe {

// Deeper values are shown as one map: no template of k0rdent's nests more.
constexpr int kValueDepth = 8;
// More of one chart are not collected; the largest (kube-prometheus-stack) has some 2,500.
constexpr std::size_t kChartValues = 5000;

struct ChartValue {
  std::string path;  // "controlPlane.instanceType"; dots within a name as in answer/path.h
  std::string_view type;
  std::string default_json;  // "": none
  std::string_view description;
  base::json::Value choices;  // enum
  bool required = false;
};

// Either may be absent. The required ones first, otherwise in the schema's order, then the
// defaults'. Views into both documents.
std::vector<ChartValue> chart_values(base::json::Value schema, base::json::Value defaults);

// A JSON Schema of default values: their types, and each leaf's default. nullopt: it has more than
// `max_bytes`.
std::optional<std::string> schema_of(base::json::Value defaults, std::size_t max_bytes);

// A map with every required value: its default, or "<type>" where that is absent or empty. Where none
// is required: the first ones that have a default.
std::string example_of(const std::vector<ChartValue>& values);

}  // namespace describe
