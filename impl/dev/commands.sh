# ./dev setup, build, run, autobahn, endpoints, parity, fuzz, bench and clean. Sourced by ./dev.

presets=(dev release bench asan tsan fuzz coverage clang)
setup_groups=(build autobahn test fuzz bench lint coverage)

# build PRESET [TARGET...]: configures and builds, all of it or only the targets.
build() {
  local preset=$1
  shift
  say "building $preset${*:+: $*}"
  cmake --preset "$preset" >&2 && cmake --build --preset "$preset" ${1+--target "$@"} >&2
}

command_setup() {
  if asks_for_help "$@"; then
    cat <<END
Usage: ./dev setup [GROUP...]

Installs what is missing for these groups of impl/dev/packages.txt, all of them if none is named:
${setup_groups[*]}. Debian 12 only, as root or with sudo; elsewhere, and with
WSPROOF_NO_INSTALL=1, it names what is missing.
END
    return
  fi
  local group
  for group in "$@"; do one_of setup group "$group" "${setup_groups[@]}"; done
  if (($# == 0)); then set -- "${setup_groups[@]}"; fi
  setup "$@"
  if [[ " $* " == *" autobahn "* ]]; then
    python3 conformance/autobahn/autobahn.py --show-engine >&2 ||
      fail "$exit_broken" "there is no engine for Autobahn's cases (see above; is there a network?)"
  fi
  say "everything for $* is there"
}

command_build() {
  local preset=dev
  local -a targets=()
  while (($# > 0)); do
    case $1 in
      -h | --help)
        cat <<END
Usage: ./dev build [--preset PRESET] [TARGET...]

Configures and builds build/PRESET. Presets: ${presets[*]}; dev if none is named.
END
        return
        ;;
      --preset)
        preset=$(value_of build "$@")
        shift 2
        ;;
      -*) unknown_option build "$1" --preset TARGET... ;;
      *)
        targets+=("$1")
        shift
        ;;
    esac
  done
  one_of build preset "$preset" "${presets[@]}"
  setup_for_preset "$preset"
  build "$preset" ${targets[@]+"${targets[@]}"} || exit "$exit_broken"
}

setup_for_preset() { # PRESET
  case $1 in
    fuzz | clang) setup build fuzz ;;
    bench | coverage) setup build "$1" ;;
    *) setup build ;;
  esac
}

command_run() {
  local value autobahn=no
  local -a options=()
  while (($# > 0)); do
    case $1 in
      -h | --help)
        cat <<'END'
Usage: ./dev run [--quick] [--autobahn [--tls] [--engine ENGINE] [--jobs N]] [--autobahn-quick]

Sets the machine up, builds in release mode, takes the reference through the whole suite as a server
and as a client, side by side, and writes reports/out/index.html.

  --quick          each case in one segmentation, without sections 9, 12 and 13 and what waits for
                   seconds or is played alone: seconds instead of minutes
  --autobahn       through the real Autobahn|Testsuite as well, which takes many minutes (one or two
                   with --quick)
  --autobahn-quick as --autobahn without sections 9, 12 and 13, and where an engine can be had
  --tls            some of Autobahn's sections over TLS as well
  --engine ENGINE  autobahntestsuite, kosoku, or auto: the first of them that can be had
  --jobs N         of Autobahn's engines at a time, as many as there are cores if not given

Exit status: 0 every case passed, 1 cases failed, 3 the reference died or never answered, 4 not run
or interrupted.
END
        return
        ;;
      --quick)
        options+=("$1")
        shift
        ;;
      --autobahn | --tls)
        autobahn=yes
        options+=("$1")
        shift
        ;;
      --autobahn-quick)
        autobahn=quick
        options+=("$1")
        shift
        ;;
      --engine | --jobs)
        if [[ $autobahn == no ]]; then autobahn=yes; fi
        value=$(value_of run "$@")
        options+=("$1" "$value")
        shift 2
        ;;
      *) unknown_option run "$1" --quick --autobahn --autobahn-quick --tls --engine --jobs ;;
    esac
  done
  case $autobahn in
    yes)
      setup build autobahn
      options+=(--autobahn)
      ;;
    quick) setup build autobahn ;;
    no) setup build ;;
  esac
  build release echo_server echo_client wsproof || exit "$exit_broken"
  python3 impl/dev/run_reference.py --build build/release --output reports/out \
    ${options[@]+"${options[@]}"}
}

command_autobahn() {
  if asks_for_help "$@" && ! has python3; then
    echo "Usage: ./dev autobahn --server URL | --client COMMAND [OPTION...]"
    echo "The options are listed once there is Python: ./dev setup autobahn"
    return
  fi
  if ! asks_for_help "$@"; then setup autobahn; fi
  cd "$caller_dir"
  python3 "$root/conformance/autobahn/autobahn.py" "$@"
}

command_endpoints() {
  if asks_for_help "$@"; then
    cat <<'END'
Usage: ./dev endpoints [--list] [NAME...] [OPTION...]

Takes other implementations through wsproof, each in its roles, and writes run files and one report
to reports/out/endpoints/. What a named one needs is installed; conformance/endpoints/ has them.

  --list              show them, and do nothing
  --role ROLE         server, client, or api (the browsers' WebSocket API) alone
  --cases PATTERN     ids, sections or globs
  --quick             as of wsproof: seconds for most of them
  --no-install        fail if something is missing
  --update-baselines  take what fails for known; its reasons are to be written afterwards
  --evidence DIR      also write the small form of the run files there

Exit status: 0 as the baselines say, 1 not so, 3 an endpoint died or never answered, 4 not run.
END
    return
  fi
  setup build
  build release wsproof || exit "$exit_broken"
  python3 conformance/endpoints/endpoints.py "$@"
}

command_repeats() {
  if asks_for_help "$@" && ! has python3; then
    echo "Usage: ./dev repeats [NAME...] [--times N] [OPTION...]"
    echo "The options are listed once there is Python: ./dev setup build"
    return
  fi
  if ! asks_for_help "$@"; then
    setup build
    build release wsproof echo_server echo_client || exit "$exit_broken"
  fi
  python3 conformance/endpoints/repeats.py "$@"
}

command_parity() {
  if asks_for_help "$@" && ! has python3; then
    echo "Usage: ./dev parity [--endpoint NAME..] [--quick | --full] [OPTION...]"
    echo "The options are listed once there is Python: ./dev setup autobahn"
    return
  fi
  # Neither needs a build.
  if ! asks_for_help "$@" && [[ " $* " != *" --list "* && " $* " != *" --check "* ]]; then
    setup build autobahn
    build release wsproof echo_server echo_client wsproof_mutant || exit "$exit_broken"
  fi
  python3 conformance/parity/parity.py "$@"
}

command_fuzz() {
  if asks_for_help "$@"; then
    cat <<'END'
Usage: ./dev fuzz TARGET [--minutes N]
       ./dev fuzz --smoke        every target for a few seconds
       ./dev fuzz --list         the targets

       ./dev fuzz --overnight    all targets until 07:00; then one page says what came of it
       ./dev fuzz --hours N      the same for N hours of fuzzing, interruptions left out
       ./dev fuzz --until TIME   the same until the clock shows TIME, such as 06:30
       ./dev fuzz --status       how the night goes, or went

       ./dev fuzz --planted      whether the fuzzers find faults that are planted
       ./dev fuzz --speed        how fast the frame decoder is fuzzed, beside uWebSockets
       ./dev fuzz --fleet        build the targets as OSS-Fuzz and ClusterFuzzLite would

Builds the targets with Clang 19, libFuzzer, AddressSanitizer and UndefinedBehaviorSanitizer, and
runs them from the seeds in fuzz/corpus. fuzz/README.md says where findings go.

A night that was stopped, killed, or cut off by a reboot goes on when the same command is given
again. It takes --afl (AFL++ as a second engine; Debian's is installed), --cores N (all of them if
not given), --only TARGET,.. and --min-free-mb N.

Exit status: 0 nothing found, 1 something was found, 2 bad usage, 4 not run or interrupted.
END
    return
  fi
  local argument mode=run
  local -a options=()
  for argument in "$@"; do
    case $argument in
      --afl) mode=afl ;;
      --planted | --speed | --fleet | --status) mode=${argument#--} ;;
      *) options+=("$argument") ;;
    esac
  done
  if (($# == 0)); then
    usage_error fuzz "fuzz needs a TARGET, --smoke, --list, --overnight or --status"
  fi
  if [[ $mode != status ]]; then setup build fuzz; fi
  # exec: signals are for the night itself to take.
  case $mode in
    status) exec python3 fuzz/run.py --build-dir build/fuzz --status ${options[@]+"${options[@]}"} ;;
    planted)
      cmake --preset fuzz -DWSPROOF_PLANTED_FAULTS=ON >&2 || exit "$exit_broken"
      build fuzz planted_faults || exit "$exit_broken"
      exec python3 fuzz/planted/search.py --build-dir build/fuzz ${options[@]+"${options[@]}"}
      ;;
    speed)
      python3 bench/fetch_peers.py build/bench-peers
      local -a programs=(frame_decoder_fuzz)
      if file_exists build/bench-peers/crates/libuwebsockets-sys-*; then
        programs+=(uwebsockets_frames)
      fi
      build fuzz "${programs[@]}" || exit "$exit_broken"
      exec python3 fuzz/speed.py --build-dir build/fuzz ${options[@]+"${options[@]}"}
      ;;
    fleet)
      setup fleet
      exec python3 fuzz/fleet/check.py ${options[@]+"${options[@]}"}
      ;;
    afl)
      setup afl
      build fuzz-afl fuzz_targets || exit "$exit_broken"
      options+=(--afl-build build/fuzz-afl)
      ;;
  esac
  build fuzz fuzz_targets || exit "$exit_broken"
  exec python3 fuzz/run.py --build-dir build/fuzz "${options[@]}"
}

command_bench() {
  local value part=''
  local -a options=() targets=()
  while (($# > 0)); do
    case $1 in
      -h | --help)
        cat <<'END'
Usage: ./dev bench [--kernels | --load] [--quick] [--filter REGEX]

Measures masking, UTF-8, frames and handshakes beside Boost.Beast, websocketpp, uWebSockets, simdutf,
wslay, bufferutil and memcpy; then echo servers under load beside raw TCP and peers, idle connections,
and hostile peers. Prints the ratios, with a verdict for each goal of bench/goals.tsv, and writes
bench/out/, which ./dev run puts into the report. Peers that Debian does not have come through cargo
and npm; without these they are not measured.

  --kernels       only the first half
  --load          only the servers
  --quick         seconds instead of minutes, and more noise
  --filter REGEX  only the benchmarks whose name matches; of load, whose subject does
END
        return
        ;;
      --quick)
        options+=("$1")
        shift
        ;;
      --kernels | --load)
        part=$1
        shift
        ;;
      --filter)
        value=$(value_of bench "$@")
        options+=("$1" "$value")
        shift 2
        ;;
      *) unknown_option bench "$1" --kernels --load --quick --filter ;;
    esac
  done
  if [[ $part != --load ]]; then
    targets+=(wsproof_bench)
    options+=(--binary build/bench/bench/wsproof_bench)
  fi
  if [[ $part != --kernels ]]; then
    targets+=(load_servers)
    options+=(--build build/bench)
  fi
  setup build bench
  python3 bench/fetch_peers.py build/bench-peers
  build bench "${targets[@]}" || exit "$exit_broken"
  python3 bench/run.py --output bench/out "${options[@]}"
}

command_clean() {
  if asks_for_help "$@"; then
    echo "Usage: ./dev clean     removes build/, reports/out/ and bench/out/"
    return
  fi
  if (($# > 0)); then unknown_option clean "$1"; fi
  rm -rf build reports/out bench/out
}
