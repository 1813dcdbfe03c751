package onemachine

import (
	"errors"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
)

// installed returns the path of a program. Debian keeps some in folders that are not in every
// PATH.
func installed(name, debianPackage string) (string, error) {
	for _, path := range []string{name, "/usr/sbin/" + name, "/usr/local/sbin/" + name} {
		if found, err := exec.LookPath(path); err == nil {
			return found, nil
		}
	}
	return "", fmt.Errorf("%s is not installed; on Debian: apt-get install %s", name, debianPackage)
}

// postgresProgram returns the path of a program of the newest PostgreSQL. Debian keeps those
// of each version in a folder of its own.
func postgresProgram(name string) (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if err != nil || len(found) == 0 {
		return installed(name, "postgresql")
	}
	version := func(path string) int {
		n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path)))) // 0 for a name of another form
		return n
	}
	return slices.MaxFunc(found, func(a, b string) int { return version(a) - version(b) }), nil
}

// freeAddr returns an address of the loopback that was free a moment ago.
func freeAddr() (string, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	defer func() { _ = ln.Close() }()
	return ln.Addr().String(), nil
}

// Installed returns an error for each program that is missing, with what to install.
func Installed() error {
	_, err1 := installed("redis-server", "redis-server")
	_, err2 := postgresProgram("postgres")
	_, err3 := postgresProgram("initdb")
	_, err4 := installed("nginx", "nginx-light")
	return errors.Join(err1, err2, err3, err4)
}
