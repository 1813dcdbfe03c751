package session_test

import (
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/session"
	"pagesession/storage/record"
)

// one is a store with one session, as cheap as a store can be.
type one struct {
	session.Store
	rec record.Record
}

func (s *one) Refresh(record.Key) record.Record                 { return s.rec }
func (s *one) Peek(record.Key) record.Record                    { return s.rec }
func (s *one) Create(record.Key, []byte, record.Lifetime) error { return nil }
func (s *one) Memoize(_ record.Key, _ uint64, memo any)         { s.rec.Memo = memo }

func unchanged(t testing.TB) (*session.Policy, *fiber.Ctx) {
	cfg := session.DefaultConfig()
	cfg.Store = &one{rec: record.Record{
		State: record.Live, Value: encoded(t, map[string]any{"name": "Sonam"}),
		IdleTimeout: 20 * time.Second, Remaining: 19500 * time.Millisecond, AbsoluteRemaining: time.Hour,
	}}
	k := newKit(t)
	p, err := session.New(cfg)
	if err != nil {
		t.Fatalf("New() = %v", err)
	}
	return p, k.request("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
}

func TestRefresh_AllocatesNothing(t *testing.T) {
	p, c := unchanged(t)
	for name, call := range map[string]func(*fiber.Ctx) session.View{"Refresh": p.Refresh, "Peek": p.Peek} {
		got := testing.AllocsPerRun(200, func() {
			c.Response().Header.Reset()
			c.Set("Vary", "Accept-Encoding")
			if v := call(c); v.Values.String("name") != "Sonam" {
				t.Errorf("%s() = %+v; want Sonam", name, v)
			}
		})
		if got != 0 {
			t.Errorf("%s() allocates %v times; want 0", name, got)
		}
	}
}

func BenchmarkRefresh(b *testing.B) {
	p, c := unchanged(b)
	b.ReportAllocs()
	for b.Loop() {
		c.Response().Header.Reset()
		p.Refresh(c)
	}
}

func BenchmarkPeek(b *testing.B) {
	p, c := unchanged(b)
	b.ReportAllocs()
	for b.Loop() {
		c.Response().Header.Reset()
		p.Peek(c)
	}
}

func BenchmarkUpdate(b *testing.B) {
	k := newKit(b)
	id := k.start()
	c := k.request(id)
	b.ReportAllocs()
	for b.Loop() {
		c.Response().Header.Reset()
		if _, err := k.Update(c, named("Sonam")); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkStart is a creation, on a store that only says yes.
func BenchmarkStart(b *testing.B) {
	p, c := unchanged(b)
	c.Request().Header.DelAllCookies()
	b.ReportAllocs()
	for b.Loop() {
		c.Request().Header.DelAllCookies()
		c.Response().Header.Reset()
		if _, err := p.Start(c, named("Sonam")); err != nil {
			b.Fatal(err)
		}
	}
}
