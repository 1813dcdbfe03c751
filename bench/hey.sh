#!/bin/sh
# Load /get/ with hey and one session, and check that it was live to the end.
#
#   bench/hey.sh [URL [SECONDS [CONNECTIONS]]]
#   bench/hey.sh http://127.0.0.1:8000 10 64
#
# hey ignores bodies and Set-Cookie, and the answer to a lost session has status
# 200. So curl checks the session before and after: a lost session stays lost,
# and one that is live at the end was live all the time.
#
# hey takes the cookie as an argument, which every user of this machine can
# read. So the script creates a session for the run, which expires 20 s later.
# Use bench/wrk/refresh.lua for real ids: it reads them from a file.
#
# The exit code is 1 when the session was lost or an answer was not 200.
set -eu

url=${1:-http://127.0.0.1:8000}
seconds=${2:-10}
connections=${3:-64}
marker='Your name from the session'

die() { echo "hey.sh: $*" >&2; exit 1; }

for tool in curl hey awk; do
  command -v "$tool" >/dev/null || die "$tool is not installed; install it and run this again"
done

umask 077
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM

lives() { curl -fsS -m 5 -b "$dir/jar" "$url/get/" | grep -q "$marker"; }

curl -fsS -m 5 -o /dev/null -c "$dir/jar" "$url/set/" || die "no session from $url/set/"
id=$(awk '$6 == "sessionid" { print $7 }' "$dir/jar")
[ -n "$id" ] || die "$url/set/ set no cookie sessionid"
lives || die "the new session is not live"

hey -z "${seconds}s" -c "$connections" -H "Cookie: sessionid=$id" "$url/get/" >"$dir/out"
cat "$dir/out"

lives || die "the session was lost during the load; discard the figures above"
grep -q '\[200\]' "$dir/out" || die "no answer was 200"
if grep -Eq '^ *\[[1345][0-9][0-9]\]|Error distribution' "$dir/out"; then
  die "some answers were not 200, see above"
fi
echo "The session was live to the end; every answer was 200."
