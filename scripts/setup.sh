#!/bin/sh
# Makes .venv with nianbao and all its extras but `replay` and `lock`; on Debian installs what is missing: a browser, CJK fonts.
# Where something cannot be installed, one sentence says what to install by hand.   usage: scripts/setup.sh [replay]
set -eu
cd "$(dirname "$0")/.."

say() { printf '%s\n' "$*" >&2; }

# PYTHON, else the system's own: distributions build theirs with profile-guided optimisation, which one built from source
# by default is not (measured on the same files: a quarter more reports read in the same time); else the one on the path.
new_enough() { "$1" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }
python=${PYTHON:-python3}
[ -z "${PYTHON:-}" ] && new_enough /usr/bin/python3 && python=/usr/bin/python3
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || {
    say "nianbao needs Python 3.11 or newer as python3: install it (Debian: apt-get install python3 python3-venv) or call make with PYTHON=/path/to/python3.11."
    exit 2
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then sudo -n "$@"
    else return 1; fi
}

# debian PURPOSE PACKAGE...: installs quietly, or says in one sentence what to do.
debian() {
    purpose=$1; shift
    if command -v apt-get >/dev/null 2>&1 && { as_root apt-get update -qq && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"; } >/dev/null 2>&1; then
        say "installed from Debian: $*"
    else
        say "could not install $* ($purpose): install it by hand, on Debian as root with: apt-get install $*"
    fi
}

make_venv() {
    [ -x "$1/bin/python" ] && return 0
    "$python" -m venv "$1" 2>/dev/null || {
        rm -rf "$1"
        debian "python3 -m venv does not work without it" python3-venv
        "$python" -m venv "$1" || { say "could not make $1: install the venv module of $python and try again."; exit 2; }
    }
}

# ReplayWeb.page (AGPL-3.0-or-later): a test opens our packages in it. nianbao neither contains nor serves it.
viewer=replaywebpage-2.5.3.tgz
viewer_sha256=b7d35c39c4da9b7121c5a393911d8675d4cc6f19513c380191e16b086bea812c
fetch_viewer() (
    cd .venv-replay && rm -rf replaywebpage new && mkdir new \
        && npm pack --silent replaywebpage@2.5.3 && echo "$viewer_sha256  $viewer" | sha256sum --check --quiet \
        && tar -xzf "$viewer" -C new --strip-components 1 package/index.html package/ui.js package/sw.js package/LICENSE \
        && mv new replaywebpage
)

if [ "${1:-}" = replay ]; then
    make_venv .venv-replay
    log=.venv-replay/setup.log
    .venv-replay/bin/python -m pip install --quiet "pywb>=2.8" "wacz>=0.5" >"$log" 2>&1 || { say "could not install pywb and wacz (log: $log)."; exit 2; }
    if ! command -v npm >/dev/null 2>&1; then say "ReplayWeb.page was not fetched, as npm is not installed: the test that opens packages in it is skipped."
    elif ! fetch_viewer >>"$log" 2>&1; then say "could not fetch ReplayWeb.page, or it is not the file that was expected (log: $log)."; exit 2; fi
    say "ready: .venv-replay/bin/wb-manager"
    exit 0
fi

say "setting up .venv (a minute or two the first time) ..."
make_venv .venv
log=.venv/setup.log
if ! sh scripts/install.sh .venv -e ocr imitation browser cluster bench docs exports frames dev >"$log" 2>&1; then
    grep -v '^WARNING: Location' "$log" >&2 || true
    say "Python packages could not be installed: see the lines above (whole log: $log); nothing outside .venv was changed."
    exit 2
fi
command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 || command -v google-chrome >/dev/null 2>&1 \
    || debian "the browser that renders script-made lists and web pages" chromium
[ -n "$(fc-list :lang=zh family 2>/dev/null | head -n 1)" ] || debian "fonts for Chinese text in pictures of pages" fonts-noto-cjk fontconfig
touch .venv/.ready
say "ready: .venv/bin/nianbao"
