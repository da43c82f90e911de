#!/bin/bash
# What the ELF headers of a built program must say: the kernel loads it at another address each time (PIE), nothing of it is
# writable and executable, neither is its stack, and what relocation wrote is read-only when main() begins (full RELRO: bound at
# once, the table of bound addresses inside the segment). Prints each fault and exits 1 if there is one. usage: hardening.sh PROGRAM...
set -uo pipefail
export LC_ALL=C
[ $# -gt 0 ] || { echo "usage: hardening.sh PROGRAM..." >&2; exit 2; }

faults=0
fault() { echo "$program: $1"; faults=$((faults + 1)); }

for program in "$@"; do
  header=$(readelf -hW "$program") && segments=$(readelf -lW "$program") && dynamic=$(readelf -dW "$program") ||
    { fault "readelf does not read it"; continue; }
  grep -qE '^ *Type: +DYN ' <<<"$header" || fault "it is not position-independent"
  grep -qE '\(FLAGS_1\).* PIE' <<<"$dynamic" || fault "it is a library, not a program"
  grep -qE '\(FLAGS(_1)?\).*NOW' <<<"$dynamic" || fault "addresses are bound late, so their table stays writable (BIND_NOW)"
  grep -qE '^ *GNU_RELRO ' <<<"$segments" || fault "what is relocated stays writable (GNU_RELRO)"
  # Type Offset VirtAddr PhysAddr FileSiz MemSiz Flags…: the flags are between the sizes and the alignment.
  while read -r type _ _ _ _ _ flags; do
    flags=${flags% 0x*}
    case $type/$flags in
      GNU_STACK/*E*) fault "its stack is executable" ;;
      LOAD/*W*E*) fault "a segment is writable and executable" ;;
    esac
  done < <(grep -E '^ *(LOAD|GNU_STACK) ' <<<"$segments")
  grep -qE '^ *GNU_STACK ' <<<"$segments" || fault "nothing says that its stack is not executable (GNU_STACK)"
  grep -q '(TEXTREL)' <<<"$dynamic" && fault "its code is relocated (TEXTREL)"
done
exit $((faults > 0))
