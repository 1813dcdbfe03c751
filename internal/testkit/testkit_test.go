package testkit_test

import (
	"net"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"pagesession/internal/testkit"
	"pagesession/storage"
)

var _ storage.Clock = testkit.NewClock()

// Only tests, and packages that are for tests as well, may import this package and those
// below it: they would bring package testing into the program.
func TestImports(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}}: {{join .Imports " "}}`, "pagesession/...").CombinedOutput()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, out)
	}
	for line := range strings.Lines(string(out)) {
		who, imports, _ := strings.Cut(strings.TrimSpace(line), ": ")
		if isForTests(who) {
			continue
		}
		for _, path := range strings.Fields(imports) {
			if isForTests(path) {
				t.Errorf("%s imports %s outside its tests", who, path)
			}
		}
	}
}

func isForTests(path string) bool {
	return path == "pagesession/session/internal/apptest" || strings.HasPrefix(path+"/", "pagesession/internal/testkit/")
}

// A client behaves the same over the network and in process.
func TestClient_BothWays(t *testing.T) {
	server := &fasthttp.Server{Handler: mirror, NoDefaultServerHeader: true}
	addr := serve(t, server)
	for name, c := range map[string]*testkit.Client{
		"network": testkit.At(t, "http://"+addr), "in process": testkit.To(t, mirror),
	} {
		t.Run(name, func(t *testing.T) {
			c.T, c.Jar = t, map[string]string{}
			c.Post("/a/?b=c", testkit.Header("Host", "localhost"), testkit.Form("x", "1 2")).
				Wants(200, "POST /a/?b=c localhost 127.0.0.1", "[x=1+2]").Lacks("seen=")
			if c.Jar["seen"] != "yes" {
				t.Errorf("Jar = %v; want the cookie that was set", c.Jar)
			}
			r := c.Get("/go/")
			r.Wants(302, "seen=yes")
			if r.Leads() != "/there/?x=1" {
				t.Errorf("Leads() = %q; want /there/?x=1", r.Leads())
			}
			if head := c.Do("HEAD", "/a/"); head.Text != "" || head.ContentLength <= 0 {
				t.Errorf("HEAD = %q, length %d; want a length and no body", head.Text, head.ContentLength)
			}
			if c.Get("/forget/"); len(c.Jar) != 0 {
				t.Errorf("Jar = %v; want nothing after a deletion", c.Jar)
			}
		})
	}
	conn := testkit.Dial(t, addr)
	conn.Ask("GET /x HTTP/1.1\r\nHost: y\r\nConnection: close\r\n\r\n").Wants(200, "GET /x y")
	conn.ExpectClosed()
}

// mirror answers with the content of the request.
func mirror(ctx *fasthttp.RequestCtx) {
	ctx.SetBodyString(string(ctx.Method()) + " " + string(ctx.RequestURI()) + " " + string(ctx.Host()) + " " + ctx.RemoteIP().String() +
		" [" + string(ctx.PostBody()) + "] " + string(ctx.Request.Header.Peek("Cookie")))
	switch string(ctx.Path()) {
	case "/go/":
		ctx.Response.Header.Set("Location", "/there/?x=1")
		ctx.SetStatusCode(302)
	case "/forget/":
		ctx.Response.Header.Set("Set-Cookie", "seen=; max-age=0")
	default:
		ctx.Response.Header.Set("Set-Cookie", "seen=yes; max-age=20")
	}
}

func TestClock_Moves(t *testing.T) {
	c := testkit.NewClock()
	other, begin := testkit.CopyOf(c), c.Now()
	c.Advance(time.Minute)
	c.Step(time.Hour)
	if c.Wall().Sub(begin) != time.Hour+time.Minute || c.Boot() != time.Hour+time.Minute || c.BootID() != "boot-1" {
		t.Errorf("after Advance and Step: %v, %v, %q", c.Wall().Sub(begin), c.Boot(), c.BootID())
	}
	c.Reboot(time.Second)
	if c.Boot() != time.Second || c.BootID() == "boot-1" || c.Wall().Sub(begin) != time.Hour+61*time.Second {
		t.Errorf("after Reboot: %v, %v, %q", c.Wall().Sub(begin), c.Boot(), c.BootID())
	}
	if other.Now() != begin || other.Boot() != time.Hour {
		t.Errorf("the copy moved to %v, %v", other.Now(), other.Boot())
	}
}

func serve(t *testing.T, server *fasthttp.Server) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(ln) }()
	t.Cleanup(func() { _ = server.Shutdown() })
	return ln.Addr().String()
}
