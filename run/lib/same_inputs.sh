# Results of one encoder or text are not taken for those of another, when a recipe is started again.
# Sourced by the recipes that keep what they have made of them.
set -euo pipefail

# check_same_input FILE CHECKSUM WHAT: the checksum is the one in FILE, which the first start writes
check_same_input() {
  [ -e "$1" ] || echo "$2" >"$1"
  [ "$2" = "$(<"$1")" ] || fail "$(dirname "$1") has results of another $3; name another OUT"
}

# check_same_encoder FOLDER OUT
check_same_encoder() {
  check_same_input "$2/encoder.sha256" "$(sha256sum <"$1/model.pt")" "encoder than $1"
}

# check_same_text FILE PATH...: files, and all files of folders
check_same_text() {
  local checksum
  checksum=$(find -L "${@:2}" -type f -print0 | LC_ALL=C sort -z | xargs -0 cat -- | sha256sum)
  check_same_input "$1" "$checksum" "text than $2"
}
