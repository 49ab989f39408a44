# ./dev test, lint, format and coverage. Sourced by ./dev.

passed=0
failed=0

# count_ctest FILE: adds the results in a JUnit file of ctest. A run without tests is a failure.
count_ctest() {
  local file=$1 attribute
  local -A count=([tests]=0 [failures]=0 [disabled]=0 [skipped]=0)
  if [[ -r $file ]]; then
    # The attributes of <testsuite>, which come before the first <testcase>.
    for attribute in "${!count[@]}"; do
      count[$attribute]=$(sed -n "/<testcase/q; s/.*[[:space:]]$attribute=\"\([0-9]*\)\".*/\1/p" \
        "$file" | head -n 1)
    done
  fi
  local not_run=$((count[disabled] + count[skipped]))
  failed=$((failed + count[failures]))
  passed=$((passed + count[tests] - count[failures] - not_run))
  if ((count[tests] == 0)); then
    say "no test results in $file, which counts as a failure"
    failed=$((failed + 1))
  fi
  if ((not_run > 0)); then say "$not_run tests were skipped; they are listed above"; fi
}

# run_ctest PRESET FILTER
run_ctest() {
  local preset=$1 filter=$2
  local results=$root/build/$preset/tests.xml
  local -a options=()
  if [[ -n $filter ]]; then options=(--tests-regex "$filter"); fi
  rm -f "$results"
  ctest --preset "$preset" --parallel "$cores" --output-junit "$results" \
    ${options[@]+"${options[@]}"} || true
  count_ctest "$results"
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

# Every translation unit of ours that the build compiles, headers included through them.
check_tidy() {
  build dev || return 1
  # The generated files, such as precompiled headers, are not ours to mend.
  run-clang-tidy-19 -quiet -p build/dev -j "$cores" "^$root/(impl|conformance|fuzz|bench)/" \
    >build/dev/clang-tidy.log 2>/dev/null && return 0
  grep -E '(error|warning):|^ ' build/dev/clang-tidy.log >&2
  return 1
}

check_lint() {
  local result=0
  say "clang-format"
  check_format || result=1
  say "check_layers"
  python3 impl/testing/check_layers.py || result=1
  say "clang-tidy (some minutes)"
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
  setup build lint
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
