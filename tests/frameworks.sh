#!/usr/bin/env bash
# Real runs beside the pre-commit framework, husky and lefthook: each in a repository of its own, with a planted secret that must
# be stopped and a clean commit that must pass, and the other's own command running too.
#
#   tests/frameworks.sh PROGRAM          PROGRAM is a plainsight that was built
#
# Needs git, python3, npm and the network; installs into a temporary folder, or uses FRAMEWORKS=folder and keeps it.
# WITH_RUST=1 also builds the hook as `language: rust` does, which takes minutes.
set -euo pipefail

program=$(realpath "${1:?usage: tests/frameworks.sh PROGRAM}")
source=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
tools=${FRAMEWORKS:-$scratch/tools}
[ -x "$tools/venv/bin/pre-commit" ] || { python3 -m venv "$tools/venv" && "$tools/venv/bin/pip" -q install pre-commit; }
[ -d "$tools/np/node_modules/lefthook" ] || (mkdir -p "$tools/np" && cd "$tools/np" && npm init -y >/dev/null && npm i husky lefthook)

mkdir -p "$scratch/home" "$scratch/bin"
# The framework asks for Rust at each run; the home changes, the toolchain does not.
export CARGO_HOME=${CARGO_HOME:-$HOME/.cargo} RUSTUP_HOME=${RUSTUP_HOME:-$HOME/.rustup}
export HOME=$scratch/home GIT_CONFIG_NOSYSTEM=1 PRE_COMMIT_HOME=$scratch/cache
export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.org GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@example.org
ln -s "$program" "$scratch/bin/plainsight"
export PATH=$scratch/bin:$tools/venv/bin:$tools/np/node_modules/.bin:$PATH

# A token with a checksum that holds, of nobody: made here, so that none lies in this file.
plant() {
    python3 - >deploy.conf <<'PY'
import secrets, string, zlib
letters = string.digits + string.ascii_uppercase + string.ascii_lowercase
body = "".join(secrets.choice(letters) for _ in range(30))
rest, check = zlib.crc32(body.encode()), ""
for _ in range(6):
    rest, digit = divmod(rest, 62)
    check = letters[digit] + check
print("token = gh" + "p_" + body + check)
PY
    git add deploy.conf
}

fail() { printf 'FAILED: %s\n' "$*" >&2; sed 's/^/    /' "$scratch/out" >&2; exit 1; }
number=0

# A planted secret is stopped, then a clean file passes, and the other's command ran.
blocks_and_passes() {
    plant
    if git commit -q -m planted >"$scratch/out" 2>&1; then fail "$1: the planted secret passed"; fi
    grep -q 'github-pat-classic\|GitHub' "$scratch/out" || fail "$1: stopped for another reason"
    git rm -q --cached -f deploy.conf && rm -f deploy.conf theirs
    number=$((number + 1)) && echo "$number" >clean.txt && git add clean.txt
    git commit -q -m clean >"$scratch/out" 2>&1 || fail "$1: the clean commit was stopped"
    [ "${2-}" = alone ] || [ -e theirs ] || fail "$1: the other's command did not run"
    rm -f theirs
    printf 'ok  %s\n' "$1"
}

repository() {
    mkdir "$scratch/$1" && cd "$scratch/$1" && git init -q -b main
    printf 'theirs\nnode_modules\n' >.git/info/exclude
    git commit -q --allow-empty -m first
}

git clone -q "$source" "$scratch/plainsight"
if ! git -C "$scratch/plainsight" cat-file -e HEAD:.pre-commit-hooks.yaml; then fail "commit .pre-commit-hooks.yaml first"; fi
revision=$(git -C "$scratch/plainsight" rev-parse HEAD)

printf 'pre-commit %s\n' "$(pre-commit --version)"
theirs='- repo: local
  hooks:
  - {id: theirs, name: theirs, language: system, entry: touch theirs, pass_filenames: false, always_run: true}'

repository from-its-configuration
printf 'repos:\n%s\n- repo: %s\n  rev: %s\n  hooks:\n  - id: plainsight-system\n' "$theirs" "$scratch/plainsight" "$revision" \
    >.pre-commit-config.yaml
git add . && pre-commit install >/dev/null
blocks_and_passes "pre-commit: repo with id plainsight-system"
plainsight hook install pre-commit | grep -q managed || fail "the configuration is not seen"

if [ -n "${WITH_RUST:-}" ]; then
    sed -i.old s/plainsight-system/plainsight-staged/ .pre-commit-config.yaml && git add .pre-commit-config.yaml
    rm "$scratch/bin/plainsight"
    pre-commit install-hooks
    blocks_and_passes "pre-commit: repo with id plainsight-staged (language: rust)"
    ln -s "$program" "$scratch/bin/plainsight"
fi

repository beside-pre-commit
printf 'repos:\n%s\n' "$theirs" >.pre-commit-config.yaml && git add .
pre-commit install >/dev/null && cp .git/hooks/pre-commit "$scratch/before"
plainsight hook install >"$scratch/out"
blocks_and_passes "pre-commit: beside it"
pre-commit install >/dev/null
blocks_and_passes "pre-commit: installed again, over it"
plainsight hook install >"$scratch/out"
blocks_and_passes "pre-commit: and plainsight again"
plainsight hook uninstall >"$scratch/out"
cmp .git/hooks/pre-commit "$scratch/before" || fail "pre-commit's file is not as it was"

repository under-global
printf 'repos:\n%s\n' "$theirs" >.pre-commit-config.yaml && git add .
plainsight hook install --global >"$scratch/out"
if pre-commit install >"$scratch/out" 2>&1; then fail "pre-commit installs under core.hooksPath now: say so in docs/hooks.md"; fi
GIT_CONFIG_GLOBAL=/dev/null pre-commit install >/dev/null
blocks_and_passes "pre-commit: under hook install --global"
plainsight hook uninstall --global >"$scratch/out"

repository beside-husky
printf 'husky %s\n' "$(sed -n 's/.*"version": "\(.*\)".*/\1/p' "$tools/np/node_modules/husky/package.json")"
husky && printf 'touch theirs\n' >.husky/pre-commit && cp .husky/pre-commit "$scratch/before" && git add .husky
plainsight hook install >"$scratch/out"
git add .husky
blocks_and_passes "husky: beside it"
husky
blocks_and_passes "husky: run again"
plainsight doctor >"$scratch/out" || fail "doctor"
plainsight hook uninstall >"$scratch/out"
cmp .husky/pre-commit "$scratch/before" || fail "husky's hook is not as it was"
[ ! -e .husky/pre-push ] || fail "a hook is left in .husky"

repository beside-lefthook
printf 'lefthook %s\n' "$(lefthook version)"
printf 'pre-commit:\n  commands:\n    theirs:\n      run: touch theirs\npre-push:\n  commands:\n    other:\n      run: "true"\n' >lefthook.yml
git add lefthook.yml && lefthook install >/dev/null
code=0 && plainsight hook install >"$scratch/out" || code=$?
[ "$code" = 3 ] || fail "lefthook: hook install ends with $code"
# The lines that it printed, in a file that lefthook reads besides.
sed -n 's/^ \{32\}//p' "$scratch/out" | grep -v '^lefthook would\|^$' >lefthook-local.yml
plainsight hook install 2>&1 | grep -q managed || fail "lefthook: its configuration is not seen"
blocks_and_passes "lefthook: by its configuration"
plainsight doctor >"$scratch/out" || fail "doctor"
git init -q --bare "$scratch/remote" && git remote add origin "$scratch/remote"
plant && git commit -q --no-verify -m planted
if git push -q origin HEAD >"$scratch/out" 2>&1; then fail "lefthook: a secret was pushed"; fi
grep -q 'github-pat-classic\|GitHub' "$scratch/out" || fail "lefthook: the push was stopped for another reason"
git reset -q --hard HEAD~1 && git push -q origin HEAD >"$scratch/out" 2>&1 || fail "lefthook: a clean push was stopped"
printf 'ok  lefthook: push\n'
printf 'all of it holds\n'
