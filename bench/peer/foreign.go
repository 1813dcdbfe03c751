package peer

import (
	"context"
	_ "embed"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"time"
)

// The servers in other languages.
var (
	//go:embed django/app.py
	djangoApp []byte
	//go:embed express/server.js
	expressServer []byte
)

// djangoPython is Debian's Python, which has Django and gunicorn as packages.
const djangoPython = "/usr/bin/python3"

// prepareDjango checks that Debian's python3-django and gunicorn are installed.
func prepareDjango(ctx context.Context) error {
	out, err := exec.CommandContext(ctx, djangoPython, "-c", "import django, gunicorn").CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s has no Django and gunicorn; install the packages python3-django and gunicorn: %w: %s", djangoPython, err, out)
	}
	return installed("sh")
}

// startDjango starts gunicorn with the workers that its documentation recommends.
func startDjango(ctx context.Context, _ Workshop, dir string) (Server, error) {
	if err := os.WriteFile(filepath.Join(dir, "app.py"), djangoApp, 0o600); err != nil {
		return Server{}, err
	}
	return startAt(ctx, "/get/", func(addr string) (*Process, error) {
		return start(dir, "sh", guard("TERM", djangoPython, "-m", "gunicorn", "--preload",
			"--workers", strconv.Itoa(2*runtime.NumCPU()+1), "--bind", addr, "app:application")...)
	})
}

// npmTimeout bounds the installation of Express.
const npmTimeout = 2 * time.Minute

// prepareExpress installs Express with npm at the first use, into the user's cache folder.
func prepareExpress(ctx context.Context) error {
	if err := installed("node", "npm"); err != nil {
		return err
	}
	dir, err := expressFolder()
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "server.js"), expressServer, 0o600); err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(dir, "node_modules", "express-session")); err == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, npmTimeout)
	defer cancel()
	out, err := exec.CommandContext(ctx, "npm", "install", "--prefix", dir, "--no-audit", "--no-fund", "express@5", "express-session@1").CombinedOutput()
	if err != nil {
		return fmt.Errorf("install Express with npm: %w: %.300s", err, out)
	}
	return nil
}

func expressFolder() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find a folder for Express: %w", err)
	}
	dir := filepath.Join(cache, "pagesession-bench", "express")
	return dir, os.MkdirAll(dir, 0o755)
}

// startExpress starts one process of Node, because a memory store belongs to one process.
func startExpress(ctx context.Context, _ Workshop, dir string) (Server, error) {
	home, err := expressFolder()
	if err != nil {
		return Server{}, err
	}
	return startAt(ctx, "/get/", func(addr string) (*Process, error) {
		_, port, err := net.SplitHostPort(addr)
		if err != nil {
			return nil, err
		}
		return start(dir, "node", filepath.Join(home, "server.js"), port)
	})
}
