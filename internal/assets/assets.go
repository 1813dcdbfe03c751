// Package assets has the embedded static files, compressed, under their plain names and
// under names with a hash. Routes serve them, and pages link to them.
package assets

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"sync"

	"github.com/gofiber/fiber/v2"

	"pagesession/views"
)

// Files has the static files by URL path. Browsers keep a file for minutes under its plain
// name and forever under the name with the hash of its content. Files is immutable.
type Files map[string]*File

// A File is a static file in memory, compressed once. All responses share its bodies.
type File struct {
	kind, cache string
	encodings   []encoding // the smallest first, the uncompressed file last
	hashed      string     // URL path with the hash; "" if there is none
	integrity   string     // the digest for browsers, of scripts and stylesheets; "" for others
	stays       bool       // it takes the server's address from its own, so it is loaded from here
}

// Body returns the uncompressed file. The caller must not change it.
func (a *File) Body() []byte { return a.encodings[len(a.encodings)-1].body }

const (
	briefly = "public, max-age=300"
	forever = "public, max-age=31536000, immutable"
)

// Load returns the embedded files. The first call compresses them; later calls return the
// same Files.
var Load = sync.OnceValues(load)

func load() (Files, error) {
	files := Files{}
	entries, err := fs.ReadDir(views.Static, "static")
	if err != nil {
		return nil, fmt.Errorf("read static files: %w", err)
	}
	for _, entry := range entries {
		body, err := views.Static.ReadFile("static/" + entry.Name())
		if err != nil {
			return nil, fmt.Errorf("read static files: %w", err)
		}
		if err := files.add(entry.Name(), body); err != nil {
			return nil, fmt.Errorf("compress static file %q: %w", entry.Name(), err)
		}
	}
	return files, files.add("console.js", consoleScript())
}

// add adds a file under its URL paths. robots.txt has only its fixed name, and
// favicon.svg is also /favicon.ico.
func (a Files) add(name string, body []byte) error {
	ext := path.Ext(name)
	digest := sha256.Sum256(body)
	sum := hex.EncodeToString(digest[:6])
	forms, err := encodings(body, sum)
	if err != nil {
		return err
	}
	file := &File{kind: kinds[ext], cache: briefly, encodings: forms, stays: bytes.Contains(body, []byte("import.meta.url"))}
	if ext == ".js" || ext == ".css" {
		digest := sha512.Sum384(body)
		file.integrity = "sha384-" + base64.StdEncoding.EncodeToString(digest[:])
	}
	if name == "robots.txt" {
		a["/robots.txt"] = file
		return nil
	}
	if name == "favicon.svg" {
		a["/favicon.ico"] = file
	}
	file.hashed = folder + strings.TrimSuffix(name, ext) + "-" + sum + ext
	a[folder+name] = file
	a[file.hashed] = &File{kind: file.kind, cache: forever, encodings: forms}
	return nil
}

// Names returns a replacer from the plain URL paths in a text to those with the hash.
func (a Files) Names() *strings.Replacer {
	var pairs []string
	for plain, file := range a {
		if file.hashed != "" && strings.HasPrefix(plain, folder) {
			pairs = append(pairs, plain, file.hashed)
		}
	}
	return strings.NewReplacer(pairs...)
}

// Serve answers with the encoding that the browser prefers, or with 304 if the browser has
// the file already. It does not look at the URL.
func (a *File) Serve(c *fiber.Ctx) error {
	e := accepted(a.encodings, c.Get(fiber.HeaderAcceptEncoding))
	c.Set(fiber.HeaderCacheControl, a.cache)
	c.Set(fiber.HeaderETag, e.etag)
	if len(a.encodings) > 1 {
		c.Vary(fiber.HeaderAcceptEncoding)
	}
	if unchanged(c.Get(fiber.HeaderIfNoneMatch), e.etag) {
		c.Status(fiber.StatusNotModified)
		return nil
	}
	c.Set(fiber.HeaderContentType, a.kind)
	if e.name != "" {
		c.Set(fiber.HeaderContentEncoding, e.name)
	}
	c.Response().SetBodyRaw(e.body)
	return nil
}

// kinds has the content types. Those of package mime depend on the machine.
var kinds = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml; charset=utf-8",
	".txt": "text/plain; charset=utf-8",
}
