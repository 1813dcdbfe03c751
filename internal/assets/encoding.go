package assets

import (
	"bytes"
	"compress/gzip"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/andybalholm/brotli"
)

// An encoding is one form in which a file can be sent.
type encoding struct {
	name string // as in Content-Encoding; "" for the file as it is
	body []byte
	etag string // strong, and so another one for each encoding
}

// encodings returns the forms of a file, the smallest first and the file as it is
// last. A form that is no smaller is left out. sum stands for the content.
func encodings(body []byte, sum string) ([]encoding, error) {
	var all []encoding
	for _, p := range packers {
		var b bytes.Buffer
		w := p.to(&b)
		if _, err := w.Write(body); err != nil {
			return nil, err
		}
		if err := w.Close(); err != nil {
			return nil, err
		}
		if b.Len() < len(body) {
			all = append(all, encoding{p.name, b.Bytes(), `"` + sum + "-" + p.name + `"`})
		}
	}
	slices.SortStableFunc(all, func(a, b encoding) int { return len(a.body) - len(b.body) })
	return append(all, encoding{body: body, etag: `"` + sum + `"`}), nil
}

// packers compress, once at start. Brotli's levels 10 and 11 would save 9 % of a few
// kilobytes, and cost 65 MB and 80 ms. Its window of 32 KiB holds any of the files.
var packers = []struct {
	name string
	to   func(io.Writer) io.WriteCloser
}{
	{"br", func(w io.Writer) io.WriteCloser {
		return brotli.NewWriterOptions(w, brotli.WriterOptions{Quality: 9, LGWin: 15})
	}},
	{"gzip", func(w io.Writer) io.WriteCloser {
		zip, _ := gzip.NewWriterLevel(w, gzip.BestCompression) // which is a level that there is
		return zip
	}},
}

// accepted returns the form that an Accept-Encoding header wants most (RFC 9110,
// 12.5.3); among equals the first. The file as it is comes last unless the header
// names it, and is what remains when everything is refused.
func accepted(all []encoding, header string) *encoding {
	best, most := len(all)-1, 0.0
	for i, e := range all {
		if q := weight(header, e.name); q > most {
			best, most = i, q
		}
	}
	return &all[best]
}

// weight is the q that a header gives an encoding: its own, or that of "*". The
// file as it is, when not named, has next to nothing.
func weight(header, name string) float64 {
	if name == "" {
		name = "identity"
	}
	star := -1.0
	for wish := range strings.SplitSeq(header, ",") {
		coding, params, _ := strings.Cut(wish, ";")
		switch coding = strings.TrimSpace(coding); {
		case strings.EqualFold(coding, name), name == "gzip" && strings.EqualFold(coding, "x-gzip"):
			return quality(params)
		case coding == "*":
			star = quality(params)
		}
	}
	switch {
	case name == "identity" && star != 0:
		return 0.0001
	default:
		return max(star, 0)
	}
}

// quality reads "q=0.5"; nothing is 1, and what cannot be read 0.
func quality(params string) float64 {
	params = strings.TrimSpace(params)
	if params == "" {
		return 1
	}
	name, value, _ := strings.Cut(params, "=")
	q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	if err != nil || !strings.EqualFold(strings.TrimSpace(name), "q") || !(q >= 0 && q <= 1) {
		return 0
	}
	return q
}

// unchanged reports whether If-None-Match has the tag, which proxies may weaken.
func unchanged(header, etag string) bool {
	for tag := range strings.SplitSeq(header, ",") {
		tag = strings.TrimSpace(tag)
		if tag == "*" || strings.TrimPrefix(tag, "W/") == etag {
			return true
		}
	}
	return false
}
