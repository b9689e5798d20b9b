#!/bin/sh
# tools.sh OUT URL…: the same with curl, sha256sum and unzip, one file after the other.
set -eu
cd "$1"
shift
for url in "$@"; do
  curl -sfO "$url"
  curl -sfO "$url.CHECKSUM"
  sha256sum -c --quiet "$(basename "$url").CHECKSUM"
  unzip -qq "$(basename "$url")"
done
