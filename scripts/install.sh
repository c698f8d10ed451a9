#!/bin/sh
# Installs nianbao with EXTRAs into the virtual environment VENV (absolute, or seen from here); -e: as it stands here.
# Packages come first, each file held against its SHA-256 and none of them built; then nianbao, with nothing fetched.
#   usage: scripts/install.sh VENV [-e] [EXTRA…]
set -eu
cd "$(dirname "$0")/.."
python=$1/bin/python; shift
how=
if [ "${1:-}" = -e ]; then how=-e; shift; fi
list=$(mktemp)
trap 'rm -f "$list"' EXIT
"$python" -m scripts.lock build "$@" >"$list"
"$python" -m pip install --quiet --require-hashes --only-binary :all: --no-deps -r "$list"
"$python" -m pip install --quiet --no-index --no-deps --no-build-isolation $how .
"$python" -m pip check
