#!/bin/sh
# Runs in a Debian whose first process is systemd. It installs a server by hand, then the
# package over it, and goes on as an operator does. "passed" is its last word.
set -eux

older=$(echo /opt/older/*.deb)
newer=$(echo /opt/newer/*.deb)
data=/var/lib/pagesession

# true: does not fail for a number that is missing
owner() { getent "$@" passwd pagesession | cut -d: -f3 || true; }
active() { [ "$(systemctl is-active pagesession)" = "$1" ]; }
process() { systemctl show --property MainPID --value pagesession; }
data_there() { pagesession users list --data-dir "$data" | grep ada; }

: the server by hand, with a dynamic user
install /opt/pagesession /usr/local/bin/
cp /opt/pagesession.service /etc/systemd/system/
systemctl daemon-reload
systemctl start pagesession
PAGESESSION_SUPERUSER_PASSWORD='nine green apples' pagesession createsuperuser --noinput --username ada --email '' --data-dir "$data"
[ "$(owner)" -ge 61184 ]
[ "$(readlink "$data")" = private/pagesession ]

: the package over it
dpkg --install "$older"
[ "$(owner -s files)" -lt 1000 ]
[ "$(owner)" = "$(owner -s files)" ]
active active
data_there
rm /etc/systemd/system/pagesession.service /usr/local/bin/pagesession
systemctl daemon-reload
systemctl restart pagesession
[ ! -L "$data" ]
[ "$(stat -c '%U %a' "$data" "$data/secret.key" | xargs)" = 'pagesession 700 pagesession 600' ]
[ "$(readlink "/proc/$(process)/exe")" = /usr/bin/pagesession ]
[ "$(stat -c %U "/proc/$(process)")" = pagesession ]
data_there

: an upgrade and a downgrade restart the server
systemctl enable pagesession pagesession.socket
before=$(process)
dpkg --install "$newer"
[ "$(process)" != "$before" ]
active active
before=$(process)
dpkg --install "$older"
[ "$(process)" != "$before" ]
active active
data_there

: a stopped server stays stopped
systemctl stop pagesession
dpkg --install "$newer"
active inactive
systemctl start pagesession
data_there

: with the socket, as well
systemctl stop pagesession
systemctl start pagesession.socket pagesession
dpkg --install "$older"
active active
[ "$(systemctl is-active pagesession.socket)" = active ]
data_there

: a removal stops and disables it, and keeps the data
dpkg --remove pagesession
active inactive
[ ! -e /etc/systemd/system/multi-user.target.wants/pagesession.service ]
[ ! -e /etc/systemd/system/sockets.target.wants/pagesession.socket ]
[ -e "$data/accounts.sqlite" ]
dpkg --purge pagesession
[ ! -e "$data" ]
[ ! -e /etc/pagesession.env ]
echo passed
