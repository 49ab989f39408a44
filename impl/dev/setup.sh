# Makes a machine ready for ./dev: Debian packages, the Autobahn environment, the browser test's
# packages. Sourced by ./dev. Everything is checked first, so a second run installs nothing.

packages_file=$root/impl/dev/packages.txt

# The checks of packages.txt: does the machine have the thing, wherever it came from?

has() { # COMMAND... any of them
  local command
  for command in "$@"; do
    if command -v "$command" >/dev/null; then return 0; fi
  done
  return 1
}

file_exists() { # FILE... any of them
  local file
  for file in "$@"; do
    if [[ -e $file ]]; then return 0; fi
  done
  return 1
}

header() { # HEADER known to the C++ compiler
  has "${CXX:-c++}" &&
    printf '#if !__has_include(<%s>)\n#error\n#endif\n' "$1" |
    "${CXX:-c++}" -E -x c++ - >/dev/null 2>&1
}

python_module() { # MODULE
  python3 -c "import $1" >/dev/null 2>&1
}

browser() { # for the test of the report
  [[ -x ${WSPROOF_CHROMIUM:-/usr/bin/chromium} ]]
}

clang_runtime() { # libFuzzer's and the sanitizers' libraries
  has clang++-19 && [[ -e $(clang++-19 -print-file-name=libclang_rt.fuzzer.a) ||
    -e $(clang++-19 -print-resource-dir)/lib/linux/libclang_rt.fuzzer-$(uname -m).a ]]
}

has_libcxx() { # what OSS-Fuzz builds with
  has clang++-19 && printf '#include <version>' | clang++-19 -stdlib=libc++ -E -x c++ - >/dev/null 2>&1
}

# missing_packages GROUP...: prints the packages of these groups that the machine lacks.
missing_packages() {
  local group package check installed=' ' seen=' '
  local -a wanted=()
  while read -r group package check; do
    if [[ " $* " == *" $group "* ]]; then wanted+=("${package%\?}"); fi
  done <"$packages_file"
  if has dpkg-query; then
    # It fails when one of them is unknown, and prints the others all the same.
    installed=" $(dpkg-query --show --showformat '${db:Status-Status}:${Package} ' \
      "${wanted[@]}" 2>/dev/null || true)"
  fi
  while read -r group package check; do
    if [[ " $* " != *" $group "* || $seen == *" $package "* ]]; then continue; fi
    seen+="$package "
    if [[ $installed == *" installed:${package%\?} "* ]]; then continue; fi
    # shellcheck disable=SC2086  # the check and its arguments
    if ! $check; then echo "$package"; fi
  done <"$packages_file"
}

system_name() {
  local release=${WSPROOF_OS_RELEASE:-/etc/os-release}
  if [[ -r $release ]]; then
    (source "$release" && echo "${PRETTY_NAME:-${ID:-unknown}}")
  else
    uname -s
  fi
}

is_debian_12() {
  local release=${WSPROOF_OS_RELEASE:-/etc/os-release}
  [[ -r $release ]] && has apt-get &&
    (source "$release" && [[ ${ID:-} == debian && ${VERSION_ID:-} == 12 ]])
}

# as_root COMMAND...: fails without a word to the terminal when there is no way to become root.
as_root() {
  if [[ $(id -u) == 0 ]]; then
    "$@"
  elif [[ -t 0 ]]; then
    sudo "$@"
  else
    sudo -n "$@"
  fi
}

can_be_root() {
  [[ $(id -u) == 0 ]] || { has sudo && { [[ -t 0 ]] || sudo -n true 2>/dev/null; }; }
}

# by_hand REASON PACKAGE...: what to do when ./dev cannot install. Ends ./dev unless all that is
# missing is only nice to have.
by_hand() {
  local reason=$1 package
  local -a needed=() nice=()
  shift
  for package in "$@"; do
    if [[ $package == *\? ]]; then nice+=("${package%\?}"); else needed+=("$package"); fi
  done
  if ((${#needed[@]} == 0)); then
    say "going on without ${nice[*]} ($reason)"
    return 0
  fi
  {
    echo "dev: some packages are missing and were not installed: $reason."
    echo "Install them by hand as root, then run this again:"
    echo "    apt-get install --no-install-recommends ${needed[*]} ${nice[*]}"
    echo "These are Debian 12's names; README.md has those of other systems."
  } >&2
  exit "$exit_broken"
}

install_packages() { # PACKAGE...
  local system
  system=$(system_name)
  if [[ -n ${WSPROOF_NO_INSTALL:-} ]]; then
    by_hand "WSPROOF_NO_INSTALL is set" "$@"
  elif ! is_debian_12; then
    by_hand "this is $system, and only Debian 12 is set up without your help" "$@"
  elif ! can_be_root; then
    by_hand "this needs root, and sudo is not there or asks for a password" "$@"
  else
    say "installing with apt-get: ${*//\?/}"
    local -a apt=(as_root env DEBIAN_FRONTEND=noninteractive apt-get --quiet
      -o DPkg::Lock::Timeout=120 -o Acquire::Retries=2 -o Acquire::http::Timeout=30)
    if ! "${apt[@]}" update >&2 ||
      ! "${apt[@]}" install --yes --no-install-recommends "${@//\?/}" >&2; then
      by_hand "apt-get failed (see above; is there a network?)" "${@//\?/}"
    fi
  fi
}

# A static ISA-L, which Debian does not have, made of its source: so wsproof can be linked
# statically. Nothing else needs it, so where it cannot be had wsproof is linked as all else is.
install_static_isal() {
  local cache=${WSPROOF_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/wsproof}
  local work
  if [[ -e $cache/isal/libisal.a || -n ${WSPROOF_NO_INSTALL:-} ]] || ! is_debian_12 ||
    ! has nasm || ! has make; then
    return 0
  fi
  say "building ISA-L from Debian's source, to link wsproof statically"
  work=$(mktemp -d)
  # A list of its own, since few machines have Debian's sources among theirs.
  mkdir -p "$work/lists/partial" "$work/archives/partial" "$work/parts" "$cache/isal"
  printf '%s\n' 'Types: deb-src' 'URIs: http://deb.debian.org/debian' 'Suites: bookworm' \
    'Components: main' 'Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg' \
    >"$work/parts/debian.sources"
  local -a apt=(apt-get --quiet -o "Dir::Etc::sourcelist=/dev/null"
    -o "Dir::Etc::sourceparts=$work/parts" -o "Dir::State::lists=$work/lists"
    -o "Dir::Cache=$work" -o Acquire::Retries=2 -o Acquire::http::Timeout=30)
  if (cd "$work" && "${apt[@]}" update && "${apt[@]}" source --download-only libisal &&
    tar -xf libisal_*.orig.tar.* && cd libisal-*/ &&
    make -f Makefile.unx units=igzip lib && cp bin/isa-l.a "$cache/isal/libisal.a") \
    >"$work/log" 2>&1; then
    say "made $cache/isal/libisal.a"
  else
    tail -n 5 "$work/log" >&2
    say "going on without a static ISA-L (see above); wsproof needs the shared one then"
  fi
  rm -rf "$work"
}

# The npm packages that tests use, unless they are as package-lock.json says.
install_npm_packages() {
  local folder lock
  for folder in reports/browser_test conformance/endpoints/ws; do
    lock=$root/$folder/package-lock.json
    if [[ ! -e $lock || $root/$folder/node_modules/.package-lock.json -nt $lock ]]; then continue; fi
    if [[ -n ${WSPROOF_NO_INSTALL:-} ]]; then
      fail "$exit_broken" "$folder has no node_modules, and WSPROOF_NO_INSTALL is set." \
        "Run by hand: npm ci --prefix $folder"
    fi
    say "installing with npm: the packages of $folder"
    # Chromium is Debian's, so nothing is to be downloaded beside the packages.
    if ! PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 \
      npm ci --prefix "$root/$folder" --no-audit --no-fund >&2; then
      fail "$exit_broken" "npm failed (see above; is there a network?)." \
        "Run by hand: npm ci --prefix $folder"
    fi
    touch "$root/$folder/node_modules/.package-lock.json"
  done
}

# setup GROUP...: installs what these groups of packages.txt need and the machine lacks.
setup() {
  local -a missing=()
  mapfile -t missing < <(missing_packages "$@")
  if ((${#missing[@]} > 0)); then install_packages "${missing[@]}"; fi
  if [[ " $* " == *" build "* ]]; then install_static_isal; fi
  if [[ " $* " == *" test "* ]]; then install_npm_packages; fi
}
