#!/usr/bin/env bash
# BLEU and chrF of translation models, by sacreBLEU on detokenized text; of several models also
# whether each differs from the first (paired bootstrap, 1,000 resamples).
#
#   DATA=data-bin/iwslt17.en-de SOURCE_LANG=en TARGET_LANG=de \
#     bash run/evaluate_translation.sh baseline=a/checkpoint_best.pt atcl=b/checkpoint_best.pt
#
# A model is [NAME=]CHECKPOINT (name: of the file). Beam 5, length penalty 1; options at the end,
# behind the models, are given to each fairseq-generate (--cpu, --fp16, --batch-size 64).
#
# Variables:
#   DATA         data-bin made by data_prep.parallel_text or data_prep.iwslt17, whose raw text is
#                the reference
#   SOURCE_LANG  language that is translated, as in the names of the files in DATA
#   TARGET_LANG  language of the translations
#   SPLIT        test (default), valid, test1, ...
#   OUT          NAME.TARGET_LANG, the translations, in the order of the references; NAME.json, the
#                scores and sacreBLEU's signatures; NAME.log, fairseq's (default: translations)
set -euo pipefail

. "$(dirname "${BASH_SOURCE[0]}")/lib/recipe.sh"
take DATA path
take SOURCE_LANG word
take TARGET_LANG word
take SPLIT word test
take OUT path translations
taken "$@"

reference=$data/raw/$split.$target_lang
declare -A checkpoints
names=()
set -- "${user_options[@]}"
while [ $# -gt 0 ] && [[ $1 != -* ]]; do
  name=$(basename "$1") checkpoint=$1
  if [[ $1 = *=* ]] && [ ! -f "$1" ]; then
    name=${1%%=*} checkpoint=${1#*=}
  fi
  [ -f "$checkpoint" ] || fail "$checkpoint: no such file; give a checkpoint"
  [[ $name != */* ]] || fail "$name: files in OUT get this name; write one without a /"
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
metrics=(-m bleu chrf -w 2 --language-pair "$source_lang-$target_lang")
for name in "${names[@]}"; do
  echo "==> translating $split with $name (log: $out/$name.log)"
  fairseq-generate "$data" --user-dir "$repository/fairseq_cline" --task atcl_translation \
    --source-lang "$source_lang" --target-lang "$target_lang" --gen-subset "$split" \
    --path "${checkpoints[$name]}" --beam 5 --lenpen 1 --remove-bpe sentencepiece "$@" \
    >"$out/$name.log" 2>&1 || fail "$name: $(tail -n 1 "$out/$name.log")"
  # D-NUMBER, score, text: fairseq sorts the sentences by length.
  sed -n 's/^D-//p' "$out/$name.log" | LC_ALL=C sort -n | cut -f 3- >"$out/$name.$target_lang"
  [ "$(wc -l <"$out/$name.$target_lang")" -eq "$(wc -l <"$reference")" ] ||
    fail "$out/$name.$target_lang and $reference differ in length; see $out/$name.log"
  translations+=("$name.$target_lang")
  sacrebleu "$reference" -i "$out/$name.$target_lang" "${metrics[@]}" --format json \
    >"$out/$name.json"
done

compare=()
[ ${#names[@]} -eq 1 ] || compare=(--paired-bs)
cd "$out" # sacreBLEU calls a system by its path
sacrebleu "$reference" -i "${translations[@]}" "${metrics[@]}" --format text --quiet \
  "${compare[@]}"
