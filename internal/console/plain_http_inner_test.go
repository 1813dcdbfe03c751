package console

import (
	"net"
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// at is a connection to an address of the server.
type at struct {
	net.Conn
	addr net.Addr
}

func (a at) LocalAddr() net.Addr  { return a.addr }
func (a at) RemoteAddr() net.Addr { return a.addr }

// The tunnel has the server's own port, whatever a proxy in front has.
func TestTunnelTo(t *testing.T) {
	app := fiber.New()
	for _, test := range []struct {
		addr net.Addr
		host string
		want *tunnel
	}{
		{&net.TCPAddr{IP: net.IPv4(10, 0, 0, 7), Port: 9000}, "pages.lan:80", &tunnel{"ssh -L 9000:127.0.0.1:9000 pages.lan", "127.0.0.1:9000"}},
		{&net.TCPAddr{}, "pages.lan", &tunnel{"ssh -L 8000:127.0.0.1:8000 pages.lan", "127.0.0.1:8000"}},
		{&net.TCPAddr{Port: 8000}, "[2001:db8::1]:8000", &tunnel{"ssh -L 8000:127.0.0.1:8000 2001:db8::1", "127.0.0.1:8000"}},
		{&net.TCPAddr{Port: 8000}, "localhost:8000", &tunnel{"ssh -L 8000:127.0.0.1:8000 SERVER", "127.0.0.1:8000"}},
		{&net.TCPAddr{Port: 8000}, "-oProxyCommand=x", &tunnel{"ssh -L 8000:127.0.0.1:8000 SERVER", "127.0.0.1:8000"}},
		{&net.UnixAddr{Name: "/run/x.sock", Net: "unix"}, "pages.lan", nil},
	} {
		ctx := new(fasthttp.RequestCtx)
		ctx.Init2(at{addr: test.addr}, nil, false)
		ctx.Request.Header.SetHost(test.host)
		c := app.AcquireCtx(ctx)
		got := tunnelTo(c)
		if (got == nil) != (test.want == nil) || got != nil && *got != *test.want {
			t.Errorf("tunnelTo(%v, %s) = %+v; want %+v", test.addr, test.host, got, test.want)
		}
		app.ReleaseCtx(c)
	}
}
