package web

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/gofiber/fiber/v2"

	"pagesession/views"
)

// assets are the static files by URL path. Each is there under its plain name,
// for a short while, and under a name with its content's hash, for ever.
type assets map[string]asset

// An asset is one file in memory. Its body is shared with all responses.
type asset struct {
	kind, cache string
	body        []byte
	hashed      string // the lasting URL of the same file
}

const (
	briefly = "public, max-age=300"
	forever = "public, max-age=31536000, immutable"
)

// loadAssets reads the embedded files once.
func loadAssets() (assets, error) {
	files := assets{}
	entries, err := fs.ReadDir(views.Static, "static")
	if err != nil {
		return nil, fmt.Errorf("read static files: %w", err)
	}
	for _, entry := range entries {
		body, err := views.Static.ReadFile("static/" + entry.Name())
		if err != nil {
			return nil, fmt.Errorf("read static files: %w", err)
		}
		files.add(entry.Name(), body)
	}
	return files, nil
}

// add gives a file its URLs. The two that are asked for by fixed names at the
// root have no hash.
func (a assets) add(name string, body []byte) {
	ext := path.Ext(name)
	file := asset{kind: kinds(ext), cache: briefly, body: body}
	if name == "robots.txt" {
		a["/robots.txt"] = file
		return
	}
	if name == "favicon.svg" {
		a["/favicon.ico"] = file
	}
	sum := sha256.Sum256(body)
	file.hashed = "/static/" + strings.TrimSuffix(name, ext) + "-" + hex.EncodeToString(sum[:6]) + ext
	a["/static/"+name] = file
	a[file.hashed] = asset{kind: file.kind, cache: forever, body: body}
}

// hashedNames replaces the plain URLs in a text by the lasting ones.
func (a assets) hashedNames() *strings.Replacer {
	var pairs []string
	for plain, file := range a {
		if file.hashed != "" && strings.HasPrefix(plain, "/static/") {
			pairs = append(pairs, plain, file.hashed)
		}
	}
	return strings.NewReplacer(pairs...)
}

func (a asset) serve(c *fiber.Ctx) error {
	c.Set(fiber.HeaderContentType, a.kind)
	c.Set(fiber.HeaderCacheControl, a.cache)
	c.Response().SetBodyRaw(a.body)
	return nil
}

func kinds(ext string) string {
	switch ext {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml; charset=utf-8"
	default:
		return "text/plain; charset=utf-8"
	}
}
