package console

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"

	"pagesession/internal/account"
	"pagesession/internal/network"
	"pagesession/internal/page"
)

// A refusalLog has a line for what the console refuses, at most one a second of each kind.
// It names users who have signed in. What others type as a name may be a password, so of
// that it has a fingerprint, which only the server's key can make.
type refusalLog struct {
	key                         []byte
	addresses                   network.Kept
	wrong, throttled, forbidden *page.PacedLog
}

func newRefusalLog(cfg Config) *refusalLog {
	paced := func() *page.PacedLog { return page.NewPacedLog(cfg.Logger, cfg.Now) }
	return &refusalLog{cfg.FlashKey, cfg.Addresses, paced(), paced(), paced()}
}

// signIn logs an error of a sign-in: a wrong password, or one that was not checked.
func (l *refusalLog) signIn(r *request, name string, err error) {
	attrs := []slog.Attr{l.address(r), slog.String("name_fingerprint", l.fingerprint(name))}
	switch {
	case errors.Is(err, account.ErrSignIn):
		l.wrong.Warn("sign-in refused: wrong name or password, or the user may not sign in", attrs...)
	case errors.Is(err, account.ErrThrottled), errors.Is(err, account.ErrBusy):
		l.throttled.Warn("sign-in not checked", append(attrs, slog.Any("error", err))...)
	}
}

// code logs an error of a second step. The name is a user's, because the password was right.
func (l *refusalLog) code(r *request, name string, err error) {
	attrs := []slog.Attr{l.address(r), slog.String("user", name)}
	switch {
	case errors.Is(err, account.ErrPasskey):
		l.wrong.Warn("sign-in refused: right password, wrong passkey", append(attrs, slog.Any("error", err))...)
	case errors.Is(err, account.ErrCode):
		l.wrong.Warn("sign-in refused: right password, wrong code", attrs...)
	case errors.Is(err, account.ErrThrottled), errors.Is(err, account.ErrBusy):
		l.throttled.Warn("second factor of a sign-in not checked", append(attrs, slog.Any("error", err))...)
	}
}

// passkey logs an error of a sign-in by a passkey alone. The reason has neither a name nor a
// key.
func (l *refusalLog) passkey(r *request, err error) {
	attrs := []slog.Attr{l.address(r), slog.Any("error", err)}
	switch {
	case errors.Is(err, account.ErrPasskey):
		l.wrong.Warn("sign-in by a passkey refused", attrs...)
	case errors.Is(err, account.ErrThrottled), errors.Is(err, account.ErrBusy):
		l.throttled.Warn("sign-in by a passkey not checked", attrs...)
	}
}

// confirm logs an error of a signed-in operator's current password.
func (l *refusalLog) confirm(r *request, err error) {
	attrs := []slog.Attr{l.address(r), slog.String("user", r.user.Username)}
	switch {
	case errors.Is(err, account.ErrWrongPassword):
		l.wrong.Warn("wrong current password", attrs...)
	case errors.Is(err, account.ErrThrottled), errors.Is(err, account.ErrBusy):
		l.throttled.Warn("current password not checked", append(attrs, slog.Any("error", err))...)
	}
}

// forbid logs a request that was answered with 403, under the path of its route. cause is
// nil if a form says why.
func (l *refusalLog) forbid(r *request, cause error) {
	attrs := []slog.Attr{slog.String("method", r.Method()), slog.String("path", r.Route().Path), l.address(r)}
	if r.user.Username != "" {
		attrs = append(attrs, slog.String("user", r.user.Username))
	}
	if cause != nil {
		attrs = append(attrs, slog.Any("error", cause))
	}
	l.forbidden.Warn("request refused with 403", attrs...)
}

// address is the client's address as far as the log may have it.
func (l *refusalLog) address(r *request) slog.Attr {
	return slog.String("address", l.addresses.Text(r.IP()))
}

func (l *refusalLog) fingerprint(name string) string {
	mac := hmac.New(sha256.New, l.key)
	mac.Write([]byte("sign-in name " + name))
	return hex.EncodeToString(mac.Sum(nil)[:4])
}
