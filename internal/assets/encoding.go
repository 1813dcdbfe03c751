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

// An encoding is a file in one content coding.
type encoding struct {
	name string // as in Content-Encoding; "" if uncompressed
	body []byte
	etag string // strong, so it differs for each encoding
}

// encodings returns the encodings of a file: the smallest first, the uncompressed file
// last. It leaves out an encoding that saves nothing. sum is the hash of the content.
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

// packers compress the files once, at start. Brotli's levels 10 and 11 would save another
// 9 % of a few kilobytes, but take 65 MB of memory and 80 ms. A window of 32 KiB is
// larger than each file.
var packers = []struct {
	name string
	to   func(io.Writer) io.WriteCloser
}{
	{"br", func(w io.Writer) io.WriteCloser {
		return brotli.NewWriterOptions(w, brotli.WriterOptions{Quality: 9, LGWin: 15})
	}},
	{"gzip", func(w io.Writer) io.WriteCloser {
		zip, _ := gzip.NewWriterLevel(w, gzip.BestCompression) // it fails only for an unknown level
		return zip
	}},
}

// accepted returns the encoding that an Accept-Encoding header prefers (RFC 9110, 12.5.3),
// the first one of equals. The uncompressed file comes last unless the header names it;
// it is also the result if the header refuses everything.
func accepted(all []encoding, header string) *encoding {
	best, most := len(all)-1, 0.0
	for i, e := range all {
		if q := weight(header, e.name); q > most {
			best, most = i, q
		}
	}
	return &all[best]
}

// weight returns the q of an encoding in a header: its own, or that of "*". An unnamed
// identity gets a tiny q, unless "*" refuses it.
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

// quality reads "q=0.5". It returns 1 for "" and 0 for an invalid value.
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

// unchanged reports whether If-None-Match has the tag, also if a proxy has made it weak.
func unchanged(header, etag string) bool {
	for tag := range strings.SplitSeq(header, ",") {
		tag = strings.TrimSpace(tag)
		if tag == "*" || strings.TrimPrefix(tag, "W/") == etag {
			return true
		}
	}
	return false
}
