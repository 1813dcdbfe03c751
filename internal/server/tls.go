package server

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"time"
)

// tlsConn is a counted connection with TLS. The engine knows from its methods that it is
// one (RequestCtx.IsTLS), and calls Handshake in the goroutine of the connection before it
// reads a request.
type tlsConn struct {
	*conn
	secure  *tls.Conn // the same as conn.Conn
	refused bool      // the handshake failed; only the engine's goroutine uses it
}

// unwrap returns the counted connection behind what the engine has, or nil.
func unwrap(c net.Conn) *conn {
	switch c := c.(type) {
	case *conn:
		return c
	case *tlsConn:
		return c.conn
	}
	return nil
}

// Handshake makes the handshake within Limits.Read, and while draining within
// Limits.DrainRead. After an error, which is logged at level debug because any client can
// cause it, Read finds the end of the connection.
func (c *tlsConn) Handshake() error {
	ctx, cancel := context.WithTimeout(c.conns.handshakes, c.conns.Read)
	defer cancel()
	err := c.secure.HandshakeContext(ctx)
	if err != nil {
		c.refused = true
		c.conns.log.Debug("TLS handshake failed", slog.Any("error", withoutAddresses(err)))
		c.explain(err)
	}
	return err
}

// ConnectionState returns what the handshake has agreed on.
func (c *tlsConn) ConnectionState() tls.ConnectionState { return c.secure.ConnectionState() }

// Read reads like conn.Read. After a failed handshake it returns io.EOF, so the engine
// closes the connection without an answer.
func (c *tlsConn) Read(b []byte) (int, error) {
	if c.refused {
		return 0, io.EOF
	}
	return c.conn.Read(b)
}

// speaksTLS answers a client that sends plain HTTP, such as a browser with http:// and the
// port of https in its address.
const speaksTLS = "HTTP/1.1 400 Bad Request\r\n" +
	"Connection: close\r\n" +
	"Cache-Control: no-store\r\n" +
	"X-Content-Type-Options: nosniff\r\n" +
	"Content-Type: text/plain; charset=utf-8\r\n" +
	"Content-Length: 46\r\n" +
	"\r\n" +
	"This port speaks https. Use https:// instead.\n"

// explain answers a client whose first bytes are plain HTTP.
func (c *tlsConn) explain(err error) {
	var first tls.RecordHeaderError
	if !errors.As(err, &first) || first.Conn == nil || !looksLikeHTTP(first.RecordHeader[:]) {
		return
	}
	_ = first.Conn.SetWriteDeadline(time.Now().Add(lingerTimeout))
	if _, err := io.WriteString(first.Conn, speaksTLS); err == nil {
		seeOff(first.Conn)
	}
}

// looksLikeHTTP reports whether b begins a request: a method in capital letters, a space,
// a path. No version of TLS begins so.
func looksLikeHTTP(b []byte) bool {
	for _, c := range b {
		if (c < 'A' || c > 'Z') && c != ' ' && c != '/' {
			return false
		}
	}
	return true
}

// sever closes a connection at once. With TLS, Close would first write to a client that
// may not read.
func sever(c net.Conn) error {
	if secure, ok := c.(*tls.Conn); ok {
		return secure.NetConn().Close()
	}
	return c.Close()
}

// authenticated are the cipher suites of TLS 1.2 with authenticated encryption and forward
// secrecy. Go would add those with CBC; all suites of TLS 1.3 have both.
var authenticated = []uint16{
	tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
	tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
	tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
}

// TLSConfig returns the settings for ServeTLS: TLS 1.2 or later with authenticated suites,
// HTTP/1.1 and then these protocols. A page is one record, because it fits the first
// packets of a connection and each record costs a system call.
func TLSConfig(get func(*tls.ClientHelloInfo) (*tls.Certificate, error), protocols ...string) *tls.Config {
	return &tls.Config{
		GetCertificate:              get,
		MinVersion:                  tls.VersionTLS12,
		CipherSuites:                authenticated,
		NextProtos:                  append([]string{"http/1.1"}, protocols...),
		DynamicRecordSizingDisabled: true,
	}
}
