package app

import (
	"bytes"
	"context"
	"encoding/base32"
	"encoding/binary"
	"encoding/gob"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"pagesession/session/fiberv2"
	"pagesession/storage"
	"pagesession/storage/record"
)

// BenchmarkRefresh measures a refresh: cookie, policy, storage and the name, in a million
// sessions, more than fit in a cache.
func BenchmarkRefresh(b *testing.B) {
	const n = 1_000_000
	store, p := million(b, n)
	ctx := new(fasthttp.RequestCtx)
	c := fiber.New().AcquireCtx(ctx)
	for i := range n { // decoded, as after a first look
		ctx.Request.Header.SetCookie("sessionid", sessionID(i))
		_, _ = p.Peek(c)
	}
	runtime.GC()
	b.ReportAllocs()
	i, id, cpu := uint64(0), "", cpuTime()
	for b.Loop() {
		i++
		id = sessionID(int(i * 0x9E3779B97F4A7C15 >> 20 % n))
		ctx.Request.Header.SetCookie("sessionid", id)
		c.Response().Header.Reset()
		if v, err := p.Refresh(c); err != nil || v.Values.String("name") != "Sonam" {
			b.Fatalf("Refresh() = %+v, %v", v, err)
		}
	}
	b.ReportMetric(float64(cpuTime()-cpu)/float64(b.N), "cpu-ns/op")
	runtime.KeepAlive(store)
}

// sessionID returns a valid id for the i-th session.
func sessionID(i int) string {
	var raw [16]byte
	binary.LittleEndian.PutUint64(raw[:], uint64(i))
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw[:])
}

// million opens a store with n sessions named Sonam, and a policy over it.
func million(b *testing.B, n int) (*storage.Storage, *fiberv2.Sessions) {
	store, err := storage.Open(storage.Config{Database: filepath.Join(b.TempDir(), "sessions.db")})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = store.Close() })
	var value bytes.Buffer
	if err := gob.NewEncoder(&value).Encode(map[string]any{"name": "Sonam"}); err != nil {
		b.Fatal(err)
	}
	var wg sync.WaitGroup
	const workers = 1024
	for w := range workers {
		wg.Go(func() {
			for i := w; i < n; i += workers {
				if err := store.Create(context.Background(), record.KeyOf(sessionID(i)), value.Bytes(), record.Lifetime{Idle: time.Hour}); err != nil {
					b.Error(err)
				}
			}
		})
	}
	wg.Wait()
	cfg := fiberv2.DefaultConfig()
	cfg.Store = store.Sessions()
	p, err := fiberv2.New(cfg)
	if err != nil {
		b.Fatal(err)
	}
	return store, p
}

// cpuTime returns the processor time of this process. On a shared machine it says more
// than the elapsed time.
func cpuTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
