#!/bin/sh
# Makes sure that the browser tests find Chromium: Debian's own, installed when it is absent.
set -eu

if [ -n "${CHROMIUM:-}" ]; then
  command -v "$CHROMIUM" > /dev/null && exit 0
  echo "CHROMIUM=$CHROMIUM: no such program" >&2
  exit 1
fi
command -v chromium > /dev/null && exit 0

as_root=""
if [ "$(id -u)" != 0 ]; then
  as_root="sudo -n"
fi
if ! command -v apt-get > /dev/null || ! $as_root true 2> /dev/null; then
  echo "The browser tests need Chromium, and it cannot be installed from here. As root:" >&2
  echo "  apt-get install chromium" >&2
  echo "or name the program that there is: CHROMIUM=/path/to/chromium make test" >&2
  exit 1
fi

echo "Installing Chromium for the browser tests ..."
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get -qq update
$as_root apt-get -qq --yes --no-install-recommends install chromium > /dev/null
command -v chromium > /dev/null
