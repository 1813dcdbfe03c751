package backup

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"os"
	"time"
)

// A content is what a part is written from.
type content struct {
	name string
	from io.ReadSeeker
}

// write writes a backup and returns its manifest.
func write(w io.Writer, program string, at time.Time, parts []content) (Manifest, error) {
	m := Manifest{Product: Product, Format: Format, Program: program, Time: at.UTC().Truncate(time.Second)}
	for _, c := range parts {
		p, err := c.part()
		if err != nil {
			return m, err
		}
		m.Parts = append(m.Parts, p)
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return m, err
	}
	sum := sha256.New()
	to := tar.NewWriter(io.MultiWriter(w, sum))
	if err := writeEntry(to, m, manifestEntry, bytes.NewReader(append(text, '\n')), int64(len(text)+1)); err != nil {
		return m, err
	}
	for i, c := range parts {
		if err := writeEntry(to, m, c.name, c.from, m.Parts[i].Size); err != nil {
			return m, err
		}
	}
	if err := to.Flush(); err != nil {
		return m, err
	}
	_, err = w.Write(tail(m, sum))
	return m, err
}

// part reads a content to its end, and goes back to its beginning.
func (c content) part() (Part, error) {
	sum := sha256.New()
	size, err := io.Copy(sum, c.from)
	if err == nil {
		_, err = c.from.Seek(0, io.SeekStart)
	}
	return Part{c.name, size, hex.EncodeToString(sum.Sum(nil))}, err
}

func writeEntry(to *tar.Writer, m Manifest, name string, from io.Reader, size int64) error {
	head := &tar.Header{Format: tar.FormatUSTAR, Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o600, ModTime: m.Time}
	if err := to.WriteHeader(head); err != nil {
		return err
	}
	_, err := io.CopyN(to, from, size)
	return err
}

// tail returns the end of a backup whose other bytes have this sum: the last entry, and what
// ends a tar file.
func tail(m Manifest, sum hash.Hash) []byte {
	var b bytes.Buffer
	to := tar.NewWriter(&b)
	text := hex.EncodeToString(sum.Sum(nil)) + "\n"
	if err := writeEntry(to, m, digestEntry, bytes.NewReader([]byte(text)), int64(len(text))); err != nil {
		panic("backup: " + err.Error()) // a buffer takes everything
	}
	_ = to.Close() // the same
	return b.Bytes()
}

// tailSize is the length of tail: a header and a block of content, and two empty blocks.
const tailSize = 4 * blockSize

const blockSize = 512

// open opens a regular file to read it. A pipe could wait forever.
func open(path string) (*os.File, int64, error) {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		return nil, 0, fmt.Errorf("%q is not a regular file; name a backup", path)
	}
	if err != nil {
		return nil, 0, err
	}
	f, err := os.Open(path)
	return f, info.Size(), err
}
