package testkit

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"testing"
	"time"
)

// A Certificate signs itself.
type Certificate struct {
	CertPEM, KeyPEM []byte
	Leaf            *x509.Certificate
	t               testing.TB
}

// NewCertificate returns a certificate for these names and addresses that expires at until.
func NewCertificate(t testing.TB, until time.Time, names ...string) *Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: names[0]}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: until.Add(-90 * 24 * time.Hour), NotAfter: until, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
			continue
		}
		template.DNSNames = append(template.DNSNames, name)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &Certificate{
		CertPEM: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		KeyPEM:  pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}),
		Leaf:    leaf, t: t,
	}
}

// Get is a tls.Config.GetCertificate that returns c.
func (c *Certificate) Get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	pair, err := tls.X509KeyPair(c.CertPEM, c.KeyPEM)
	return &pair, err
}

// Trusted returns the settings of a client for this host that trusts c and others.
func (c *Certificate) Trusted(host string, others ...*Certificate) *tls.Config {
	roots := x509.NewCertPool()
	for _, each := range append(others, c) {
		roots.AddCert(each.Leaf)
	}
	return &tls.Config{RootCAs: roots, ServerName: host}
}
