package certificate

import (
	"crypto/x509"
	"log/slog"
	"time"
)

const (
	// soon is when a renewal is late: clients of authorities renew weeks before. For
	// certificates of a few days it is the last quarter of their time.
	soon = 7 * 24 * time.Hour
	// reminderPause keeps the log short.
	reminderPause = 24 * time.Hour
)

// A reminder logs once a day that a certificate expires. One goroutine at a time may use it.
type reminder struct {
	log  *slog.Logger
	last time.Time // of the last line
}

// remind logs if leaf has expired or does so soon.
func (r *reminder) remind(leaf *x509.Certificate, now time.Time) {
	left := leaf.NotAfter.Sub(now)
	if left >= min(soon, leaf.NotAfter.Sub(leaf.NotBefore)/4) {
		r.last = time.Time{} // a new certificate may need its own line
		return
	}
	if now.Sub(r.last) < reminderPause {
		return
	}
	r.last = now
	names, expires := slog.Any("names", namesOf(leaf)), slog.Time("expires", leaf.NotAfter)
	if left <= 0 {
		r.log.Error("TLS certificate has expired, so browsers refuse it; renew it", names, expires)
		return
	}
	r.log.Warn("TLS certificate expires soon; renew it", names, expires)
}

// namesOf returns the names and addresses of a certificate, else its subject.
func namesOf(leaf *x509.Certificate) []string {
	names := append([]string(nil), leaf.DNSNames...)
	for _, ip := range leaf.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) == 0 {
		names = append(names, leaf.Subject.String())
	}
	return names
}
