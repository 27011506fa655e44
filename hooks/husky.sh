# plainsight: begin. Written by `plainsight hook install`; `plainsight hook uninstall` takes it out.
if command -v plainsight >/dev/null 2>&1; then
@RUN@
elif [ -n "${PLAINSIGHT_SKIP:-}" ]; then
    printf 'plainsight: SKIPPED, nothing was searched, and the program is not there; the reason given: %s\n' "$PLAINSIGHT_SKIP" >&2
else
    echo 'plainsight: the program is not on PATH, so nothing was searched, and git is stopped here (@HOOK@).' >&2
    echo 'plainsight: to install it: cargo install --path FOLDER_OF_ITS_SOURCE --locked' >&2
    echo "plainsight: to go on once without it: PLAINSIGHT_SKIP='the reason' git ..., or git ... --no-verify" >&2
    exit 1
fi
# plainsight: end
