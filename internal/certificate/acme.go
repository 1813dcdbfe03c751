package certificate

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"
	"golang.org/x/sync/singleflight"
)

// ACMEConfig configures an ACME. Domains, Folder and Logger have to be set.
type ACMEConfig struct {
	Domains   []string // lower case, in their xn-- form
	Folder    string   // for the account's key and the certificates; created with mode 0700
	Directory string   // URL of the authority; "" for Let's Encrypt
	Email     string   // where the authority writes to; "" for nowhere
	Logger    *slog.Logger
}

// ACME gets certificates from an authority that speaks ACME, and renews them. Who makes one
// accepts the authority's terms of service.
//
// It stands between handshakes and autocert.Manager, whose GetCertificate blocks for up to
// five minutes while it orders a certificate, and orders again a minute after a failure, as
// long as handshakes come. Here one goroutine a certificate asks the manager, a handshake
// waits for it only as long as it may last, and pauses between failures grow, because an
// authority blocks a name after five failures an hour.
//
// An order that has begun ends by itself, after five minutes at most, or with the process:
// autocert cannot stop it.
//
// Get, Covers and Challenges are safe for concurrent use. One goroutine at a time may call
// Check and Reload.
type ACME struct {
	ACMEConfig
	manager *autocert.Manager
	refused *refusals
	flights singleflight.Group // by key
	looked  time.Time          // when Check last asked; used by Check and Reload only

	mu     sync.Mutex // protects issued and what it leads to
	issued map[string]*issue
}

// An issue is what is known of the certificate with a key; obtain runs once at a time for each.
type issue struct {
	leaf     *x509.Certificate // nil: none yet
	failures int               // in a row
	err      error             // of the last one
	failed   time.Time         // when the last one was
	retry    time.Time         // no order before
	reminder
}

// NewACME returns a source without certificates. It does no I/O; the first Check orders
// what is missing in the folder.
func NewACME(c ACMEConfig) *ACME {
	a := &ACME{ACMEConfig: c, issued: make(map[string]*issue), refused: &refusals{said: make(map[string][]string)}}
	a.manager = &autocert.Manager{
		Prompt:     autocert.AcceptTOS,
		Cache:      autocert.DirCache(c.Folder),
		HostPolicy: a.allow,
		Client:     &acme.Client{DirectoryURL: c.Directory, UserAgent: "pagesession", HTTPClient: &http.Client{Transport: a.refused}},
		Email:      c.Email,
	}
	return a
}

// allow is the manager's policy: the domains and no other host. The authority names a port
// if it asks on another one than 80.
func (a *ACME) allow(_ context.Context, host string) error {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if !slices.Contains(a.Domains, host) {
		return fmt.Errorf("%.80q is not one of the domains", host)
	}
	return nil
}

// Challenges returns a handler for port 80 that answers the authority, and hands all other
// requests to next. Without it, the authority has to reach the port of https.
func (a *ACME) Challenges(next http.Handler) http.Handler { return a.manager.HTTPHandler(next) }

// Protocol is the one that the listener has to offer for the authority.
const Protocol = acme.ALPNProto

// Get is a tls.Config.GetCertificate. It orders a missing certificate, and returns an error
// if that takes longer than the handshake may.
func (a *ACME) Get(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	if slices.Equal(hello.SupportedProtos, []string{Protocol}) {
		return a.manager.GetCertificate(hello) // for the authority; at hand, or there is none
	}
	name := strings.ToLower(strings.TrimSuffix(hello.ServerName, "."))
	if err := a.allow(hello.Context(), name); err != nil {
		return nil, err
	}
	asked := &tls.ClientHelloInfo{
		ServerName: name, CipherSuites: hello.CipherSuites, SignatureSchemes: hello.SignatureSchemes, SupportedCurves: hello.SupportedCurves,
	}
	select {
	case r := <-a.ask(asked):
		cert, _ := r.Val.(*tls.Certificate)
		return cert, r.Err
	case <-hello.Context().Done():
		return nil, errors.New("the certificate is being ordered")
	}
}

// ask starts obtain, unless it runs for this certificate.
func (a *ACME) ask(hello *tls.ClientHelloInfo) <-chan singleflight.Result {
	key := hello.ServerName
	if !takesECDSA(hello) {
		key += "+rsa" // autocert orders another certificate for old clients
	}
	return a.flights.DoChan(key, func() (any, error) { return a.obtain(key, hello) })
}

// takesECDSA reports whether the client takes the usual certificate. It may differ from
// autocert's opinion for odd clients; then two flights order the same one, which autocert
// does once.
func takesECDSA(hello *tls.ClientHelloInfo) bool {
	return slices.ContainsFunc(hello.CipherSuites, func(suite uint16) bool {
		return suite == tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 || suite == tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 ||
			suite == tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256
	})
}

// usual is the hello of a client of today.
func usual(name string) *tls.ClientHelloInfo {
	return &tls.ClientHelloInfo{
		ServerName:       name,
		CipherSuites:     []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256},
		SignatureSchemes: []tls.SignatureScheme{tls.ECDSAWithP256AndSHA256},
		SupportedCurves:  []tls.CurveID{tls.CurveP256},
	}
}

// pauses are between orders that fail, the last one from then on.
var pauses = [...]time.Duration{2 * time.Minute, 10 * time.Minute, time.Hour}

// obtain gets a certificate from the manager, which has it or orders it, and logs what has
// changed.
func (a *ACME) obtain(key string, hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	i, err := a.issueOf(key)
	if err != nil {
		return nil, err
	}
	cert, err := a.manager.GetCertificate(hello)
	err = a.refused.explain(hello.ServerName, err)
	a.mu.Lock()
	defer a.mu.Unlock()
	if err != nil {
		i.err = err
		pause := pauses[min(i.failures, len(pauses)-1)]
		i.failures++
		i.failed = time.Now()
		i.retry = i.failed.Add(pause)
		a.Logger.Error("certificate could not be obtained; "+cureOf(err),
			slog.String("domain", hello.ServerName), slog.Any("error", err), slog.Duration("trying_again_in", pause))
		return nil, err
	}
	if i.leaf == nil || !i.leaf.Equal(cert.Leaf) {
		a.Logger.Info("TLS certificate in use", slog.Any("names", namesOf(cert.Leaf)), slog.Time("expires", cert.Leaf.NotAfter))
	}
	i.leaf, i.failures, i.err = cert.Leaf, 0, nil
	return cert, nil
}

// issueOf returns what is known of a certificate, or the last error if it is too early for
// another order.
func (a *ACME) issueOf(key string) (*issue, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	i := a.issued[key]
	if i == nil {
		i = &issue{reminder: reminder{log: a.Logger}}
		a.issued[key] = i
	}
	if time.Now().Before(i.retry) {
		return nil, i.err
	}
	return i, nil
}

// Covers reports whether there is a certificate for this host now.
func (a *ACME) Covers(host string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	i := a.issued[host]
	return i != nil && i.leaf != nil
}

// lookEvery is how often Check asks the manager, which renews by itself, what it has.
const lookEvery = time.Minute

// Check orders what is missing, and logs what was renewed and what expires because it could
// not be renewed. It does not wait for the authority.
func (a *ACME) Check() {
	if now := time.Now(); now.Sub(a.looked) >= lookEvery {
		a.look(now)
	}
}

func (a *ACME) look(now time.Time) {
	a.looked = now
	for _, domain := range a.Domains {
		a.ask(usual(domain)) // the channel has room for the result
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, i := range a.issued {
		if i.leaf != nil {
			i.remind(i.leaf, now)
		}
	}
}

// managerPause is how long autocert remembers a failure, in which an order would find only
// that one, and a second.
const managerPause = time.Minute + time.Second

// Reload tries failed orders again, with autocert's pause instead of their own.
func (a *ACME) Reload() {
	a.Logger.Info("SIGHUP: missing certificates are ordered, at the earliest a minute after a failure; the others are renewed in time without it")
	a.mu.Lock()
	for _, i := range a.issued {
		if early := i.failed.Add(managerPause); early.Before(i.retry) {
			i.retry, i.failures = early, 0
		}
	}
	a.mu.Unlock()
	a.look(time.Now())
}
