#!/bin/sh
# Performs the Containerfile's steps in a folder, where no container engine is at hand (as root; needs debootstrap), then
# each COMMAND as the image's user in its environment. A folder that holds a root already is built upon.
#   usage: scripts/try-containerfile.sh ROOT [COMMAND…]
# TRY_FILES: files of this machine that are put at the same place in the root (the certificate of a proxy); TRY_ENV:
# NAME=VALUE words that each step gets. Neither is part of the image.
set -eu
[ "$(id -u)" = 0 ] && [ $# -ge 1 ] || { sed -n '2,6s/^# //p' "$0" >&2; exit 2; }
root=$1; shift
cd "$(dirname "$0")/.."
user=root environment='PATH=/usr/sbin:/usr/bin:/sbin:/bin'

inside() { # inside USER COMMAND: in the root, with its own processes; nothing stays mounted
    # shellcheck disable=SC2016,SC2086
    unshare --mount --pid --fork sh -euc '
        root=$1 user=$2 command=$3; shift 3
        mount -t proc proc "$root/proc"
        mount --rbind /dev "$root/dev"
        mount -t tmpfs tmpfs "$root/tmp"
        home=$(chroot "$root" sh -c "getent passwd $user" | cut -d: -f6)
        exec chroot --userspec="$user" --groups= "$root" env -i HOME="$home" "$@" sh -euc "cd; $command"
    ' sh "$root" "$1" "$2" $environment ${TRY_ENV:-}
}

copied() { # copied SOURCE… DESTINATION
    for last; do :; done
    case $last in */) mkdir -p "$root$last" ;; *) mkdir -p "$root$(dirname "$last")" ;; esac
    while [ $# -gt 1 ]; do
        if [ -d "$1" ]; then mkdir -p "$root$last" && cp -r "$1/." "$root$last"; else cp "$1" "$root$last"; fi
        shift
    done
}

from() { # from debian:SUITE-slim
    if [ ! -e "$root/bin/sh" ]; then
        suite=${1#debian:}
        debootstrap --variant=minbase "${suite%-slim}" "$root" >&2
    fi
    cp /etc/resolv.conf "$root/etc/resolv.conf"
    for file in ${TRY_FILES:-}; do mkdir -p "$root$(dirname "$file")" && cp "$file" "$root$file"; done
}

# Each instruction on one line, without comments.
steps=$(sed '/^[[:space:]]*#/d' Containerfile | sed -e ':a' -e '/\\$/N; s/\\\n//; ta' | sed '/^[[:space:]]*$/d')
while IFS= read -r step <&3; do
    printf '%s\n' "--- $step" >&2
    word=${step%% *} rest=${step#* }
    # shellcheck disable=SC2086
    case $word in
        FROM) from $rest ;;
        RUN) inside "$user" "$rest" </dev/null ;;
        COPY) copied $rest ;;
        ENV) environment="$environment $rest" ;;
        USER) user=$rest ;;
        VOLUME | STOPSIGNAL | ENTRYPOINT | CMD) ;; # an engine's; the commands below stand for them
        *) echo "no step of this kind is known: $word" >&2; exit 2 ;;
    esac
done 3<<END
$steps
END
for command; do
    printf '%s\n' "--- as $user: $command" >&2
    inside "$user" "$command"
done
