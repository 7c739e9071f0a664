#!/usr/bin/env bash
# The suite on days, at hours and in time zones on which a test fails that did not think of them. With arguments
# (TZ, "YYYY-MM-DD hh:mm" there), on that one alone. Needs Debian's faketime; `make test-all` installs it.
set -euo pipefail
cd "$(dirname "$0")/../.."
make .venv/dev.stamp /usr/bin/chromium-headless-shell # under the real clock
unset DATABASE_URL # a database server would go by its own clock

failed=()
suite_on() { # TZ, day and time
  echo "== $2 in $1"
  # Python measures its timeouts by a clock that has to stay real.
  TZ="$1" FAKETIME_DONT_FAKE_MONOTONIC=1 PYTHONPATH="$PWD/tests/odd_days" faketime "$2" make -o .venv/dev.stamp test || failed+=("$2 in $1")
}

if [ $# = 2 ]; then
  suite_on "$1" "$2"
else
  suite_on UTC "2027-02-28 23:40" # a Sunday, the last day of February
  suite_on UTC "2028-02-29 12:00"
  suite_on UTC "2027-12-31 23:40"
  suite_on UTC "2028-01-01 00:20"
  suite_on UTC "2027-03-14 10:30" # America's clocks have just gone forward
  suite_on UTC "2027-11-07 09:30" # and back
  suite_on UTC "2027-03-28 01:30" # Europe's
  suite_on UTC "2027-10-31 01:30"
  suite_on UTC "2027-11-25 15:00" # Thanksgiving
  suite_on UTC "2032-02-29 18:00" # beyond the calendars that tests of 2026 make; a Sunday
  suite_on America/Los_Angeles "2027-07-04 22:00" # tomorrow in UTC
  suite_on Pacific/Auckland "2027-06-01 00:30" # still yesterday in UTC
fi
[ ${#failed[@]} = 0 ] || { printf 'Failed on %s\n' "${failed[@]}"; exit 1; }
