#!/bin/sh
# After an installation, an upgrade or a downgrade, of the package for Debian and of the rpm. It
# makes what is missing and leaves what is there. Installing starts no server.
set -e

user=pagesession
data=/var/lib/pagesession
settings=/etc/pagesession.env

systemd_runs() {
	[ -d /run/systemd/system ] && command -v systemctl >/dev/null
}

# A server whose unit has DynamicUser= lends its user the name while it runs, with a number
# from 61184 to 65519. It stops for the moment in which the name gets a user that stays.
number=$(id -u "$user" 2>/dev/null) || number=
start=
if [ -n "$number" ] && [ "$number" -ge 61184 ] && [ "$number" -le 65519 ] && systemd_runs; then
	for unit in pagesession.socket pagesession.service; do
		if systemctl is-active --quiet "$unit"; then start="$start $unit"; fi
	done
	systemctl stop pagesession.socket pagesession.service || :
	number=
fi
if [ -z "$number" ]; then
	groupadd --system --force "$user"
	useradd --system --gid "$user" --home-dir "$data" --no-create-home --shell /usr/sbin/nologin "$user"
fi

if [ -L "$data" ]; then
	: # of a server with DynamicUser=: systemd moves the data here when this package's unit starts
elif [ ! -e "$data" ]; then
	install -d -m 0700 -o "$user" -g "$(id -g "$user")" "$data"
elif [ ! -d "$data" ]; then
	echo "pagesession: $data is not a folder, and the server will not start; move it away and install the package again" >&2
elif [ "$(stat -c %u "$data")" = 0 ]; then
	chown -R -h "$user:" "$data"
	chmod 0700 "$data"
fi

if [ ! -e "$settings" ] && [ ! -L "$settings" ]; then
	/usr/bin/pagesession config init "$settings" ||
		echo "pagesession: to write $settings run: pagesession config init $settings" >&2
fi

if [ -f /etc/systemd/system/pagesession.service ] && [ ! -L /etc/systemd/system/pagesession.service ]; then
	echo "pagesession: /etc/systemd/system/pagesession.service counts instead of the package's unit; remove it to use that one" >&2
fi
if systemd_runs; then
	systemctl daemon-reload || :
	# A start without Redis takes as long as Redis is away, and the installation does not wait for it.
	if [ -n "$start" ]; then
		timeout 100 systemctl start $start
	else
		timeout 100 systemctl try-restart pagesession.service
	fi || echo "pagesession: the server does not answer yet; see: systemctl status pagesession" >&2
fi
