package app

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"pagesession/internal/config"
	"pagesession/internal/disk"
	"pagesession/internal/page"
	"pagesession/internal/servers"
)

const secretFile = "secret.key"

// newKeyPrice is what a new key costs, for messages that name it as a way out.
const newKeyPrice = "with a new key operators have to set up their authenticator apps again"

// secretPath returns the file of the key that signs cookies and seals secrets.
func secretPath(cfg *config.Config) string {
	if cfg.SecretKey != "" {
		return cfg.SecretKey
	}
	return filepath.Join(cfg.DataDir, secretFile)
}

// openKey reads the key, or makes one, unless --secret-key names it. Servers that share the
// sessions need the same one: if they have another one, openKey makes none, and the error
// says what to do.
func (a *app) openKey() (err error) {
	path := secretPath(&a.cfg)
	if a.cfg.SecretKey != "" {
		a.key, err = readSecret(path)
		if errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%w; copy the key there, or leave out --secret-key", err)
		}
	} else {
		a.key, err = a.ownKey(path)
	}
	if err != nil || a.shared == nil {
		return err
	}
	return servers.CheckKey(a.starting, a.shared, a.log, a.key, path)
}

// ownKey is secretKey, and refuses to make a key where servers share one.
func (a *app) ownKey(path string) ([]byte, error) {
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) && a.shared != nil {
		if err := servers.CheckKey(a.starting, a.shared, a.log, nil, path); err != nil {
			return nil, err
		}
	}
	return secretKey(path)
}

// secretKey returns the key in a file. It creates a missing one and keeps an existing one,
// which the operator may have put there. The caller owns the folder.
func secretKey(path string) ([]byte, error) {
	key, err := readSecret(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if _, err := os.Lstat(path); err == nil {
		return nil, fmt.Errorf("secret key %q is a link to a missing file; restore that file, or remove the link to get a new key; "+newKeyPrice, path)
	}
	key = page.NewFlashKey()
	if err := disk.WriteFile(path, key); err != nil {
		return nil, fmt.Errorf("create secret key: %w", err)
	}
	return key, nil
}

// readSecret reads a key of the right size. It reads at most one byte more, so a huge
// file does no harm.
func readSecret(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("read secret key: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("secret key %q is not a regular file; move it away to get a new key; "+newKeyPrice, path)
	}
	if !disk.IsSecret(info) {
		return nil, fmt.Errorf("other users can read secret key %q (mode %04o); delete it to get a new key, "+
			"or chmod 600 it if only you have read it; "+newKeyPrice, path, info.Mode().Perm())
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read secret key: %w; chown it to the server's user", err)
	}
	key, err := io.ReadAll(io.LimitReader(f, page.FlashKeySize+1))
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("read secret key: %w", err)
	}
	if len(key) != page.FlashKeySize {
		return nil, fmt.Errorf("secret key %q has %d bytes instead of %d; restore it from a backup, or delete it to get a new key; "+newKeyPrice,
			path, info.Size(), page.FlashKeySize)
	}
	return key, nil
}

// warnOfKey logs that authenticator apps were set up with another secret.key, which a lost
// and newly made file does. Where the accounts cannot be read, it logs nothing; firstRun does.
func (a *app) warnOfKey() {
	if n, err := a.accounts.UnreadableApps(a.starting); err == nil && n > 0 {
		a.log.Error("authenticator apps were sealed with another secret.key, so their codes are refused: restore secret.key from a backup and restart, "+
			"or let these users sign in with a recovery code or a passkey and set the app up again, or reset their second factors",
			slog.Int("users", n))
	}
}
