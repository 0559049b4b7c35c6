#!/usr/bin/env bash
# `make test`: finds or installs a browser, says loudly when there is none, and runs the tests.
set -eu
cd "$(dirname "$0")/.."

install() { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@" >/dev/null; }
find_browser() { command -v chromium || command -v chromium-browser || command -v google-chrome || true; }

browser=$(find_browser)
can_install=$([ "$(id -u)" = 0 ] && command -v apt-get || true)
if [ -z "$browser" ] && [ -n "$can_install" ]; then
  echo "Setting up: Chromium, for the browser tests"
  install chromium || true
  browser=$(find_browser)
fi
if [ -n "$can_install" ] && ! command -v cc >/dev/null; then
  echo "Setting up: a C compiler, for the test of a clock that jumps"
  install gcc libc6-dev || true
fi
left_out() {
  printf '%s\n' "" "************************************************************************" \
    "NO BROWSER WAS FOUND: the browser tests were left out." \
    "Install Chromium (Debian, Ubuntu: sudo apt install chromium) and run make test again." \
    "************************************************************************"
}
choice=()
if [ -z "$browser" ]; then
  left_out
  [ "${CI:-}" = true ] && exit 1
  choice=(-m "not browser")
fi
code=0
BROWSER_PATH="$browser" .venv/bin/python -m pytest ${choice[@]+"${choice[@]}"} "$@" || code=$?
[ -n "$browser" ] || left_out
exit $code
