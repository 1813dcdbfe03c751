package rules

import (
	"strings"
	"testing"
	"time"
)

// The server is started again after each failure, however often: a disk that is full
// or absent for a night must not use up a limit of starts, which a person would have
// to reset. A pause keeps that cheap.
func TestUnit_RestartsWithoutLimit(t *testing.T) {
	unit := settings(read(t, "deploy/pagesession.service"))
	for name, want := range map[string]string{"Unit.StartLimitIntervalSec": "0", "Service.Restart": "on-failure", "Service.RestartPreventExitStatus": "2"} {
		if unit[name] != want {
			t.Errorf("%s = %q; want %q", name, unit[name], want)
		}
	}
	if pause, err := time.ParseDuration(unit["Service.RestartSec"]); err != nil || pause < time.Second || pause > 10*time.Second {
		t.Errorf("Service.RestartSec = %q (%v); want 1s to 10s", unit["Service.RestartSec"], err)
	}
	// TimeoutStopSec is above the 5 s that a stop may take.
	if stop, err := time.ParseDuration(unit["Service.TimeoutStopSec"]); err != nil || stop <= 5*time.Second {
		t.Errorf("Service.TimeoutStopSec = %q (%v); want more than 5s", unit["Service.TimeoutStopSec"], err)
	}
}

// The server may bind ports 80 and 443, and has no other power of root. A reload reloads
// certificates.
func TestUnit_PortsAndReload(t *testing.T) {
	unit := settings(read(t, "deploy/pagesession.service"))
	for name, want := range map[string]string{
		"Service.AmbientCapabilities": "CAP_NET_BIND_SERVICE", "Service.CapabilityBoundingSet": "CAP_NET_BIND_SERVICE",
		"Service.NoNewPrivileges": "yes", "Service.DynamicUser": "yes", "Service.ExecReload": "/bin/kill -HUP $MAINPID",
	} {
		if unit[name] != want {
			t.Errorf("%s = %q; want %q", name, unit[name], want)
		}
	}
}

// systemd waits for the server's own word, and watches it. A socket unit is for the default
// address, and for this service.
func TestUnit_Notifies(t *testing.T) {
	unit := settings(read(t, "deploy/pagesession.service"))
	for name, want := range map[string]string{"Service.Type": "notify", "Service.NotifyAccess": "main"} {
		if unit[name] != want {
			t.Errorf("%s = %q; want %q", name, unit[name], want)
		}
	}
	// The server is asked three times in this time, also on a busy machine.
	if watchdog, err := time.ParseDuration(unit["Service.WatchdogSec"]); err != nil || watchdog < 30*time.Second {
		t.Errorf("Service.WatchdogSec = %q (%v); want at least 30s", unit["Service.WatchdogSec"], err)
	}
	// The server asks for more time each 5 s.
	if start, err := time.ParseDuration(unit["Service.TimeoutStartSec"]); err != nil || start < 30*time.Second {
		t.Errorf("Service.TimeoutStartSec = %q (%v); want at least 30s", unit["Service.TimeoutStartSec"], err)
	}
	socket := settings(read(t, "deploy/pagesession.socket"))
	for name, want := range map[string]string{
		"Socket.ListenStream": "127.0.0.1:8000", "Socket.FileDescriptorName": "http", "Socket.Service": "pagesession.service", "Install.WantedBy": "sockets.target",
	} {
		if socket[name] != want {
			t.Errorf("%s = %q; want %q", name, socket[name], want)
		}
	}
}

// settings returns the settings of a unit as SECTION.NAME.
func settings(unit string) map[string]string {
	all, section := map[string]string{}, ""
	for line := range strings.Lines(unit) {
		line = strings.TrimSpace(line)
		if name, ok := strings.CutPrefix(line, "["); ok {
			section = strings.TrimSuffix(name, "]")
		}
		if name, value, ok := strings.Cut(line, "="); ok && !strings.HasPrefix(line, "#") {
			all[section+"."+name] = value
		}
	}
	return all
}
