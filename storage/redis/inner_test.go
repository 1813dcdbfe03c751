package redis

import (
	"bytes"
	"context"
	"crypto/rand"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pagesession/storage/record"
)

func heads() map[string]head {
	key, from := record.KeyOf(rand.Text()), record.KeyOf(rand.Text())
	return map[string]head{
		"common":     {form: byTTL, key: key, version: 1, created: epoch, idle: 20_000, absolute: 43_200_000},
		"no timeout": {form: byTTL, key: key, version: 1<<32 - 1, created: epoch + newest},
		"subject":    {form: byTTL, key: key, version: 7, created: epoch + 5, idle: 1, subject: strings.Repeat("x", 255)},
		"timed":      {form: timed, key: key, version: 7, created: epoch + 5, used: epoch + 6, idle: 86_400_001, subject: "ada"},
		"pending":    {form: pending, key: key, version: 7, created: epoch + 5, from: from, subject: "ada", absolute: 1},
	}
}

// written returns the bytes of a live value, as the scripts put them together.
func (h *head) written(content []byte) []byte {
	b := h.appendSubject(h.appendCreated(h.start()))
	if h.form == timed {
		b = append6(b, h.used)
	}
	return append(b, h.rest(content)...)
}

func TestParse_RoundTrip(t *testing.T) {
	for name, h := range heads() {
		b := h.written([]byte("content"))
		got, content, err := parse(h.key.Handle(), b)
		if err != nil || got != h || string(content) != "content" {
			t.Errorf("%s: parse = %+v, %q, %v; want %+v", name, got, content, err, h)
		}
		for n := range len(b) - len("content") {
			if _, _, err := parse(h.key.Handle(), b[:n]); err == nil {
				t.Errorf("%s: parse of the first %d bytes = nil; want an error", name, n)
			}
		}
	}
}

// The head of the usual session has 32 bytes, which is what the memory floor allows.
func TestParse_HeadIsShort(t *testing.T) {
	h := head{form: byTTL, idle: (30 * time.Minute).Milliseconds(), absolute: (30 * 24 * time.Hour).Milliseconds()}
	if n := len(h.written(nil)); n > 32 {
		t.Errorf("the head has %d bytes; want at most 32", n)
	}
}

func FuzzParse(f *testing.F) {
	for _, h := range heads() {
		f.Add(h.written([]byte("content")))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		h, content, err := parse(record.Handle{}, b)
		if err != nil {
			return
		}
		if again, _, err := parse(record.Handle{}, h.written(content)); err != nil || again != h {
			t.Errorf("written again, %+v is %+v, %v", h, again, err)
		}
		if !bytes.HasSuffix(b, content) {
			t.Errorf("the content %q is no end of %q", content, b)
		}
	})
}

func TestHead_Expired(t *testing.T) {
	for name, c := range map[string]struct {
		head
		now  int64
		want record.Reason
	}{
		"by TTL":             {head{form: byTTL, idle: 1}, 100, record.NoReason},
		"before":             {head{form: timed, used: 10, idle: 5}, 14, record.NoReason},
		"idle":               {head{form: timed, used: 10, idle: 5}, 15, record.Idle},
		"before both":        {head{form: byTTL, created: 10, absolute: 5}, 14, record.NoReason},
		"absolute":           {head{form: byTTL, created: 10, absolute: 5}, 15, record.Absolute},
		"idle was first":     {head{form: timed, used: 10, idle: 5, created: 10, absolute: 6}, 20, record.Idle},
		"absolute was first": {head{form: timed, used: 10, idle: 5, created: 9, absolute: 5}, 20, record.Absolute},
	} {
		if why, expired := c.expired(c.now); why != c.want || expired != (c.want != record.NoReason) {
			t.Errorf("%s: expired = %v, %v; want %v", name, why, expired, c.want)
		}
	}
}

func TestNewVersion(t *testing.T) {
	old := uint32(0)
	for range 1000 {
		v := newVersion(old)
		if v == 0 || v>>24 != (old>>24+1)&255 {
			t.Fatalf("newVersion(%x) = %x; want the next count", old, v)
		}
		old = v
	}
}

func TestKnown_IsBounded(t *testing.T) {
	k := newKnown(64)
	for range 10_000 {
		h := head{key: record.KeyOf(rand.Text()), version: 1}
		k.put(&h)
		k.memoize(&h.key, 1, "memo")
		if _, memo, ok := k.get(&h.key); !ok || memo != "memo" {
			t.Fatalf("get = %v, %v; want what was put last", memo, ok)
		}
	}
	n := 0
	for i := range k.shards {
		n += len(k.shards[i].of)
	}
	if n > 128 {
		t.Errorf("%d sessions are known; want 128 at most", n)
	}
}

func TestBreaker(t *testing.T) {
	var b breaker
	if !b.allow(0) {
		t.Error("a new breaker lets no call through")
	}
	b.failed(time.Second)
	if since, open := b.open(); !open || since != time.Second {
		t.Errorf("open = %v, %v; want since 1s", since, open)
	}
	let := 0
	for now := time.Second; now < 11*time.Second; now += time.Millisecond {
		if b.allow(now) {
			let++
			b.failed(now)
		}
	}
	if let < 45 || let > 100 {
		t.Errorf("in 10 s, %d calls were let through; want one in 100 to 200 ms", let)
	}
	if since, _ := b.open(); since != time.Second {
		t.Errorf("open since %v; want since the first failure", since)
	}
	soon, late := 11*time.Second+tryGap+tryJitter, 11*time.Second+tryGap+tryJitter+staleAfter
	if !b.allow(soon) || b.allow(soon) {
		t.Error("of two calls at once not one is let through")
	}
	b.failed(11 * time.Second)
	for range 2 {
		if !b.allow(late + 1) {
			t.Error("a call is refused for a failure of long ago")
		}
	}
	if since, open := b.open(); !open || since != time.Second {
		t.Errorf("open = %v, %v before a call has succeeded; want since 1s", since, open)
	}
	b.failed(late + 2)
	if b.allow(late + 3) {
		t.Error("a call is let through at once after a failure")
	}
	b.succeeded()
	if _, open := b.open(); open || !b.allow(0) {
		t.Error("after a success the breaker is open")
	}
}

func TestClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := clock{start: time.Now()}
		c.add(1*time.Millisecond, 3*time.Millisecond, 1_000_000)
		c.add(1*time.Millisecond, 4*time.Millisecond, 1_010_000)
		c.end()
		c.end() // a round without answers
		time.Sleep(time.Second)
		if now, least := c.now(), c.atLeast(); now != 2009 || least != 1997 {
			t.Errorf("now = %d, at least %d; want 2009, 1997", now, least)
		}
		c.add(time.Second, time.Second, 500_000) // it was stepped back
		c.end()
		if now := c.now(); now != 500 {
			t.Errorf("now = %d; want 500", now)
		}
	})
}

func TestLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		l := limits{each: time.Second}
		first, _ := l.of(context.Background(), 0)
		time.Sleep(240 * time.Millisecond)
		if same, _ := l.of(context.Background(), time.Since(start)); same != first {
			t.Error("two calls have contexts of their own; want one")
		}
		time.Sleep(20 * time.Millisecond)
		begun := time.Now()
		last, _ := l.of(context.Background(), time.Since(start))
		<-last.Done()
		if took := time.Since(begun); took < time.Second || took > 1250*time.Millisecond {
			t.Errorf("the context of a call ended after %v; want 1 to 1.25 s", took)
		}
		own, cancel := context.WithCancel(context.Background())
		limited, stop := l.of(own, 0)
		defer stop()
		cancel()
		if limited.Err() == nil {
			t.Error("a call goes on when its own context is done")
		}
		l.close()
	})
}

func TestJudge(t *testing.T) {
	for text, want := range map[string]verdict{
		"OOM command not allowed when used memory > 'maxmemory'.": full,
		"-OOM allow-oom flag is not set on the script":            refusal,
		"LOADING Redis is loading the dataset in memory":          again,
		"READONLY You can't write against a read only replica.":   again,
		"CLUSTERDOWN Hash slot not served":                        again,
		"MOVED 3999 127.0.0.1:6381":                               again,
		"WRONGTYPE Operation against a key":                       refusal,
		"NOAUTH Authentication required.":                         again,
		"WRONGPASS invalid username-password pair":                again,
		"ERR max number of clients reached":                       again,
		"TRYAGAIN Multiple keys request during rehashing of slot": moving,
		"NOPERM this user has no permissions to run the command":  refusal,
	} {
		if got := judgeAnswer(text); got != want {
			t.Errorf("judge of %q = %d; want %d", text, got, want)
		}
	}
}

// A prefix leaves out only tags whose handles cannot begin with it.
func TestTagHas(t *testing.T) {
	h := record.KeyOf(rand.Text()).Handle()
	for n := range 8 {
		prefix, left := strings.ToUpper(h.String()[:n]), 0
		for tag := range tags {
			if tagHas(tag, prefix) {
				left++
			}
		}
		if want := max(1, tags>>(4*n)); !tagHas(tagOf(h), prefix) || left != want {
			t.Errorf("prefix %q of %s has %d tags, its own %v; want %d, true", prefix, h, left, tagHas(tagOf(h), prefix), want)
		}
	}
}

func TestParseOwner(t *testing.T) {
	const replica = "aa 127.0.0.1:1@2 myself,slave bb 0 0 4 connected\nbb 127.0.0.1:3@4 master - 0 0 2 connected 0-99\n"
	if c, ok := parseOwner(replica); ok {
		t.Errorf("parseOwner of a replica = %+v; want none", c)
	}
	const demoted = "aa 127.0.0.1:1@2 myself,master - 0 0 2 connected 0-99 200 [50->-cc]\n"
	old, ok := parseOwner(demoted)
	if !ok || old.epoch != 2 || !old.has(99) || !old.has(200) || old.has(100) || old.has(50) {
		t.Errorf("parseOwner = %+v, %v; want epoch 2 and the slots 0 to 99, without 50, and 200", old, ok)
	}
	newer, _ := parseOwner(strings.ReplaceAll(demoted, "0 0 2", "0 0 5"))
	old.until, newer.until = time.Second, time.Second
	for _, owners := range [][]owner{{old, newer}, {newer, old}} {
		if c := latest(owners, 7, 0); c == nil || c.epoch != 5 {
			t.Errorf("latest = %+v; want the later epoch", c)
		}
		if c := latest(owners, 7, time.Second); c != nil {
			t.Errorf("latest of old owners = %+v; want none", c)
		}
	}
}
