package fiberv2_test

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"pagesession/session"
	"pagesession/session/fiberv2"
	"pagesession/storage/record"
)

var idForm = regexp.MustCompile(`\A[A-Z2-7]{26}\z`)

// everyone is a store in which every key is live, so that two ids are ambiguous. It records the keys that it was
// asked about.
type everyone struct {
	session.Store
	value []byte
	asked []record.Key
}

func (s *everyone) Refresh(_ context.Context, k record.Key) (record.Record, error) {
	s.asked = append(s.asked, k)
	return record.Record{State: record.Live, Value: string(s.value)}, nil
}

func (s *everyone) Peek(ctx context.Context, k record.Key) (record.Record, error) {
	return s.Refresh(ctx, k)
}

func (*everyone) Memoize(record.Key, uint64, any) {}

// expected returns the different ids in a Cookie header, at most four, found in another
// way than the policy's.
func expected(header string) (ids []string) {
	for pair := range strings.SplitSeq(header, ";") {
		name, value, ok := strings.Cut(pair, "=")
		if value = strings.Trim(value, " \t"); len(value) > 1 && value[0] == '"' && value[len(value)-1] == '"' {
			value = value[1 : len(value)-1]
		}
		if ok && strings.Trim(name, " \t") == "sessionid" && !strings.ContainsAny(value, `"\`) {
			if idForm.MatchString(value) && !slices.Contains(ids, value) && len(ids) < 4 {
				ids = append(ids, value)
			}
		}
	}
	return ids
}

func FuzzCookie(f *testing.F) {
	const id = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	for _, seed := range []string{
		"", "sessionid", "sessionid=", "sessionid=" + id, "sessionid=" + id + "; sessionid=" + id,
		"sessionid=" + id + "; sessionid=A" + id[1:] + "; sessionid=B" + id[1:], "sessionid=" + id + "; sessionid=BBCDEFGHIJKLMNOPQRSTUVWXYZ; sessionid=" + id,
		"a=b; sessionid=" + id + ";c", `sessionid="` + id + `"`, "=sessionid=" + id, "sessionid==" + id,
		" sessionid = " + id + " ", "SESSIONID=" + id, "sessionid=" + id + "=", "\tsessionid=" + id, ";\tsessionid=", "a=b;\tsessionid\t=\t" + id + "\t",
		"sessionid=" + id + ",sessionid=" + id, `sessionid=a"b; sessionid=` + id, "sessionid=\xff\x80",
		"xsessionid=" + id + "; sessionidx=" + id, ";;;sessionid=" + id + ";;",
	} {
		f.Add(seed)
	}
	app := fiber.New()
	value := encoded(f, map[string]any{})
	f.Fuzz(func(t *testing.T, header string) {
		store := &everyone{value: value}
		cfg := fiberv2.DefaultConfig()
		cfg.Store = store
		p, err := fiberv2.New(cfg)
		if err != nil {
			t.Fatalf("New() = %v", err)
		}
		c := app.AcquireCtx(new(fasthttp.RequestCtx))
		defer app.ReleaseCtx(c)
		raw := "GET / HTTP/1.1\r\nHost: x\r\nCookie: " + header + "\r\n\r\n"
		if strings.ContainsAny(header, "\r\n") || readHeader(&c.Request().Header, raw) != nil {
			return // refused before the policy sees it
		}
		v, err := p.Refresh(c)
		if err != nil {
			t.Fatalf("Refresh() = %v", err)
		}
		want := expected(strings.Trim(header, " \t"))
		if v.Cookie != (len(want) > 0) || v.Live() != (len(want) == 1) || v.Ambiguous != (len(want) > 1) {
			t.Fatalf("Cookie %q: live %t, ambiguous %t, cookie %t; want ids %q", header, v.Live(), v.Ambiguous, v.Cookie, want)
		}
		var keys []record.Key
		for _, id := range want {
			keys = append(keys, key(id))
		}
		if !slices.Equal(store.asked, keys) {
			t.Fatalf("Cookie %q: the store was asked %d times; want for each of %q", header, len(store.asked), want)
		}
		if v.Live() && sentID(t, c) != want[0] || !v.Live() && len(sent(c)) > 0 {
			t.Fatalf("Cookie %q: cookies sent %q; want ids %q", header, sent(c), want)
		}
	})
}
