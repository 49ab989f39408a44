# What the files of impl/dev share: exit statuses, messages, reading options. Sourced by ./dev.

exit_failed=1
exit_usage=2
exit_broken=4

cores=$(nproc 2>/dev/null || sysctl -n hw.ncpu 2>/dev/null || echo 2)
export CMAKE_BUILD_PARALLEL_LEVEL=${CMAKE_BUILD_PARALLEL_LEVEL:-$cores}

say() { echo "dev: $*" >&2; }

fail() { # STATUS LINE...
  local status=$1
  shift
  printf 'dev: %s\n' "$@" >&2
  exit "$status"
}

# usage_error COMMAND MESSAGE: ends ./dev; COMMAND is empty where there is none.
usage_error() {
  fail "$exit_usage" "$2" "See ./dev ${1:+$1 }--help"
}

# The names in the list of `usage`, in one line.
command_names() {
  sed -n 's/^  \([a-z]\{1,\}\)  .*/\1/p' | paste -s -d ' ' -
}

# unknown_option COMMAND OPTION KNOWN...
unknown_option() {
  local command=$1 option=$2
  shift 2
  if (($# == 0)); then usage_error "$command" "$command takes no '$option', nor anything else"; fi
  usage_error "$command" "$command has no '$option'; it takes $*"
}

# value_of COMMAND OPTION [VALUE]: prints VALUE, or ends ./dev when it is missing.
value_of() {
  if (($# < 3)) || [[ -z $3 || $3 == --* ]]; then usage_error "$1" "$2 needs a value"; fi
  echo "$3"
}

# one_of COMMAND WHAT VALUE KNOWN...: ends ./dev unless VALUE is one of KNOWN.
one_of() {
  local command=$1 what=$2 value=$3 known
  shift 3
  for known in "$@"; do
    if [[ $value == "$known" ]]; then return 0; fi
  done
  usage_error "$command" "no $what '$value'; there are $*"
}

# asks_for_help ARGUMENT...
asks_for_help() {
  local argument
  for argument in "$@"; do
    if [[ $argument == --help || $argument == -h ]]; then return 0; fi
  done
  return 1
}
