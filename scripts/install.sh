#!/bin/sh
# Installs nianbao with EXTRAs into the virtual environment VENV (absolute, or seen from here); -e: as it stands here.
# Packages come first, each file held against its SHA-256 and none of them built; then nianbao, with nothing fetched.
#   usage: scripts/install.sh VENV [-e] [EXTRA…]
set -eu
cd "$(dirname "$0")/.."
python=$1/bin/python; shift
how=
if [ "${1:-}" = -e ]; then how=-e; shift; fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
checked="--quiet --require-hashes --only-binary :all: --no-deps"

# uv fetches side by side and needs a fifth of pip's processor time. It knows nothing of pip's settings but the index
# given here; where it cannot fetch, pip does.
fetch_by_uv() {
    "$python" -m scripts.lock --maker >"$work/uv.txt"
    # shellcheck disable=SC2086 # options are words
    "$python" -m pip install $checked --target "$work/uv" -r "$work/uv.txt" || return 1
    index=${PIP_INDEX_URL:-$("$python" -m pip config get global.index-url 2>/dev/null || true)}
    [ -z "$index" ] || export UV_DEFAULT_INDEX="$index"
    # shellcheck disable=SC2086
    "$work/uv/bin/uv" pip install $checked --no-progress --python "$python" -r "$work/packages.txt"
}

"$python" -m scripts.lock build "$@" >"$work/packages.txt"
# shellcheck disable=SC2086
fetch_by_uv || "$python" -m pip install $checked --no-compile -r "$work/packages.txt"
"$python" -m pip install --quiet --no-index --no-deps --no-build-isolation $how .
"$python" -m pip check
# Compiled on all cores, which pip does on one; but neither large tools of which little is used, nor tests of packages,
# some of them for other Pythons.
"$python" -m compileall -q -j 0 -x '[/](tests?|moto|mypyc?|pip|setuptools)[/]' "$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')" ||
    echo "some modules of the packages were not compiled; Python compiles them when they are first imported"
