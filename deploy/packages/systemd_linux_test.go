package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// dynamicUser is the first number that systemd gives to a user of DynamicUser=.
const dynamicUser = 61184

// systemctl notes its arguments. A stop ends the dynamic user, as systemd does.
const systemctl = `#!/bin/sh
echo "$*" >>/run/calls
case "$1" in
is-active) grep -qx "$3" /run/active ;;
stop) sed -i '/^pagesession:x:61184:/d' /etc/passwd ;;
*start) [ ! -e /run/fails ] ;;
esac
`

// A fakeSystemd stands for systemd in a root, where it does not run.
type fakeSystemd struct{ root }

func (r root) fakeSystemd(t *testing.T) fakeSystemd {
	t.Helper()
	if err := os.Rename(r.path("/usr/bin/systemctl"), r.path("/usr/bin/systemctl.real")); err != nil {
		t.Fatal(err)
	}
	r.write(t, "/usr/bin/systemctl", systemctl, 0o755)
	r.write(t, "/run/systemd/system/x", "", 0o644)
	r.write(t, "/run/active", "", 0o644)
	return fakeSystemd{r}
}

// runs has a unit run with a dynamic user.
func (s fakeSystemd) runs(t *testing.T, unit string) {
	t.Helper()
	s.write(t, "/run/active", unit+"\n", 0o644)
	passwd := s.read(t, "/etc/passwd") + fmt.Sprintf("pagesession:x:%d:%d::/:/usr/sbin/nologin\n", dynamicUser, dynamicUser)
	s.write(t, "/etc/passwd", passwd, 0o644)
}

// fail has each start fail.
func (s fakeSystemd) fail(t *testing.T) {
	t.Helper()
	s.write(t, "/run/fails", "", 0o644)
}

// wantCalls fails the test unless these are the calls since the last time.
func (s fakeSystemd) wantCalls(t *testing.T, want ...string) {
	t.Helper()
	got := strings.Split(strings.TrimSpace(s.read(t, "/run/calls")), "\n")
	if !slices.Equal(got, want) {
		t.Errorf("calls of systemctl: %q; want %q", got, want)
	}
	if err := os.Remove(s.path("/run/calls")); err != nil {
		t.Fatal(err)
	}
}
