# For the secrets of an overlay: the keys of tokens and of tickets' codes, made and changed as `npm run keys` does (docs/runbook.md, Changing keys).

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# keys STEP [WHICH]: NAME=VALUE lines from input to output, so that no key is an argument that others can see.
keys() {
  local lines
  lines=$(PATH="$repository/node_modules/.bin:$PATH" node "$repository/operations/src/keys.ts" "$@") || lines=
  [[ -n $lines ]] || { echo 'Keys are made by Node 24: npm ci brings it, or put it on the PATH' >&2 && return 1; }
  printf '%s\n' "$lines"
}
# given_keys: the lines that the environment has, of the keys of tokens all or none.
given_keys() {
  [[ -z ${ADMISSION_KEYS:-} ]] || printf '%s\n' "ADMISSION_KEYS=$ADMISSION_KEYS"
  [[ -n ${TOKEN_PUBLIC_KEYS:-}${TOKEN_PRIVATE_KEYS:-}${REFRESH_KEYS:-} ]] || return 0
  printf '%s\n' "TOKEN_PUBLIC_KEYS=${TOKEN_PUBLIC_KEYS:?}" "TOKEN_PRIVATE_KEYS=${TOKEN_PRIVATE_KEYS:?}" \
    "REFRESH_KEYS=${REFRESH_KEYS:?}"
}
# What every process and the pages have, what `auth` alone has, and what `admissions` alone has: given before made.
public_of() { grep '^TOKEN_PUBLIC_KEYS=' <<<"$1"; }
private_of() { grep -E '^(TOKEN_PRIVATE|REFRESH)_KEYS=' <<<"$1"; }
admission_of() { grep -m 1 '^ADMISSION_KEYS=' <<<"$1"; }
# Until then the key of the release before signs: so long pods of both may run.
in_an_hour() { date -u -d '1 hour' +%FT%TZ 2>/dev/null || date -u -v+1H +%FT%TZ; }
