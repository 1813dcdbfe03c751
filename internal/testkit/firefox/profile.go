package firefox

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"pagesession/internal/testkit/unprivileged"
)

// settings make a quiet browser. WebDriver's own defaults already turn off most of what a
// browser does by itself, such as updates and the first-run pages.
var settings = map[string]any{
	// Each address but this machine's goes through a proxy that does not exist.
	"network.proxy.type": 1,
	"network.proxy.http": "127.0.0.1", "network.proxy.http_port": 9,
	"network.proxy.ssl": "127.0.0.1", "network.proxy.ssl_port": 9,
	"network.proxy.no_proxies_on": "127.0.0.1, localhost",

	"app.normandy.enabled":                        false, // experiments
	"messaging-system.rsexperimentloader.enabled": false,
	"browser.cache.disk.enable":                   false,
	"dom.ipc.processPrelaunch.enabled":            false, // each takes a processor for a second
	"intl.accept_languages":                       "en-US, en",
}

// newProfile makes a folder with these settings, for the user that runs the browser.
func newProfile() (dir string, err error) {
	dir, err = os.MkdirTemp("", "firefox")
	if err != nil {
		return "", err
	}
	var lines []string
	for name, value := range settings {
		lines = append(lines, fmt.Sprintf("user_pref(%q, %#v);\n", name, value))
	}
	slices.Sort(lines)
	file := filepath.Join(dir, "user.js")
	err = errors.Join(os.WriteFile(file, []byte(strings.Join(lines, "")), 0o600), unprivileged.Own(file), unprivileged.Own(dir))
	return dir, err
}
