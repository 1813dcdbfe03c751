package account_test

import (
	"encoding/binary"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pagesession/internal/account"
	"pagesession/internal/testkit"
)

// A server of PostgreSQL that asks for the MD5 of the password gets none, unless the URL
// allows it.
func TestPostgres_RefusesMD5(t *testing.T) {
	for parameter, sends := range map[string]bool{"": false, "&require_auth=md5": true} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		answers := make(chan string, 1)
		go askForMD5(listener, answers)
		cfg := account.Config{
			Path:   filepath.Join(t.TempDir(), account.FileName),
			URL:    "postgres://me:secret@" + listener.Addr().String() + "/db?sslmode=disable" + parameter,
			Logger: discard, Wait: 30 * time.Second,
		}
		b := openWith(t, cfg.Cheap(), testkit.NewClock())
		if got := strings.Contains(<-answers, "md5"); got != sends {
			t.Errorf("with %q the hash is sent: %v; want %v", parameter, got, sends)
		}
		if _, err := b.Health(); err == nil || !sends && !strings.Contains(err.Error(), "require_auth") {
			t.Errorf("with %q Health = %v; want an error that names require_auth", parameter, err)
		}
		_ = listener.Close()
	}
}

// askForMD5 answers the first client as a server does that wants a password's MD5, and
// returns what the client then sends.
func askForMD5(listener net.Listener, answers chan<- string) {
	conn, err := listener.Accept()
	if err != nil {
		answers <- err.Error()
		return
	}
	defer func() { _ = conn.Close() }()
	var length uint32
	_ = binary.Read(conn, binary.BigEndian, &length)
	_, _ = io.CopyN(io.Discard, conn, int64(length)-4)
	_, _ = conn.Write([]byte("R\x00\x00\x00\x0c\x00\x00\x00\x05salt"))
	answer := make([]byte, 64)
	n, _ := conn.Read(answer)
	answers <- string(answer[:n])
}
