#!/bin/sh
# After a removal or an upgrade, of the package for Debian and of the rpm. Data and settings
# stay, unless Debian purges the package. The user stays in any case: its number would go to
# another user, who could read backups in other folders.
set -e

if [ "$1" = purge ]; then
	# If the first is a link, what it leads to stays, except for the data of DynamicUser=.
	rm -rf /var/lib/pagesession /var/lib/private/pagesession ||
		echo "pagesession: remove the rest of /var/lib/pagesession by hand" >&2
	rm -f /etc/pagesession.env
fi
if [ -d /run/systemd/system ] && command -v systemctl >/dev/null; then
	systemctl daemon-reload || :
fi
