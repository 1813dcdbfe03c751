package certificate

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
)

// Read returns the certificate of two PEM files, which it only reads. The error says what is
// wrong with them.
func Read(cert, key string) (*x509.Certificate, error) {
	pair, err := readPair(cert, key)
	if err != nil {
		return nil, unusable(cert, key, err)
	}
	return pair.Leaf, nil
}

func unusable(cert, key string, err error) error {
	return fmt.Errorf("load certificate %q and key %q: %w; they must be PEM files of one pair, without a passphrase, which the server's user may read", cert, key, err)
}

// Cached returns the certificate that an ACME has kept in its folder for a domain, or nil if
// there is none yet. It only reads.
func Cached(folder, domain string) (*x509.Certificate, error) {
	path := filepath.Join(folder, domain) // as autocert.DirCache names it: the key and the chain
	data, err := readFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(data, data)
	if err != nil {
		return nil, fmt.Errorf("certificate %q: %w; delete the file, and the server orders a new one", path, err)
	}
	return pair.Leaf, nil
}
