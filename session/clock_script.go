package session

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"net/http"
	"strings"
	"sync"
)

// The source of the script, and the script in brotli at the level that compresses best, which
// takes too much time and memory for a start. A test holds the two together.
var (
	//go:embed clock.js
	clockSource []byte
	//go:embed clock.js.br
	clockBrotli []byte
)

// ClockScript returns the script of <session-clock>: clock.js without its comments and
// indentation. It is a module that defines the element and exports its class, SessionClock.
// The caller gets a copy.
func ClockScript() []byte {
	var b bytes.Buffer
	for line := range bytes.Lines(clockSource) {
		if line = bytes.TrimSpace(line); len(line) > 0 && !bytes.HasPrefix(line, []byte("//")) {
			b.Write(line)
			b.WriteByte('\n')
		}
	}
	return b.Bytes()
}

// ClockVersion returns a short hash of the script. Browsers keep clock.js?v=HASH for a year,
// and clock.js for five minutes.
func ClockVersion() string { return loadScript().version }

type script struct {
	plain, gzip []byte
	version     string
}

// loadScript compresses the script once.
var loadScript = sync.OnceValue(func() script {
	plain := ClockScript()
	sum := sha256.Sum256(plain)
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // it fails only for an unknown level
	_, _ = w.Write(plain)
	_ = w.Close() // a buffer takes everything
	return script{plain, b.Bytes(), hex.EncodeToString(sum[:6])}
})

// serveScript answers with the script in the smallest encoding that the browser names.
func serveScript(r ClockRequest) ClockResponse {
	s := loadScript()
	body, coding := s.plain, ""
	switch accept := r.Header("Accept-Encoding"); {
	case accepts(accept, "br"):
		body, coding = clockBrotli, "br"
	case accepts(accept, "gzip"):
		body, coding = s.gzip, "gzip"
	}
	etag, cache := `"`+s.version+coding+`"`, "public, max-age=300"
	if r.Query == "v="+s.version {
		cache = "public, max-age=31536000, immutable"
	}
	res := ClockResponse{Status: http.StatusOK, Body: body, Headers: [][2]string{
		{"Cache-Control", cache}, {"ETag", etag}, {"Vary", "Accept-Encoding"},
		{"Cross-Origin-Resource-Policy", "same-origin"}, {"X-Content-Type-Options", "nosniff"},
	}}
	if strings.Contains(r.Header("If-None-Match"), etag) {
		res.Status, res.Body = http.StatusNotModified, nil
		return res
	}
	res.Headers = append(res.Headers, [2]string{"Content-Type", "text/javascript; charset=utf-8"})
	if coding != "" {
		res.Headers = append(res.Headers, [2]string{"Content-Encoding", coding})
	}
	return res
}

// accepts reports whether an Accept-Encoding header names a coding and does not refuse it.
func accepts(header, coding string) bool {
	for wish := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(wish, ";")
		if strings.EqualFold(strings.TrimSpace(name), coding) {
			q := strings.ReplaceAll(params, " ", "")
			return strings.Trim(strings.TrimPrefix(q, "q="), "0.") != "" || q == ""
		}
	}
	return false
}
