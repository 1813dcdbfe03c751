package backup

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
)

// ReadManifest returns the manifest of the backup at path, and reads little more. It does not
// check the rest. Errors: ErrNotBackup, ErrDamaged, ErrNewer.
func ReadManifest(path string) (Manifest, error) {
	f, _, err := open(path)
	if err != nil {
		return Manifest{}, err
	}
	defer func() { _ = f.Close() }()
	m, err := manifestOf(tar.NewReader(f))
	if err != nil {
		return Manifest{}, fmt.Errorf("%q %w", path, err)
	}
	return m, nil
}

// manifestOf reads the first entry.
func manifestOf(from *tar.Reader) (Manifest, error) {
	head, err := from.Next()
	if err != nil || head.Name != manifestEntry || !plain(head) || head.Size > mostManifest {
		return Manifest{}, ErrNotBackup
	}
	text, err := io.ReadAll(io.LimitReader(from, mostManifest))
	if err != nil || int64(len(text)) != head.Size {
		return Manifest{}, fmt.Errorf("%w: it is cut in its manifest; use another backup", ErrDamaged)
	}
	return parseManifest(text)
}

// plain reports whether an entry is a file as write makes one: no link, no sparse file, which
// could unpack to more than it has.
func plain(head *tar.Header) bool {
	return head.Typeflag == tar.TypeReg && head.Format == tar.FormatUSTAR && len(head.PAXRecords) == 0
}

// extract checks all of the backup at path, and writes its parts by put. It returns the first
// error, which begins with what the file is.
func extract(path string, put func(p Part, from io.Reader) error) (Manifest, error) {
	f, size, err := open(path)
	if err != nil {
		return Manifest{}, err
	}
	defer func() { _ = f.Close() }()
	m, err := manifestOf(tar.NewReader(f))
	if err != nil {
		return Manifest{}, err
	}
	if err := checkDigest(f, size, m); err != nil {
		return Manifest{}, err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return Manifest{}, err
	}
	from := tar.NewReader(f)
	if _, err := from.Next(); err != nil { // the manifest again
		return Manifest{}, err
	}
	for _, p := range m.Parts {
		if err := extractPart(from, p, put); err != nil {
			return Manifest{}, err
		}
	}
	if head, err := from.Next(); err != nil || head.Name != digestEntry {
		return Manifest{}, fmt.Errorf("%w: it has more entries than its manifest", ErrDamaged)
	}
	return m, nil
}

// checkDigest compares the whole file with its last entry.
func checkDigest(f *os.File, size int64, m Manifest) error {
	wrong := fmt.Errorf("%w: it is cut, or has changed since it was made; use another backup", ErrDamaged)
	if size < tailSize {
		return wrong
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	sum, end := sha256.New(), make([]byte, tailSize)
	if _, err := io.CopyN(sum, f, size-tailSize); err != nil {
		return errors.Join(wrong, err)
	}
	if _, err := io.ReadFull(f, end); err != nil {
		return errors.Join(wrong, err)
	}
	if !bytes.Equal(end, tail(m, sum)) {
		return wrong
	}
	return nil
}

func extractPart(from *tar.Reader, p Part, put func(Part, io.Reader) error) error {
	head, err := from.Next()
	if err != nil || head.Name != p.Name || head.Size != p.Size || !plain(head) {
		return fmt.Errorf("%w: its entries are not those of its manifest", ErrDamaged)
	}
	sum := sha256.New()
	if err := put(p, io.TeeReader(from, sum)); err != nil {
		return err
	}
	if hex.EncodeToString(sum.Sum(nil)) != p.SHA256 {
		return fmt.Errorf("%w: %s has not the SHA-256 of the manifest", ErrDamaged, p.Name)
	}
	return nil
}
