package e2e

import (
	"net"
	"net/http"
	"os/exec"
	"regexp"
	"strconv"
	"testing"

	"pagesession/internal/testkit"
)

// created returns how many of n clients of a network behind the test's proxy get a session,
// and the last answer that was refused.
func (s *server) created(n int, from string) (good int, refused *reply) {
	s.t.Helper()
	for range n {
		switch r := s.get("/set/", testkit.Header("X-Forwarded-For", from)); r.StatusCode {
		case http.StatusOK:
			good++
		case http.StatusTooManyRequests:
			refused = r
		default:
			s.t.Fatalf("GET /set/ = %d; want 200 or 429", r.StatusCode)
		}
	}
	return good, refused
}

// One network of a proxy's clients cannot use up what others need. This machine has no
// limit, so that load tests run as ever.
func TestLimits_Creations(t *testing.T) {
	t.Parallel()
	s := start(t, "--trusted-proxies=127.0.0.1", "--client-creations=1", "--client-burst=20")
	good, refused := s.created(60, "203.0.113.7")
	if good < 20 || good > 40 || refused == nil {
		t.Fatalf("%d of 60 creations were admitted; want 20, and one a second", good)
	}
	if wait, _ := strconv.Atoi(refused.Header.Get("Retry-After")); wait < 1 || len(refused.Header["Set-Cookie"]) > 0 {
		t.Errorf("429 with Retry-After %q and cookies %q", refused.Header.Get("Retry-After"), refused.Header["Set-Cookie"])
	}
	if good, _ := s.created(20, "203.0.113.8"); good != 20 {
		t.Errorf("another network: %d of 20", good)
	}
	for i := range 10 { // one /64
		if s.created(2, "2001:db8::"+strconv.Itoa(i+1)); i == 9 {
			good, _ = s.created(40, "2001:db8::ffff")
		}
	}
	if good >= 20 { // a network of its own would have the whole burst
		t.Errorf("after 20 of its /64 an IPv6 client creates %d more at once", good)
	}
	for range 60 {
		s.set() // no proxy's header
	}
}

func TestLimits_LiveSessions(t *testing.T) {
	t.Parallel()
	s := start(t, "--trusted-proxies=127.0.0.1", "--client-creations=0", "--client-sessions=10", "--idle-timeout=1h")
	if good, refused := s.created(12, "203.0.113.7"); good != 10 || refused == nil {
		t.Errorf("%d of 12 creations were admitted; want 10", good)
	}
	if good, _ := s.created(2, "203.0.113.8"); good != 2 {
		t.Errorf("another network: %d of 2", good)
	}
	s.stop()
	again := startIn(t, s.dir, "--trusted-proxies=127.0.0.1", "--client-creations=0", "--client-sessions=10", "--idle-timeout=1h")
	more := 0
	again.await("a refusal", func() bool {
		good, refused := again.created(1, "203.0.113.7")
		more += good
		return refused != nil
	})
	if more >= 10 { // the count of the start may take a moment
		t.Errorf("after a restart with 10 sessions %d more were admitted; want the old ones to count", more)
	}
}

// An unused connection stays open for as long as the setting says.
func TestLimits_KeepAlive(t *testing.T) {
	t.Parallel()
	c := start(t, "--keep-alive=1s").dial(t)
	for range 2 {
		c.Ask("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n").Wants(200, "ok")
	}
	c.ExpectClosed()
}

// One network cannot keep others from the port that redirects to https.
func TestLimits_RedirectPort(t *testing.T) {
	t.Parallel()
	host := ownAddress(t)
	s := startSecured(t, newPair(t), "--client-connections=2", "--http-addr="+net.JoinHostPort(host, "0"))
	from := regexp.MustCompile(`from=http://([^/]+)/`).FindStringSubmatch(s.out.String())
	if from == nil {
		t.Fatalf("the log has no address of the redirect:\n%s", s.out)
	}
	const ask = "GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n"
	for range 2 {
		testkit.Dial(t, from[1]).Ask(ask).Wants(http.StatusPermanentRedirect, "")
	}
	third := testkit.Dial(t, from[1])
	third.Send(ask)
	if first, err := third.In.ReadByte(); err == nil {
		t.Errorf("a third connection is answered with %q...; want it closed", first)
	}
}

// ownAddress returns an address of this machine that is not the loopback's, which has no
// limits. A machine without one gets one while the test runs, if the test is root's.
func ownAddress(t *testing.T) string {
	t.Helper()
	all, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range all {
		if n, ok := a.(*net.IPNet); ok && n.IP.IsGlobalUnicast() {
			return n.IP.String()
		}
	}
	const free = "192.0.2.77" // of a network for documentation, RFC 5737
	if out, err := exec.Command("ip", "address", "add", free+"/32", "dev", "lo").CombinedOutput(); err != nil {
		t.Skipf("this machine has only the loopback, and gets no other address: %v, %s", err, out)
	}
	t.Cleanup(func() { _ = exec.Command("ip", "address", "del", free+"/32", "dev", "lo").Run() })
	return free
}
