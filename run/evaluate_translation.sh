#!/usr/bin/env bash
# BLEU and chrF of translation models, by sacreBLEU on detokenized text; of several models also
# whether each differs from the first (paired bootstrap, 1,000 resamples).
#
#   DATA=data-bin/iwslt17.en-de SOURCE_LANG=en TARGET_LANG=de \
#     bash run/evaluate_translation.sh baseline=a/checkpoint_best.pt atcl=b/checkpoint_best.pt
#
# A model is [NAME=]CHECKPOINT (name: of the file). Beam 5, length penalty 1; options at the end,
# behind the models, are given to each fairseq-generate (--cpu, --fp16, --batch-size 64). Variables:
#   DATA         data-bin made by data_prep.parallel_text or data_prep.iwslt17, whose raw text is
#                the reference
#   SOURCE_LANG, TARGET_LANG   the direction
#   SPLIT        test (default), valid, test1, ...
#   OUT          default: translations. NAME.TARGET_LANG: the translations, in the order of the
#                references; NAME.json: the scores and sacreBLEU's signatures; NAME.log: fairseq's
set -euo pipefail

: "${DATA:?data-bin made by data_prep.parallel_text or data_prep.iwslt17}"
: "${SOURCE_LANG:?source language, as in the names of the files in DATA}"
: "${TARGET_LANG:?target language, as in the names of the files in DATA}"
split=${SPLIT:-test}
out=${OUT:-translations}
reference=$DATA/raw/$split.$TARGET_LANG
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

fail() {
  echo "evaluate_translation: error: $1" >&2
  exit 1
}

declare -A checkpoints
names=()
while [ $# -gt 0 ] && [[ $1 != -* ]]; do
  name=$(basename "$1") checkpoint=$1
  if [[ $1 = *=* ]] && [ ! -f "$1" ]; then
    name=${1%%=*} checkpoint=${1#*=}
  fi
  [ -f "$checkpoint" ] || fail "$checkpoint: no such file; give a checkpoint"
  [ -z "${checkpoints[$name]:-}" ] ||
    fail "two models have the name $name; write NAME=CHECKPOINT with different names"
  checkpoints[$name]=$checkpoint
  names+=("$name")
  shift
done
[ ${#names[@]} -gt 0 ] || fail "no model; give one or more checkpoints"
[ -f "$reference" ] || fail "$reference: no such file; make DATA with data_prep.parallel_text"
reference=$(realpath "$reference")
command -v sacrebleu >/dev/null || fail "sacrebleu is not on the PATH; run: pip install sacrebleu"
mkdir -p "$out"

translations=()
# The pair decides the tokenizer of BLEU: that of Chinese, Japanese and Korean is their own.
metrics=(-m bleu chrf -w 2 --language-pair "$SOURCE_LANG-$TARGET_LANG")
for name in "${names[@]}"; do
  echo "==> translating $split with $name (log: $out/$name.log)"
  fairseq-generate "$DATA" --user-dir "$repository/fairseq_cline" --task atcl_translation \
    --source-lang "$SOURCE_LANG" --target-lang "$TARGET_LANG" --gen-subset "$split" \
    --path "${checkpoints[$name]}" --beam 5 --lenpen 1 --remove-bpe sentencepiece "$@" \
    >"$out/$name.log" 2>&1 || fail "$name: $(tail -n 1 "$out/$name.log")"
  # D-NUMBER, score, text: fairseq sorts the sentences by length.
  sed -n 's/^D-//p' "$out/$name.log" | LC_ALL=C sort -n | cut -f 3- >"$out/$name.$TARGET_LANG"
  [ "$(wc -l <"$out/$name.$TARGET_LANG")" -eq "$(wc -l <"$reference")" ] ||
    fail "$out/$name.$TARGET_LANG and $reference differ in length; see $out/$name.log"
  translations+=("$name.$TARGET_LANG")
  sacrebleu "$reference" -i "$out/$name.$TARGET_LANG" "${metrics[@]}" --format json \
    >"$out/$name.json"
done

compare=()
[ ${#names[@]} -eq 1 ] || compare=(--paired-bs)
cd "$out" # sacreBLEU calls a system by its path
sacrebleu "$reference" -i "${translations[@]}" "${metrics[@]}" --format text --quiet \
  "${compare[@]}"
