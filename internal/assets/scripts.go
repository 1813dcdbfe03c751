package assets

import (
	"bytes"
	"fmt"
	"maps"

	"pagesession/session"
	"pagesession/views"
)

// PagesScript returns the script of the visitors' pages: the element <session-clock>, how
// typed text is kept, the texts of both, a JSON object, what the pages add, and the stream.
func PagesScript(texts []byte) []byte {
	words := fmt.Appendf(nil, "Object.assign(SessionClock.texts, %s);\n", texts)
	return bytes.Join([][]byte{session.ClockScript(), part("typed"), words, part("pages"), part("stream")}, nil)
}

// consoleScript returns the script of the console's pages: the element, how typed text is kept,
// what the pages add, and the stream.
func consoleScript() []byte {
	return bytes.Join([][]byte{session.ClockScript(), part("typed"), part("console"), part("live")}, nil)
}

// part returns a file of views/scripts without its comments and indentation.
func part(name string) []byte {
	source, err := views.Scripts.ReadFile("scripts/" + name + ".js")
	if err != nil {
		panic(err) // it is embedded
	}
	var b bytes.Buffer
	for line := range bytes.Lines(source) {
		if line = bytes.TrimSpace(line); len(line) > 0 && !bytes.HasPrefix(line, []byte("//")) {
			b.Write(line)
			b.WriteByte('\n')
		}
	}
	return b.Bytes()
}

// With returns the files with one more, at this plain path of /static/.
func (a Files) With(path string, body []byte) (Files, error) {
	more := maps.Clone(a)
	if err := more.add(path[len(folder):], body); err != nil {
		return nil, fmt.Errorf("compress static file %q: %w", path, err)
	}
	return more, nil
}

// Lasting returns the path of a file that has the hash of its content; "" if there is none.
func (a Files) Lasting(path string) string {
	if file := a[path]; file != nil {
		return file.hashed
	}
	return ""
}

// folder is where the static files are.
const folder = "/static/"
