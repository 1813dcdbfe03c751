package web

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
)

// coded is a text in the encodings that fasthttp and Fiber would unpack.
func coded(t *testing.T, text string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for name, to := range map[string]func(io.Writer) io.WriteCloser{
		"gzip": func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) },
		"br":   func(w io.Writer) io.WriteCloser { return brotli.NewWriter(w) },
	} {
		var b bytes.Buffer
		w := to(&b)
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		all[name] = b.String()
	}
	return all
}

// A compressed body is refused unopened: the limit of a body's size holds for
// what comes over the line, and a kilobyte of brotli can be a gigabyte of memory.
func TestPost_CompressedBody(t *testing.T) {
	const mega, most = 1 << 20, 8 << 20
	const part = "--b\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n--b--\r\n"
	for _, tt := range []struct{ path, kind, body string }{
		{"/session/timeout/", "application/json", `{"idle_timeout_ms":60000}`},
		{"/session/timeout/", "application/x-www-form-urlencoded", "timeout=60"},
		{"/session/timeout/", "multipart/form-data; boundary=b", fmt.Sprintf(part, "timeout", "60")},
		{"/set/", "application/x-www-form-urlencoded", "name=Robin"},
		{"/set/", "multipart/form-data; boundary=b", fmt.Sprintf(part, "name", "Robin")},
		{"/set/", "multipart/form-data; boundary=b", fmt.Sprintf(part, "name", strings.Repeat(" ", 10*mega))},
		{"/session/timeout/", "application/json", strings.Repeat(" ", 10*mega) + `{"idle_timeout_ms":60000}`},
	} {
		for encoding, body := range coded(t, tt.body) {
			app, f := newApp(t, liveView("Sonam"))
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			a := ask(t, app, "POST", tt.path, body, "Content-Type: "+tt.kind, "Content-Encoding: "+encoding)
			runtime.ReadMemStats(&after)
			if a.StatusCode != 400 || f.idle != 0 || len(f.names) != 0 {
				t.Errorf("%s, %s in %s = %d, grants %v, names %q; want 400 and nothing", tt.path, tt.kind, encoding, a.StatusCode, f.idle, f.names)
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > most {
				t.Errorf("%s, %s in %s: %d bytes allocated for a body of %d", tt.path, tt.kind, encoding, used, len(body))
			}
		}
	}
}
