package fiberv2_test

import (
	"net"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	fibersession "github.com/gofiber/fiber/v2/middleware/session"

	"pagesession/session"
)

// requestFrom returns a request with an address and an agent.
func (k *kit) requestFrom(address, agent string, cookies ...string) *fiber.Ctx {
	c := k.request(cookies...)
	c.Context().SetRemoteAddr(&net.TCPAddr{IP: net.ParseIP(address), Port: 4711})
	c.Request().Header.SetUserAgent(agent)
	return c
}

// stored returns the stored value of the session that a response's cookie names.
func (k *kit) stored(c *fiber.Ctx) []byte {
	k.t.Helper()
	return []byte(k.record(sentID(k.t, c)).Value)
}

func (k *kit) wantClientInfo(what string, value []byte, want session.ClientInfo, name string) {
	k.t.Helper()
	info, err := session.Describe(string(value))
	if err != nil || info.ClientInfo != want || info.Values.String("name") != name {
		k.t.Errorf("%s: Describe() = %+v, %v; want %+v and the name %q", what, info, err, want, name)
	}
}

func TestClientInfo_IsThatOfCreation(t *testing.T) {
	k := newKit(t)
	first := session.ClientInfo{Address: "203.0.113.7", Agent: "Browser/1.0"}
	c := k.requestFrom("203.0.113.7", "Browser/1.0")
	c.Request().Header.Set("X-Forwarded-For", "198.51.100.1")
	if v, err := k.Start(c, named("Sonam")); err != nil || v.Values.String("name") != "Sonam" {
		t.Fatalf("Start() = %+v, %v", v, err)
	}
	k.wantClientInfo("Start", k.stored(c), first, "Sonam")

	regenerated := func(s *fibersession.Session) error {
		s.Set("name", "Regenerated")
		return s.Regenerate()
	}
	for _, step := range []struct {
		what, name string
		do         func(*fiber.Ctx) (session.View, error)
	}{
		{"Start again", "Again", func(c *fiber.Ctx) (session.View, error) { return k.Start(c, named("Again")) }},
		{"Update", "Updated", func(c *fiber.Ctx) (session.View, error) { return k.Update(c, named("Updated")) }},
		{"Rotate", "Updated", k.Rotate},
		{"Regenerate", "Regenerated", func(c *fiber.Ctx) (session.View, error) { return k.Update(c, regenerated) }},
	} {
		next := k.requestFrom("198.51.100.2", "Other/2.0", sentID(t, c))
		v, err := step.do(next)
		if err != nil || v.Values.String("name") != step.name {
			t.Fatalf("%s = %+v, %v; want the name %q", step.what, v, err, step.name)
		}
		c = next
		k.wantClientInfo(step.what, k.stored(c), first, step.name)
	}
}

func TestClientInfo_FibersHandlersKeepItAndDoNotSeeIt(t *testing.T) {
	k := newKit(t)
	c := k.requestFrom("2001:db8::1", "Browser/1.0")
	if _, err := k.Start(c, named("Sonam")); err != nil {
		t.Fatal(err)
	}
	id := sentID(t, c)
	sess, err := k.Store().Get(k.request(id))
	if err != nil || sess.Get("name") != "Sonam" {
		t.Fatalf("Store().Get() = %v, %v; want Sonam", sess, err)
	}
	sess.Set("name", "Pema")
	if err := sess.Save(); err != nil {
		t.Fatal(err)
	}
	k.wantClientInfo("Save", []byte(k.record(id).Value), session.ClientInfo{Address: "2001:db8::1", Agent: "Browser/1.0"}, "Pema")
}

func TestClientInfo_Forms(t *testing.T) {
	long := strings.Repeat("ab", 99) // 198 bytes
	for _, c := range []struct {
		address, agent string
		want           session.ClientInfo
	}{
		{"0.0.0.0", "", session.ClientInfo{}},
		{"::ffff:192.0.2.1", "", session.ClientInfo{Address: "192.0.2.1"}},
		{"0.0.0.0", "a\x01b\x7fc\xffd\u202ee\tf", session.ClientInfo{Agent: "abcdef"}},
		{"0.0.0.0", long + "ä rest", session.ClientInfo{Agent: long + "ä"}},
		{"0.0.0.0", long + "xä rest", session.ClientInfo{Agent: long + "x"}},
		{"0.0.0.0", "<script> ä �", session.ClientInfo{Agent: "<script> ä �"}},
	} {
		k := newKit(t)
		ctx := k.requestFrom(c.address, c.agent)
		if _, err := k.Start(ctx, named("Sonam")); err != nil {
			t.Fatal(err)
		}
		k.wantClientInfo(c.agent, k.stored(ctx), c.want, "Sonam")
	}
}

func TestClientInfo_ValuesWithoutOne(t *testing.T) {
	k := newKit(t)
	old := encoded(t, map[string]any{"name": "Old"})
	k.wantClientInfo("older value", old, session.ClientInfo{}, "Old")
	c := k.requestFrom("203.0.113.7", "Browser/1.0", k.seed(old, time.Minute, time.Hour))
	if v, err := k.Update(c, named("New")); err != nil || v.Values.String("name") != "New" {
		t.Fatalf("Update() = %+v, %v; want the name New", v, err)
	}
	k.wantClientInfo("changed", k.stored(c), session.ClientInfo{}, "New")
}

// A value that is cut off at any byte counts as no session and causes no panic.
func TestDescribe_Damaged(t *testing.T) {
	k := newKit(t)
	c := k.requestFrom("203.0.113.7", "Browser/1.0")
	if _, err := k.Start(c, named("Sonam")); err != nil {
		t.Fatal(err)
	}
	value := k.stored(c)
	for n := range value {
		if info, err := session.Describe(string(value[:n])); err == nil {
			t.Errorf("Describe(first %d of %d bytes) = %+v; want an error", n, len(value), info)
		}
		session.Search("zz")(string(value[:n]))
	}
}

func TestKey_IsTheRequestsOwn(t *testing.T) {
	k := newKit(t)
	id := k.start()
	if got, ok := k.Token(k.request(id)).Key(); !ok || got != key(id) {
		t.Errorf("Key() = %x, %v; want %x", got, ok, key(id))
	}
	for _, cookies := range [][]string{nil, {"short"}, {"short", "shorter"}} {
		if got, ok := k.Token(k.request(cookies...)).Key(); ok {
			t.Errorf("Key(%q) = %x; want none", cookies, got)
		}
	}
}
