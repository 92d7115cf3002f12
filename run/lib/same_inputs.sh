# Results of one encoder or text are not taken for those of another, when a recipe is started again.
# Sourced by the recipes that keep what they have made of them.
set -euo pipefail

# check_same_input FILE CHECKSUM WHAT: the checksum is the one in FILE, which the first start writes
check_same_input() {
  [ -e "$1" ] || echo "$2" >"$1"
  [ "$2" = "$(<"$1")" ] || fail "$(dirname "$1") has results of another $3; name another OUT"
}

# check_same_encoder ENCODER OUT: a checkpoint, or a folder with model.pt
check_same_encoder() {
  local checkpoint=$1
  [ ! -d "$1" ] || checkpoint=$1/model.pt
  mkdir -p "$2"
  check_same_input "$2/encoder.sha256" "$(sha256sum <"$checkpoint")" "encoder than $1"
}

# check_same_tokenizer FILE FOLDER
check_same_tokenizer() {
  local name files=()
  for name in dict.txt spm.model encoder.json vocab.bpe tokenizer.json words.json; do
    [ ! -e "$2/$name" ] || files+=("$2/$name")
  done
  check_same_input "$1" "$(cat -- /dev/null "${files[@]}" | sha256sum)" "tokenizer than $2"
}

# check_same_text FILE PATH...: files, and all files of folders
check_same_text() {
  local checksum
  checksum=$(find -L "${@:2}" -type f -print0 | LC_ALL=C sort -z | xargs -0 cat -- | sha256sum)
  check_same_input "$1" "$checksum" "text than $2"
}
