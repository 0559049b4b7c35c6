#!/usr/bin/env bash
# `make test`: finds or installs what tests need, says loudly what is left out without it, and runs them.
set -eu
cd "$(dirname "$0")/.."

install() { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@" >/dev/null; }
# The headless shell is Chromium without its windows: a page costs half of the processor time.
find_browser() {
  command -v chromium-headless-shell || command -v chromium || command -v chromium-browser ||
    command -v google-chrome || true
}

browser=$(find_browser)
can_install=$([ "$(id -u)" = 0 ] && command -v apt-get || true)
if [ -z "$browser" ] && [ -n "$can_install" ]; then
  echo "Setting up: Chromium, for the browser tests"
  install chromium-headless-shell || install chromium || true
  browser=$(find_browser)
fi
if [ -n "$can_install" ] && ! command -v cc >/dev/null; then
  echo "Setting up: a C compiler, for the test of a clock that jumps"
  install gcc libc6-dev || true
fi
if [ -n "$can_install" ] && ! command -v ip >/dev/null; then
  echo "Setting up: ip, for the test of several hosts"
  install iproute2 || true
fi
left_out=()
why_hosts=$(.venv/bin/python -m tests.support.hosts 2>&1) || left_out+=(hosts)
why=$(.venv/bin/python -m tests.support.disasters 2>&1) || left_out+=(disaster)
[ -n "$browser" ] || left_out+=(browser)
tell() {
  [ ${#left_out[@]} = 0 ] && return
  printf '%s\n' "" "************************************************************************"
  for what in "${left_out[@]}"; do
    case $what in
      browser) printf '%s\n' "NO BROWSER WAS FOUND: the browser tests were left out." \
        "Install Chromium (Debian, Ubuntu: sudo apt install chromium) and run make test again." ;;
      hosts) printf '%s\n' "SEVERAL HOSTS COULD NOT BE MADE HERE: their test was left out ($why_hosts)." \
        "Run make test as root on Linux, where network namespaces are allowed." ;;
      disaster) printf '%s\n' "A full disk, a clock that jumps and memory that runs out COULD NOT BE MADE HERE:" \
        "their tests were left out ($why)." "Run make test as root on Linux, with a C compiler (sudo apt install gcc)." ;;
    esac
  done
  printf '%s\n' "************************************************************************"
}
choice=()
if [ ${#left_out[@]} != 0 ]; then
  tell
  # Containers may forbid network namespaces: the test of several hosts alone may be left out in CI.
  [ "${CI:-}" = true ] && [ "${left_out[*]}" != hosts ] && exit 1
  choice=(-m "not $(printf '%s' "${left_out[*]}" | sed 's/ / and not /g')")
fi
# Tests wait more than they compute. Each of the processes has a data folder and a broker of its own. How the tests are
# dealt out to them: tests/support/distribution.py
[ $# = 0 ] && choice+=(-n "${TEST_PROCESSES:-3}" --dist loadfile --no-loadscope-reorder)
run=(.venv/bin/python -m pytest)
[ -z "${COVERAGE:-}" ] || run=(.venv/bin/coverage run -m pytest)
code=0
BROWSER_PATH="$browser" "${run[@]}" ${choice[@]+"${choice[@]}"} "$@" || code=$?
tell
exit $code
