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

// encodings returns the forms of a file, the smallest first. A form that is no
// smaller than the file is left out. sum stands for the content.
func encodings(body []byte, sum string) ([]encoding, error) {
	packed, err := pack(body)
	if err != nil {
		return nil, err
	}
	var all []encoding
	for _, e := range packed {
		if len(e.body) < len(body) {
			e.etag = `"` + sum + "-" + e.name + `"`
			all = append(all, e)
		}
	}
	slices.SortStableFunc(all, func(a, b encoding) int { return len(a.body) - len(b.body) })
	return append(all, encoding{body: body, etag: `"` + sum + `"`}), nil
}

// pack compresses once, at start. Brotli's levels 10 and 11 would save 9 % of a few
// kilobytes, and cost 65 MB and 80 ms.
func pack(body []byte) ([]encoding, error) {
	var br, gz bytes.Buffer
	zip, err := gzip.NewWriterLevel(&gz, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	options := brotli.WriterOptions{Quality: 9, LGWin: 15} // a window of 32 KiB, more than any of the files has
	for _, to := range []io.WriteCloser{brotli.NewWriterOptions(&br, options), zip} {
		if _, err := to.Write(body); err != nil {
			return nil, err
		}
		if err := to.Close(); err != nil {
			return nil, err
		}
	}
	return []encoding{{name: "br", body: br.Bytes()}, {name: "gzip", body: gz.Bytes()}}, nil
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

// unchanged tells whether an If-None-Match header has the tag. A proxy may have
// weakened it on the way.
func unchanged(header, etag string) bool {
	for tag := range strings.SplitSeq(header, ",") {
		tag = strings.TrimSpace(tag)
		if tag == "*" || strings.TrimPrefix(tag, "W/") == etag {
			return true
		}
	}
	return false
}
