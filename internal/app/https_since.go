package app

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"pagesession/internal/disk"
)

// httpsSinceFile has the time of the first start with https, in the form of RFC 3339.
const httpsSinceFile = "https-since"

// longestCookie is how long browsers keep a cookie at most.
const longestCookie = 400 * 24 * time.Hour

// plainNameUntil returns until when a visitor's cookie of plain http counts over https: one
// absolute timeout after the first start with https, because later no session of before is
// left. It is zero without https, and when that start is unknown.
func (a *app) plainNameUntil(now time.Time) time.Time {
	if !a.cfg.ServesHTTPS() {
		return time.Time{}
	}
	since, err := httpsSince(a.cfg.DataDir, now)
	if err != nil {
		a.log.Warn("visitors' cookies from before https may not count any more", slog.Any("error", err))
	}
	if since.IsZero() {
		return time.Time{}
	}
	if a.cfg.AbsoluteTimeout == 0 {
		return since.Add(longestCookie)
	}
	return since.Add(a.cfg.AbsoluteTimeout)
}

// httpsSince returns the time of the first start with https, at most now. The first call
// for a data folder writes it. If that fails, it returns now and the error, and the next
// start tries again. If the file cannot be read, it returns the zero time and the error.
func httpsSince(dir string, now time.Time) (time.Time, error) {
	path := filepath.Join(dir, httpsSinceFile)
	text, err := readStart(path)
	if errors.Is(err, fs.ErrNotExist) {
		return now, disk.WriteFile(path, []byte(now.UTC().Format(time.RFC3339)+"\n"))
	}
	if err != nil {
		return time.Time{}, err
	}
	since, err := time.Parse(time.RFC3339, strings.TrimSpace(text))
	if err != nil {
		return time.Time{}, fmt.Errorf("%q has no time such as 2026-11-29T12:00:00Z; write the time of the first start with https into it", path)
	}
	if since.After(now) {
		return now, nil
	}
	return since, nil
}

// readStart reads the first 64 bytes of a file, which is more than a time has. It reads no
// link, and no pipe, which may never end.
func readStart(path string) (string, error) {
	if err := disk.CheckOwn(path); err != nil {
		return "", err
	}
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, 64))
	return string(text), err
}
