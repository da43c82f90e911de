// Index: the add-ons of a k0rdent catalog, as catalog.k0rdent.io/latest/index.json lists them: which
// charts in which versions there are to make ServiceTemplates of.
//
// The text comes from a server that we do not trust. What is kept is bounded and checked: versions
// that are none (semver.h), and names and repositories that could not stand in an object, are left
// out with their chart, an
// add-on without a usable chart is left out, and `skipped` counts both. Texts lose their control
// characters and are cut at kTextBytes.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"

namespace catalog {

// The public index has 113 kB, 111 add-ons and 263 versions (v1.10.0). Parsing a MiB takes a few
// milliseconds, in one turn of the loop.
constexpr std::size_t kIndexBytes = std::size_t{1024} * 1024;
// What one index may hold: they bound its memory, whatever the text is made of.
constexpr std::size_t kAddons = 2000, kVersions = 20000, kTagsEach = 32;
constexpr std::size_t kNameBytes = 128;  // of a name, a tag or a version
constexpr std::size_t kTextBytes = 1024, kRepositoryBytes = 512;

// Where the charts are when an index (before v1.0.0) does not say.
constexpr std::string_view kUsualRepository = "oci://ghcr.io/k0rdent/catalog/charts";

struct Version {
  std::string version;      // the chart's, as published: a leading "v" is part of the tag
  std::string app_version;  // "": the same, or not known
};

struct Chart {
  std::string name;               // often not the add-on's
  std::string repository;         // oci:// or https://
  std::vector<Version> versions;  // newest first (base/semver.h); at least one
};

struct Addon {
  std::string name;              // [a-z0-9-]+
  std::string summary, support;  // support: "community", "enterprise", "partner"; "": not known
  std::vector<std::string> tags;
  std::vector<Chart> charts;  // in the order in which they are to be installed; at least one
  bool deprecated = false;
};

struct Index {
  std::string version;                      // of the catalog: "1.10.0"
  std::optional<base::WallTime> generated;  // nullopt: it does not say
  std::vector<Addon> addons;                // by name; names differ
  std::size_t skipped = 0;                  // add-ons and charts
};

// Errc::protocol: no index, or one without a single usable add-on; too_large: beyond a limit above.
base::Result<Index> read_index(std::string_view text);

// nullptr: there is none.
const Addon* find_addon(const Index& index, std::string_view name);

}  // namespace catalog
