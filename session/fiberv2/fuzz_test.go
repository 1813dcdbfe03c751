package fiberv2_test

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"pagesession/session"
	"pagesession/session/fiberv2"
	"pagesession/storage/record"
)

var idForm = regexp.MustCompile(`\A[A-Z2-7]{26}\z`)

// everyone is a store in which every key is live. It records the keys that it was
// asked about.
type everyone struct {
	session.Store
	value []byte
	asked []record.Key
}

func (s *everyone) Refresh(_ context.Context, k record.Key) (record.Record, error) {
	s.asked = append(s.asked, k)
	return record.Record{State: record.Live, Value: s.value}, nil
}

func (*everyone) Memoize(record.Key, uint64, any) {}

// expected returns the id in a Cookie header, found in another way than the
// policy's; "": no id may be taken from it.
func expected(header string) (id string, came bool) {
	var ids []string
	for pair := range strings.SplitSeq(header, ";") {
		name, value, ok := strings.Cut(pair, "=")
		if value = strings.Trim(value, " \t"); len(value) > 1 && value[0] == '"' && value[len(value)-1] == '"' {
			value = value[1 : len(value)-1]
		}
		if ok && strings.Trim(name, " \t") == "sessionid" && !strings.ContainsAny(value, `"\`) {
			ids = append(ids, value)
		}
	}
	if len(ids) == 1 && idForm.MatchString(ids[0]) {
		id = ids[0]
	}
	return id, len(ids) > 0
}

func FuzzCookie(f *testing.F) {
	const id = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	for _, seed := range []string{
		"", "sessionid", "sessionid=", "sessionid=" + id, "sessionid=" + id + "; sessionid=" + id,
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
		want, came := expected(strings.Trim(header, " \t"))
		if v.Cookie != came || v.Live() != (want != "") {
			t.Fatalf("Cookie %q: live %t, cookie %t; want id %q, cookie %t", header, v.Live(), v.Cookie, want, came)
		}
		if !v.Live() {
			if len(store.asked) != 0 {
				t.Fatalf("Cookie %q: the store was asked", header)
			}
			return
		}
		if len(store.asked) != 1 || store.asked[0] != key(want) || sentID(t, c) != want {
			t.Fatalf("Cookie %q: cookies sent %q; want id %q", header, sent(c), want)
		}
	})
}
