# The variables of a recipe: taken out of the environment, checked, and refused where they are
# misspelled. Every recipe sources this file first:
#
#   . "$(dirname "${BASH_SOURCE[0]}")/lib/recipe.sh"
#   take DATA path                    no default: required
#   take UPDATES number 200           the default may be empty
#   take ROWS words "a b" "a b c"     and behind it what may be chosen
#   taken "$@"
#
# `take NAME KIND [DEFAULT [CHOICES]]` sets the variable `name`; what is wrong with it, `taken` says in
# one line, before anything runs. The comment on top of the recipe has a row for each variable. Kinds:
#
#   path      of a file or folder, made absolute
#   text      any line
#   switch    1
#   count     whole, 0 or more            number    whole, 1 or more
#   word      a name                      pair      two languages, as en-de
#   share     1 or a fraction, as 0.01    rate      a learning rate, as 1e-5
#   model     NAME=PATH
#
# and several of a kind, separated by spaces: numbers, words, pairs, shares, rates, models.
#
# Also for recipes: `recipe`, its name, `repository`, `user_options`, the options at the end, and `fail`.
set -euo pipefail

recipe=$(basename "$0" .sh)
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
declare -A forms=(
  [path]='.+' [text]='.+' [switch]='1' [count]='0|[1-9][0-9]{0,8}' [number]='[1-9][0-9]{0,8}'
  [word]='[A-Za-z0-9][A-Za-z0-9_.-]*' [pair]='[a-z]+-[a-z]+' [share]='1|0?\.0*[1-9][0-9]*'
  [rate]='([0-9]+\.?[0-9]*|\.[0-9]+)(e-?[0-9]+)?' [model]='[^=/*?[]+=[^*?[]+'
)
declare -A forms_in_words=(
  [path]="a path" [text]="one line" [switch]="1" [count]="a whole number of 0 or more"
  [number]="a whole number of 1 or more" [word]="a name" [pair]="two languages, as en-de"
  [share]="1 or a fraction, as 0.01" [rate]="a learning rate, as 1e-5" [model]="NAME=PATH"
)
# Names that others use -> ours.
declare -A synonyms=(
  [SAVE_DIR]=OUT [OUTPUT]=OUT [OUTPUT_DIR]=OUT [DESTDIR]=OUT [RAW]=TEXT [DATASETS]=TASKS [MODELS]=ARCHS
  [STEPS]=UPDATES [MAX_UPDATE]=UPDATES [LR]=LEARNING_RATES [GPUS]=NUM_GPUS
)
names=() problem="" missing="" user_options=()

fail() {
  echo "$recipe: error: $1" >&2
  exit 1
}

# refuse MESSAGE: the first one is what `taken` says
refuse() { problem=${problem:-$1}; }

# print_head: the comment on top of the recipe
print_head() { sed -n '1d; /^#/!q; s/^# \{0,1\}//p' "$0"; }

# print_meaning NAME: its row of the head, on one line
print_meaning() {
  print_head | awk -v name="$1" '
    !/^  / { found = 0 }
    /^  [A-Z_]+  / { found = $1 == name; sub($1, "") }
    found { $1 = $1; printf " %s", $0 }'
}

take() {
  local name=$1 kind=$2 choices=${4:-} value=${!1:-${3:-}} items item seen=" " LC_ALL=C
  names+=("$name")
  [ -n "$value" ] || (($# > 2)) || missing=${missing:-"$name is not set:$(print_meaning "$name")"}
  unset -v "$name"
  items=("$value")
  [[ $kind != *s ]] || read -rd '' -a items <<<"$value" || true
  for item in "${items[@]}"; do
    [ -n "$value" ] || break
    if [[ ! $item =~ ^(${forms[${kind%s}]})$ || $item = *[[:cntrl:]]* ]]; then
      refuse "$name: '${item//[[:cntrl:]]/?}' is not ${forms_in_words[${kind%s}]}"
      value=
    elif [[ -n $choices && " $choices " != *" $item "* ]]; then
      refuse "$name: '$item' is none of $choices"
      value=
    elif [[ $seen = *" $item "* ]]; then
      refuse "$name: '$item' is there twice"
    fi
    seen+="$item "
  done
  [ "$kind" != path ] || [ -z "$value" ] || [[ $value = /* ]] || value=$PWD/$value
  [[ $kind != *s ]] || value=${value:+${items[*]}}
  printf -v "${name,,}" %s "$value"
}

# is_near WORD NAME: but for a letter more or less, another letter in a longer word, or two swapped. A
# name of two letters is near to nothing: R is a program.
is_near() {
  local word=$1 name=$2
  [[ ${#name} -gt 2 || $word = "$name" ]] || return 1
  while [[ -n $word && ${word:0:1} = "${name:0:1}" ]]; do
    word=${word:1} name=${name:1}
  done
  [[ ${word:1} = "$name" || $word = "${name:1}" ]] ||
    [[ ${#1} -gt 4 && ${word:1} = "${name:1}" ]] ||
    [[ ${word:0:2} = "${name:1:1}${name:0:1}" && ${word:2} = "${name:2}" ]]
}

# check_word WORD: an environment variable that no `take` has taken out
check_word() {
  local name
  for name in "${names[@]}" "${!synonyms[@]}"; do
    [[ " ${names[*],,} " = *" $1 "* && $1 = "${name,,}" ]] || is_near "$1" "$name" || continue
    name=${synonyms[$name]:-$name}
    [[ " ${names[*]} " != *" $name "* ]] ||
      fail "$1 is no variable of this recipe; write $name (or unset $1)"
  done
  [[ $words != *" $1 "* ]] || fail "$1 is no variable of this recipe (unset $1); it takes ${names[*]}"
}

# need_environment: where what the recipe calls is installed, or found by PYTHONPATH
need_environment() {
  local program='from importlib.util import find_spec as f; exit(not (f("fairseq") and f("fairseq_cline")))'
  python -c "$program" 2>/dev/null ||
    fail "no environment with the plug-in; run . .venv/bin/activate (README: Install)"
}

taken() {
  local word words
  case " $* " in *" --help "* | *" -h "*) print_head && exit ;; esac
  user_options=("$@")
  words=" $(sed -nE 's/^ *take ([A-Z_]+) .*/\1/p' "$repository"/run/{,lib/}*.sh | tr '\n' ' ')"
  for word in $(compgen -e); do
    case $word in MASTER_ADDR | PORT) continue ;; esac # machines set them for other programs
    check_word "$word"
  done
  problem=${problem:-$missing}
  [ -z "$problem" ] || fail "$problem"
  # Else run/setup.sh makes one.
  [ -n "${dry_run:-}" ] || grep -q '/run/setup.sh"$' "$0" || need_environment
}
