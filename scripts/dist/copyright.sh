#!/bin/bash
# Prints the .deb's copyright file: ours, and the words of the library that is compiled into PROGRAM, where Debian has no shared one (llhttp).
# The others stay packages of their own. usage: copyright.sh PROGRAM < parts      (lines of parts.sh)
set -euo pipefail
cat "$(dirname "$0")/copyright"
case $(readelf -d "$1") in *"[libllhttp."*) exit ;; esac
package=$(awk -F'\t' '$1 == "llhttp" { print $4 }')
file=/usr/share/doc/$package/copyright
# DEP 5: paragraphs; that of the files names the licence, whose text has one of its own.
awk -v RS= '
  /^Files:/ && /(^Files:|\n) llhttp\/\*/ { print "\n" $0; match($0, /License: [^\n]*/); licence = substr($0, RSTART, RLENGTH) }
  licence != "" && index($0, licence "\n") == 1 { print "\n" $0; found = 1; exit }
  END { exit !found }' "$file" || { echo "copyright.sh: llhttp's licence is not found in $file" >&2; exit 1; }
