#!/bin/sh
# Load /get/ with hey and one live session, and check that it lived to the end.
#
#   bench/hey.sh [URL [SECONDS [CONNECTIONS]]]
#   bench/hey.sh http://127.0.0.1:8000 10 64
#
# hey looks at no body and ignores Set-Cookie, and a lost session is answered
# with 200. So the session is looked at with curl before and after: one that
# was lost never comes back, and one that lives at the end lived all along.
#
# hey takes a header as an argument only, and arguments are for every user of
# this machine to read while it runs. The id is of a session that was made for
# this and is gone 20 s later. Do not put the id of a real one there; for many
# ids, and none in arguments, there is bench/wrk/refresh.lua.
#
# Leaves with 1 when the session was lost or an answer was not 200.
set -eu

url=${1:-http://127.0.0.1:8000}
seconds=${2:-10}
connections=${3:-64}
marker='Your name from the session'

die() { echo "hey.sh: $*" >&2; exit 1; }

for tool in curl hey awk; do
  command -v "$tool" >/dev/null || die "needs $tool, which is not installed"
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

lives || die "the session was lost under way: the figures above are worth nothing"
grep -q '\[200\]' "$dir/out" || die "no answer was 200"
if grep -Eq '^ *\[[1345][0-9][0-9]\]|Error distribution' "$dir/out"; then
  die "some answers were not 200, see above"
fi
echo "The session lived to the end; every answer was 200."
