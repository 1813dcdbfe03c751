package systemd

import (
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// passed is a service with these files.
func passed(files ...*os.File) *Service {
	return &Service{log: slog.New(slog.DiscardHandler), files: files}
}

// socket returns a file with a name for what listens, or is connected.
func socket(t *testing.T, name string, of interface{ File() (*os.File, error) }) *os.File {
	t.Helper()
	f, err := of.File()
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	fd, err := syscall.Dup(int(f.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	return os.NewFile(uintptr(fd), name)
}

func tcp(t *testing.T, addr string) *net.TCPListener {
	t.Helper()
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ln.Close() })
	return ln.(*net.TCPListener)
}

// A socket that its setting names is used, and accepts.
func TestOpen(t *testing.T) {
	ln, redirect := tcp(t, "127.0.0.1:0"), tcp(t, "127.0.0.1:0")
	path := filepath.Join(t.TempDir(), "m.sock")
	metrics, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer metrics.Close()
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	s := passed(socket(t, HTTP, ln), socket(t, Redirect, redirect), socket(t, Metrics, metrics.(*net.UnixListener)))
	if !s.HasSocket() {
		t.Error("HasSocket() = false; want true")
	}
	open, err := s.Open()
	if err != nil {
		t.Fatal(err)
	}
	for name, addr := range map[string]string{HTTP: ln.Addr().String(), Redirect: "127.0.0.1:0", Metrics: "unix:" + path} {
		took, err := open.Take(name, addr, "--flag")
		if err != nil || took == nil {
			t.Fatalf("Take(%q, %q) = %v, %v; want a listener", name, addr, took, err)
		}
		go func() { _, _ = net.Dial(took.Addr().Network(), took.Addr().String()) }()
		if c, err := took.Accept(); err != nil {
			t.Errorf("%s: Accept() = %v", name, err)
		} else {
			_ = c.Close()
		}
		_ = took.Close()
	}
	if err := open.Rest(); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(path); err != nil {
		t.Errorf("the socket's file after Close: %v; want it left to systemd", err)
	}
	if again, err := s.Open(); len(again) > 0 || err != nil || s.HasSocket() {
		t.Errorf("a second Open() = %v, %v; want nothing", again, err)
	}
}

// A single socket may have any name, such as that of its unit.
func TestOpen_OneOfAnyName(t *testing.T) {
	open, err := passed(socket(t, "pagesession.socket", tcp(t, "127.0.0.1:0"))).Open()
	if err != nil {
		t.Fatal(err)
	}
	if ln, err := open.Take(HTTP, "127.0.0.1:0", "--addr"); ln == nil || err != nil {
		t.Errorf("Take(http) = %v, %v; want the socket", ln, err)
	} else {
		_ = ln.Close()
	}
}

// What cannot be used is refused, with what to do.
func TestOpen_Mistakes(t *testing.T) {
	ln := tcp(t, "127.0.0.1:0")
	client, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	udp, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer udp.Close()
	packets, err := net.Listen("unixpacket", filepath.Join(t.TempDir(), "p"))
	if err != nil {
		t.Fatal(err)
	}
	defer packets.Close()
	plain, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	closed := os.NewFile(9999, HTTP)
	for want, files := range map[string][]*os.File{
		`"http" is not a listening socket; in its unit`:                                     {socket(t, HTTP, client.(*net.TCPConn))},
		`"u" is not a listening socket`:                                                     {socket(t, "u", udp.(*net.UDPConn))},
		`is not a listening socket: socket operation`:                                       {plain},
		`is not a listening socket: bad file`:                                               {closed},
		`"http" is one of unixpacket; use a TCP`:                                            {socket(t, HTTP, packets.(*net.UnixListener))},
		`two sockets are called "http"`:                                                     {socket(t, HTTP, ln), socket(t, HTTP, ln)},
		`one is called "web"; set FileDescriptorName= of each to http, redirect or metrics`: {socket(t, HTTP, ln), socket(t, "web", ln)},
	} {
		_, err := passed(files...).Open()
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Open() = %v; want %q", err, want)
			continue
		}
		if coded, ok := err.(interface{ ExitCode() int }); !ok || coded.ExitCode() != 2 {
			t.Errorf("the exit code of %v is not 2", err)
		}
	}
}

// A socket elsewhere than its setting says is refused: the operator has allowed another address.
func TestTake_Mistakes(t *testing.T) {
	here, all := tcp(t, "127.0.0.1:0"), tcp(t, ":0")
	_, port, _ := net.SplitHostPort(all.Addr().String())
	for _, tt := range []struct {
		ln   *net.TCPListener
		addr string
		fits bool
	}{
		{here, here.Addr().String(), true},
		{here, "127.0.0.1:0", true},
		{here, "127.0.0.1:1", false},
		{here, "127.0.0.2:0", false},
		{here, ":0", false},
		{here, "unix:/run/http.sock", false},
		{all, ":" + port, true},
		{all, "0.0.0.0:" + port, true},
		{all, "127.0.0.1:" + port, false},
		{all, "localhost:" + port, false},
		{here, "localhost:0", true},
		{here, "", false},
	} {
		open, err := passed(socket(t, HTTP, tt.ln)).Open()
		if err != nil {
			t.Fatal(err)
		}
		ln, err := open.Take(HTTP, tt.addr, "--addr")
		if (err == nil) != tt.fits || (ln != nil) != tt.fits {
			t.Errorf("Take of %s for --addr %q = %v, %v; want it to fit: %v", tt.ln.Addr(), tt.addr, ln, err, tt.fits)
		}
		if !tt.fits && err != nil && !strings.Contains(err.Error(), "make ListenStream= of the unit and --addr the same") {
			t.Errorf("Take = %v; want what to do", err)
		}
	}
	open, _ := passed(socket(t, Metrics, here)).Open()
	if ln, err := open.Take(HTTP, "127.0.0.1:0", "--addr"); ln != nil || err != nil {
		t.Errorf("Take(http) = %v, %v; want none", ln, err)
	}
	if err := open.Rest(); err == nil || !strings.Contains(err.Error(), `--metrics-addr is empty; set it`) {
		t.Errorf("Rest() = %v; want what to do", err)
	}
}

// A Unix socket to which more users may connect than --addr allows is refused: the server
// may believe the headers of each peer there.
func TestTake_Mode(t *testing.T) {
	path := filepath.Join(t.TempDir(), "http.sock")
	ln, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	for _, tt := range []struct {
		mode os.FileMode
		addr string
		want string // "" for no error
	}{
		{0o600, "", ""},
		{0o660, ",mode=0660", ""},
		{0o600, ",mode=0666", ""},
		{0o666, "", "has mode 0666, and the setting allows 0600; set SocketMode=0600 in its unit, or write unix:" + path + ",mode=0666"},
		{0o666, ",mode=0660", "set SocketMode=0660"},
		{0o660, "", "set SocketMode=0600"},
	} {
		if err := os.Chmod(path, tt.mode); err != nil {
			t.Fatal(err)
		}
		open, err := passed(socket(t, HTTP, ln.(*net.UnixListener))).Open()
		if err != nil {
			t.Fatal(err)
		}
		took, err := open.Take(HTTP, "unix:"+path+tt.addr, "--addr")
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || took != nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("Take of a socket with mode %o for %q = %v, %v; want %q", tt.mode, tt.addr, took, err, tt.want)
		}
	}
}
