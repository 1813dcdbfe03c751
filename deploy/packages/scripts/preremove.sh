#!/bin/sh
# Before a removal or an upgrade, of the package for Debian and of the rpm. During an upgrade
# the running server goes on until the new program is there.
set -e

case "$1" in
remove | 0) ;;
*) exit 0 ;;
esac
command -v systemctl >/dev/null || exit 0
if [ -d /run/systemd/system ]; then
	systemctl stop pagesession.socket pagesession.service || :
fi
# This also works where systemd does not run.
systemctl --no-reload disable pagesession.socket pagesession.service >/dev/null 2>&1 || :
