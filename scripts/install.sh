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
"$python" -m pip install --quiet --no-compile --require-hashes --only-binary :all: --no-deps -r "$list"
"$python" -m pip install --quiet --no-index --no-deps --no-build-isolation $how .
"$python" -m pip check
# Compiled on all cores, which pip does on one; the tests that packages bring, some of them for other Pythons, are not.
"$python" -m compileall -q -j 0 -x '[/]tests?[/]' "$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')" ||
    echo "some modules of the packages were not compiled; Python compiles them when they are first imported"
