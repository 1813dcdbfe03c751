package app

import (
	"crypto/tls"
	"log/slog"
	"path/filepath"

	"github.com/valyala/fasthttp"

	"pagesession/internal/certificate"
	"pagesession/internal/config"
	"pagesession/internal/server"
)

// certificates is a source of the server's certificates. Get and Covers are safe for
// concurrent use; only reload calls the others.
type certificates interface {
	Get(*tls.ClientHelloInfo) (*tls.Certificate, error)
	Covers(host string) bool // whether the server has a certificate for it now
	Check()                  // looks for what has changed
	Reload()                 // does so on request, and logs the result
}

// acmeFolder has the account at the authority and the certificates, in the data folder.
const acmeFolder = "acme"

// openCertificates returns the source that the settings name; nil for plain HTTP.
func openCertificates(cfg config.Config, log *slog.Logger) (certificates, error) {
	switch {
	case cfg.TLSCert != "":
		return certificate.OpenFiles(cfg.TLSCert, cfg.TLSKey, log)
	case len(cfg.Domains) > 0:
		return certificate.NewACME(certificate.ACMEConfig{
			Domains: cfg.Domains, Folder: filepath.Join(cfg.DataDir, acmeFolder),
			Directory: cfg.ACMEDirectory, Email: cfg.ACMEEmail, Logger: log,
		}), nil
	}
	return nil, nil
}

// tlsConfig returns the settings of the listener; nil for plain HTTP.
func (a *app) tlsConfig() *tls.Config {
	if a.certificates == nil {
		return nil
	}
	if len(a.cfg.Domains) > 0 {
		return server.TLSConfig(a.certificates.Get, certificate.Protocol)
	}
	return server.TLSConfig(a.certificates.Get)
}

// scheme returns the scheme of the server's own URLs.
func (a *app) scheme() string {
	if a.certificates == nil {
		return "http"
	}
	return "https"
}

// addHSTS has browsers use https for this host, for a year from each answer over the
// server's own TLS. Behind a reverse proxy the operator sets the header there.
func addHSTS(ctx *fasthttp.RequestCtx) {
	if ctx.IsTLS() {
		ctx.Response.Header.Set(fasthttp.HeaderStrictTransportSecurity, "max-age=31536000")
	}
}
