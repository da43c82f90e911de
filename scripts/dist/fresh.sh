#!/bin/bash
# Fails when the distribution has a newer package of a part that a static program of this machine is linked with: a release would hand
# out what the distribution has mended. usage: fresh.sh        (`apt-get update` first)
set -euo pipefail
stale=0
for package in libssl-dev libc-ares-dev libyaml-dev libc6-dev libsimdjson-dev node-llhttp node-undici; do
  policy=$(LC_ALL=C apt-cache policy "$package" 2>/dev/null)
  installed=$(sed -n 's/^  Installed: //p' <<<"$policy") candidate=$(sed -n 's/^  Candidate: //p' <<<"$policy")
  case $installed in '' | '(none)' | "$candidate") continue ;; esac
  echo "fresh.sh: $package $installed is installed, $candidate is there" >&2
  stale=1
done
[ $stale = 0 ] || { echo "fresh.sh: install them, build anew, then release" >&2; exit 1; }
