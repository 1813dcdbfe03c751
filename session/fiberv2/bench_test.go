package fiberv2_test

import (
	"context"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"pagesession/session"
	"pagesession/session/fiberv2"
	"pagesession/storage/record"
)

// one is a store with one session that does as little as a store can.
type one struct {
	session.Store
	rec record.Record
}

func (s *one) Refresh(context.Context, record.Key) (record.Record, error) { return s.rec, nil }
func (s *one) Peek(context.Context, record.Key) (record.Record, error)    { return s.rec, nil }
func (s *one) Create(context.Context, record.Key, record.Content, time.Duration) (record.Record, error) {
	return s.rec, nil
}
func (s *one) Memoize(_ record.Key, _ uint64, memo any) { s.rec.Memo = memo }

func unchanged(t testing.TB) (*fiberv2.Sessions, *fiber.Ctx) {
	cfg := fiberv2.DefaultConfig()
	cfg.Store = &one{rec: record.Record{
		State: record.Live, Value: string(encoded(t, map[string]any{"name": "Sonam"})),
		IdleTimeout: 20 * time.Second, Remaining: 19500 * time.Millisecond, AbsoluteRemaining: time.Hour,
	}}
	k := newKit(t)
	p, err := fiberv2.New(cfg)
	if err != nil {
		t.Fatalf("New() = %v", err)
	}
	return p, k.request("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
}

func TestRefresh_AllocatesNothing(t *testing.T) {
	p, c := unchanged(t)
	for name, call := range map[string]func(*fiber.Ctx) (session.View, error){"Refresh": p.Refresh, "Peek": p.Peek} {
		got := testing.AllocsPerRun(200, func() {
			c.Response().Header.Reset()
			c.Set("Vary", "Accept-Encoding")
			if v, err := call(c); err != nil || v.Values.String("name") != "Sonam" {
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

// BenchmarkStart measures a creation on a store that does nothing.
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
