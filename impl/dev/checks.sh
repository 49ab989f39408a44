# ./dev test, lint, format and coverage. Sourced by ./dev.

passed=0
failed=0
failures=''  # what the failed tests of all presets printed

# count_ctest LOG STATUS: adds what ctest printed, and the status that it ended with. No tests, and a
# ctest that broke, are a failure.
count_ctest() {
  local log=$1 status=$2
  local summary broken total skipped
  summary=$(sed -n 's/.* tests passed, \([0-9]*\) tests failed out of \([0-9]*\)$/\1 \2/p' "$log")
  read -r broken total <<<"${summary:-0 0}"
  # ctest takes a skipped test for a passed one.
  skipped=$(grep -c '^[[:space:]]*[0-9]* - .* (Skipped)$' "$log" || true)
  failed=$((failed + broken))
  passed=$((passed + total - broken - skipped))
  if ((total == 0)) || ((status != 0 && broken == 0)); then
    say "ctest did not run its tests, which counts as a failure"
    failed=$((failed + 1))
  fi
  if ((skipped > 0)); then say "$skipped tests were skipped; they are listed above"; fi
}

# remember_failures PRESET: keeps what its failed tests printed, which may be thousands of lines up.
remember_failures() {
  failures+=$(awk -v preset="$1" -v most=60 '
    / Test: / { name = $0; sub(/.* Test: /, "", name); count = 0; inside = 0 }
    /^<end of output>$/ { inside = 0 }
    inside { lines[++count] = $0 }
    /^Output:$/ { getline; inside = 1 }
    /^Test Failed\.$/ {
      print "FAILED in " preset ": " name
      for (i = count > most ? count - most + 1 : 1; i <= count; ++i) print "  " lines[i]
    }' "$root/build/$1/Testing/Temporary/LastTest.log" 2>/dev/null)$'\n'
}

# run_ctest PRESET FILTER
run_ctest() {
  local preset=$1 filter=$2
  local log=$root/build/$preset/tests.log
  local status=0
  local -a options=()
  if [[ -n $filter ]]; then options=(--tests-regex "$filter"); fi
  ctest --preset "$preset" --parallel "$cores" ${options[@]+"${options[@]}"} 2>&1 |
    tee "$log" || status=1
  count_ctest "$log" "$status"
  if ((status != 0)); then remember_failures "$preset"; fi
}

# step NAME COMMAND...: counts a command that is not a ctest run as one test.
step() {
  local name=$1
  shift
  if "$@"; then
    say "passed: $name"
    passed=$((passed + 1))
  else
    say "FAILED: $name"
    failed=$((failed + 1))
  fi
}

test_preset() { # PRESET FILTER
  local preset=$1 filter=$2
  if build "$preset"; then
    run_ctest "$preset" "$filter"
    if [[ $preset == fuzz && -z $filter ]]; then step "fuzz --smoke" smoke_fuzz; fi
  else
    say "FAILED: the build of $preset"
    failed=$((failed + 1))
  fi
}

smoke_fuzz() {
  python3 fuzz/run.py --build-dir build/fuzz --smoke
}

test_usage() {
  cat <<END
Usage: ./dev test [--preset PRESET]... [--filter REGEX]
       ./dev test --all

Without options: every test in the dev build (GCC, Debug), and in the fuzz build (Clang 19,
AddressSanitizer and UndefinedBehaviorSanitizer) the tests of the core and each fuzz target for a
few seconds. --preset runs the tests of other builds instead: ${presets[*]}.
--all runs the default, then every other preset and lint; it takes long.
--filter runs only the tests whose name matches.

The last line counts tests: "N passed, N failed". A build that breaks counts as one failed test.
END
}

command_test() {
  local filter='' all=no preset
  local -a chosen=()
  while (($# > 0)); do
    case $1 in
      -h | --help)
        test_usage
        return
        ;;
      --preset)
        preset=$(value_of test "$@")
        one_of test preset "$preset" "${presets[@]}"
        chosen+=("$preset")
        shift 2
        ;;
      --filter)
        filter=$(value_of test "$@")
        shift 2
        ;;
      --all)
        all=yes
        shift
        ;;
      *) unknown_option test "$1" --preset --filter --all ;;
    esac
  done
  if [[ $all == yes && ${#chosen[@]} -gt 0 ]]; then
    usage_error test "test takes --all or --preset, not both"
  fi
  if [[ $all == yes ]]; then
    chosen=(dev fuzz asan tsan bench clang coverage)
    setup build autobahn test fuzz bench lint coverage
  elif ((${#chosen[@]} == 0)); then
    chosen=(dev fuzz)
    setup build autobahn test fuzz
  else
    for preset in "${chosen[@]}"; do setup_for_preset "$preset"; done
    setup build autobahn test
  fi

  for preset in "${chosen[@]}"; do test_preset "$preset" "$filter"; done
  if [[ $all == yes ]]; then step lint check_lint; fi
  if [[ -n $failures ]]; then printf '\n%s\n' "$failures"; fi
  echo "$passed passed, $failed failed"
  if ((failed > 0)); then exit "$exit_failed"; fi
}

# our_files PATTERN...: the tracked files, and the new ones, that match.
our_files() {
  git ls-files --cached --others --exclude-standard -- "$@" | while read -r file; do
    if [[ -e $file ]]; then echo "$file"; fi
  done
}

check_format() {
  our_files '*.cpp' '*.hpp' | xargs clang-format-19 --dry-run --Werror
}

# tidy PRESET DIRECTORY...: clang-tidy of the translation units there that PRESET compiles, and of the
# headers that they include. Generated files are not ours to mend.
tidy() {
  python3 impl/dev/tidy.py --build "build/$1" --jobs "$cores" "${@:2}"
}

check_tidy() {
  local result=0
  cmake --preset dev >&2 && cmake --preset bench >&2 || return 1
  tidy dev impl conformance fuzz || result=1
  tidy bench bench || result=1
  return "$result"
}

check_lint() {
  local result=0
  say "clang-format"
  check_format || result=1
  say "check_layers"
  python3 impl/testing/check_layers.py || result=1
  say "clang-tidy (a quarter of an hour the first time on two cores; then only what changed)"
  check_tidy || result=1
  return "$result"
}

command_lint() {
  if asks_for_help "$@"; then
    cat <<'END'
Usage: ./dev lint

Checks formatting (clang-format 19), who includes whom (check_layers.py) and clang-tidy 19 with
.clang-tidy. Changes nothing.
END
    return
  fi
  if (($# > 0)); then unknown_option lint "$1"; fi
  setup build bench lint
  check_lint || exit "$exit_failed"
  say "clean"
}

command_format() {
  if asks_for_help "$@"; then
    echo "Usage: ./dev format     applies clang-format 19 to every C++ file"
    return
  fi
  if (($# > 0)); then unknown_option format "$1"; fi
  setup lint
  our_files '*.cpp' '*.hpp' | xargs clang-format-19 -i
}

command_coverage() {
  if asks_for_help "$@"; then
    cat <<'END'
Usage: ./dev coverage

Runs the tests in the coverage build and prints the line coverage of impl, tests and test helpers
left out. Fails when a test fails or coverage is under 95 %. Pages: build/coverage/html/index.html.
END
    return
  fi
  if (($# > 0)); then unknown_option coverage "$1"; fi
  setup build autobahn test coverage
  build coverage || exit "$exit_broken"
  find build/coverage -name '*.gcda' -delete
  run_ctest coverage ''
  mkdir -p build/coverage/html
  local enough=yes
  gcovr --root "$root" --filter 'impl/' --exclude 'impl/testing/' --exclude '.*_test\.cpp' \
    --exclude-throw-branches --print-summary --fail-under-line 95 \
    --html-details build/coverage/html/index.html --txt - build/coverage || enough=no
  echo "$passed passed, $failed failed"
  if ((failed > 0)); then exit "$exit_failed"; fi
  if [[ $enough == no ]]; then fail "$exit_failed" "line coverage of impl is under 95 %"; fi
}
