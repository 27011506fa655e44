#!/bin/sh
# plainsight-shim 1 @CHECK@
# Written by `plainsight hook install`; `plainsight hook uninstall` takes it away. Put nothing of yours in here: the hook that
# was here before lies beside this file as *.before-plainsight, and is called when plainsight has passed.
hook='@HOOK@'
recorded='@PROGRAM@'
scope='@SCOPE@'

say() { printf 'plainsight: %s\n' "$1" >&2; }

# The hook that comes after this one: the one that was here, or, in the folder for all repositories, the repository's own.
if [ "$scope" = every-repository ]; then
    if [ -z "${GIT_DIR:-}${GIT_COMMON_DIR:-}" ] && [ -d .git ]; then
        common=.git
    else
        common=$(git rev-parse --git-common-dir && printf x) || exit 1
        common=${common%??}
    fi
    next=$common/hooks/$hook
else
    case $0 in */*) folder=${0%/*} ;; *) folder=. ;; esac
    next=$folder/$hook.before-plainsight
    # The pre-commit framework, installed later, calls this file as *.legacy. Its own earlier file must not call it again.
    case $0 in *.legacy) if grep -q 'https://pre-commit\.com' "$next" 2>/dev/null; then next=; fi ;; esac
fi
# As git does: what cannot be executed is no hook.
if [ ! -x "$next" ] || [ -d "$next" ]; then next=; fi

# An absolute path only: no file of the repository may become the program.
program=
for candidate in "$recorded" "$(command -v plainsight 2>/dev/null)" "${HOME:-}/.cargo/bin/plainsight" \
    "${HOME:-}/.local/bin/plainsight" /usr/local/bin/plainsight /opt/homebrew/bin/plainsight; do
    case $candidate in
    /* | [A-Za-z]:[/\\]*) if [ -f "$candidate" ] && [ -x "$candidate" ]; then program=$candidate && break; fi ;;
    esac
done
if [ -z "$program" ]; then
    # With the program there, it answers to PLAINSIGHT_SKIP itself. A server asks nobody whether to skip.
    case $hook in pre-receive | update) skip= ;; *) skip=${PLAINSIGHT_SKIP:-} ;; esac
    if [ -n "$skip" ]; then
        say "SKIPPED, nothing was searched, and the program is not there; the reason given: $skip"
        if [ -n "$next" ]; then exec "$next" "$@"; fi
        exit 0
    fi
    say "the program is not there, so nothing was searched, and git is stopped here ($hook)."
    say "looked for: ${recorded:-no recorded path}, then PATH, then the usual folders."
    say 'to install it: cargo install --path FOLDER_OF_ITS_SOURCE --locked; then here: plainsight hook install'
    case $hook in
    pre-receive | update) ;;
    *)
        say "to go on once without it: PLAINSIGHT_SKIP='the reason' git ...; it is shown, and other hooks still run"
        say 'to go on without any hook: git ... --no-verify'
        ;;
    esac
    exit 1
fi

if [ -z "$next" ]; then exec "$program" hook run "$hook" "$@"; fi
case $hook in
pre-push | pre-receive)
    # Both read the refs from standard input: it goes into a file that loses its name before anything runs.
    refs=$(mktemp "${TMPDIR:-/tmp}/plainsight.XXXXXX") && cat >"$refs" || {
        say "standard input could not be kept in ${TMPDIR:-/tmp}, so git is stopped here. Set TMPDIR to a folder with space."
        exit 1
    }
    exec 3<"$refs" 4<"$refs"
    rm -f "$refs"
    "$program" hook run "$hook" "$@" <&3 3<&- 4<&- || exit
    exec "$next" "$@" <&4 3<&- 4<&-
    ;;
esac
"$program" hook run "$hook" "$@" || exit
exec "$next" "$@"
