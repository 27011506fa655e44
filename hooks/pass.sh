#!/bin/sh
# plainsight-shim 1 @CHECK@
# Written by `plainsight hook install --global`; `plainsight hook uninstall --global` takes it away. core.hooksPath names this
# folder, so git does not look into the repository's own hooks: this calls the hook that is there, and does nothing else.
hook='@HOOK@'
if [ -z "${GIT_DIR:-}${GIT_COMMON_DIR:-}" ] && [ -d .git ]; then
    common=.git
else
    common=$(git rev-parse --git-common-dir && printf x) || exit 1
    common=${common%??}
fi
next=$common/hooks/$hook
if [ -x "$next" ] && [ ! -d "$next" ]; then exec "$next" "$@"; fi
exit 0
