package page

import (
	"bytes"
	"crypto/tls"
	"encoding/base64"
	"math"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

var testCookie = Cookie{Name: "messages", Path: "/", SameSite: "Lax"}

func newFlashes(t testing.TB, cookie Cookie, fill byte) *Flashes {
	t.Helper()
	f, err := NewFlashes(cookie, bytes.Repeat([]byte{fill}, FlashKeySize))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// request returns a context for a GET with headers, "Name: value".
func request(t testing.TB, headers ...string) *fiber.Ctx {
	t.Helper()
	app := fiber.New()
	c := app.AcquireCtx(&fasthttp.RequestCtx{})
	t.Cleanup(func() { app.ReleaseCtx(c) })
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		c.Request().Header.Add(name, value)
	}
	return c
}

// sent returns the value that Add puts into the cookie, and its attributes.
func sent(t testing.TB, f *Flashes, flashes ...Flash) (value, attributes string) {
	t.Helper()
	c := request(t)
	if err := f.Add(c, flashes...); err != nil {
		t.Fatalf("Add(%v) = %v", flashes, err)
	}
	cookie := string(c.Response().Header.PeekCookie(f.cookie.Name))
	value, attributes, _ = strings.Cut(strings.TrimPrefix(cookie, f.cookie.Name+"="), ";")
	return value, attributes
}

func taken(t testing.TB, f *Flashes, headers ...string) []Flash {
	t.Helper()
	return f.Take(request(t, headers...))
}

func largest() []Flash {
	m := Flash{Error, strings.Repeat("k", 40), []int64{math.MinInt64, -1, math.MaxInt64}}
	return []Flash{m, m, m, m}
}

func TestFlashes_TakeGivesBackWhatWasAdded(t *testing.T) {
	f := newFlashes(t, testCookie, 1)
	for _, flashes := range [][]Flash{
		{{Success, "timeout.changed", []int64{60000}}},
		{{Debug, "a", nil}, {Info, "b-c_d.9", nil}, {Warning, "w", []int64{0}}},
		largest(),
	} {
		value, attributes := sent(t, f, flashes...)
		if _, err := http.ParseCookie("messages=" + value); err != nil || len(value) > maxFlashCookie {
			t.Errorf("Add(%v) sends %d characters, %q: %v", flashes, len(value), value, err)
		}
		if attributes != " HttpOnly; Max-Age=180; Path=/; SameSite=Lax" {
			t.Errorf("attributes = %q", attributes)
		}
		if got := taken(t, f, "Cookie: messages="+value); !reflect.DeepEqual(got, flashes) {
			t.Errorf("Take = %v; want %v", got, flashes)
		}
	}
}

// Flashes of one request and of earlier ones wait together, the newest when
// there are too many.
func TestFlashes_Gather(t *testing.T) {
	f := newFlashes(t, testCookie, 1)
	value, _ := sent(t, f, Flash{Key: "a"}, Flash{Key: "b"}, Flash{Key: "c"})
	c := request(t, "Cookie: messages="+value)
	for _, key := range []string{"d", "e"} {
		if err := f.Add(c, Flash{Key: key}); err != nil {
			t.Fatal(err)
		}
	}
	last, _, _ := strings.Cut(string(c.Response().Header.PeekCookie("messages")), ";")
	var keys string
	for _, flash := range taken(t, f, "Cookie: "+last) {
		keys += flash.Key
	}
	if keys != "bcde" {
		t.Errorf("waiting are %q; want bcde", keys)
	}
}

func TestFlashes_TooLarge(t *testing.T) {
	if err := newFlashes(t, testCookie, 1).Add(request(t), Flash{Key: strings.Repeat("k", 2000)}); err == nil {
		t.Error("Add of a huge flash = nil; want an error")
	}
}

// Every bit of a value matters, and so does every character that is missing or
// too many. Another key and another cookie do not open it either.
func TestFlashes_ForgedOrCut(t *testing.T) {
	f := newFlashes(t, testCookie, 1)
	value, _ := sent(t, f, Flash{Success, "timeout.changed", []int64{60000}})
	forged := []string{"", "x", value + "A", value + "=", value + "." + value, value + value,
		strings.ToUpper(value), strings.Repeat("A", 4096), strings.Repeat("A", maxFlashCookie)}
	for i := range value {
		forged = append(forged, value[:i], value[i+1:])
	}
	whole, err := base64.URLEncoding.DecodeString(value)
	if err != nil {
		t.Fatal(err)
	}
	for i := range len(whole) * 8 {
		b := bytes.Clone(whole)
		b[i/8] ^= 1 << (i % 8)
		forged = append(forged, base64.URLEncoding.EncodeToString(b))
	}
	for _, v := range forged {
		if got := taken(t, f, "Cookie: messages="+v); got != nil {
			t.Errorf("Take(%.60q) = %v; want none", v, got)
		}
	}
	other := testCookie
	other.Name = "adminmessages"
	if got := taken(t, newFlashes(t, testCookie, 2), "Cookie: messages="+value); got != nil {
		t.Errorf("another key opens it: %v", got)
	}
	if got := taken(t, newFlashes(t, other, 1), "Cookie: adminmessages="+value); got != nil {
		t.Errorf("another cookie opens it: %v", got)
	}
	second, _ := sent(t, f, Flash{Key: "other"})
	if got := taken(t, f, "Cookie: messages="+value+"; messages="+second); got != nil {
		t.Errorf("two signed cookies open: %v", got)
	}
}

// Another program's cookies of the same name are neither read nor deleted, and do not hide
// the server's own. Django signs its messages, too.
func TestFlashes_BesideForeign(t *testing.T) {
	const django = `.eJxLtDKzsiq2MrdSykvMTVWyUgrOz0tXKE7OL0pVSCxKVchLLVFIyy_KVSipLEhVqgUAxJcOaA:1rVxyz:ABCdef`
	f := newFlashes(t, testCookie, 1)
	value, _ := sent(t, f, Flash{Key: "k"})
	for cookie, want := range map[string]bool{
		django: false, "": false, "x; messages=y": false, value[1:]: false,
		django + "; messages=" + value: true, value + "; messages=" + django: true,
		value + "; messages=" + value: true, "a; messages=b; messages=" + value + "; messages=c": true,
		"a; messages=b; messages=c; messages=d; messages=" + value: false, // four are looked at
	} {
		c := request(t, "Cookie: messages="+cookie)
		pending := f.Pending(c)
		got := f.Take(c)
		deleted := len(c.Response().Header.PeekCookie("messages")) > 0
		if pending != want || (got != nil) != want || deleted != want {
			t.Errorf("messages=%q: pending %t, taken %v, deleted %t; want %t", cookie, pending, got, deleted, want)
		}
	}
}

// Over https the cookie has the prefix that its path allows, and only that one counts.
func TestFlashes_OverHTTPS(t *testing.T) {
	for path, prefix := range map[string]string{"/": "__Host-", "/pages/": "__Secure-"} {
		f := newFlashes(t, Cookie{Name: "messages", Path: path, SameSite: "Lax"}, 1)
		c := request(t)
		c.Context().Init2(tls.Server(nil, nil), nil, true)
		if err := f.Add(c, Flash{Key: "k"}); err != nil {
			t.Fatal(err)
		}
		cookie := string(c.Response().Header.PeekCookie(prefix + "messages"))
		if !strings.HasSuffix(cookie, "; Path="+path+"; SameSite=Lax; Secure") {
			t.Errorf("the cookie for %s is %q; want %smessages, Secure", path, cookie, prefix)
		}
		value, _, _ := strings.Cut(strings.TrimPrefix(cookie, prefix+"messages="), ";")
		for name, want := range map[string]bool{prefix + "messages": true, "messages": false} {
			c := request(t, "Cookie: "+name+"="+value)
			c.Context().Init2(tls.Server(nil, nil), nil, true)
			got := f.Take(c) != nil
			if deleted := len(c.Response().Header.PeekCookie(prefix+"messages")) > 0; got != want || deleted != want {
				t.Errorf("%s over https: taken %t, deleted %t; want %t", name, got, deleted, want)
			}
		}
		if taken(t, f, "Cookie: "+prefix+"messages="+value) != nil {
			t.Errorf("%smessages counts over plain http", prefix)
		}
	}
}

func TestFlashes_Age(t *testing.T) {
	for _, tt := range []struct {
		made, read time.Duration // after the beginning
		want       bool
	}{
		{0, 0, true}, {0, time.Second, true}, {0, flashAge - time.Second, true}, {0, flashAge + time.Second, false},
		{0, time.Hour, false}, {30 * time.Second, 0, true}, {2 * time.Minute, 0, false}, {time.Hour, 0, false},
	} {
		f := newFlashes(t, testCookie, 1)
		var value string
		synctest.Test(t, func(t *testing.T) {
			time.Sleep(tt.made)
			value, _ = sent(t, f, Flash{Key: "k"})
		})
		synctest.Test(t, func(t *testing.T) {
			time.Sleep(tt.read)
			if got := taken(t, f, "Cookie: messages="+value) != nil; got != tt.want {
				t.Errorf("made at %v, read at %v: %v; want %v", tt.made, tt.read, got, tt.want)
			}
		})
	}
}

// Only a person who sees the page uses the flashes up.
func TestFlashes_WaitForAPerson(t *testing.T) {
	f := newFlashes(t, testCookie, 1)
	value, _ := sent(t, f, Flash{Key: "k"})
	for header, shown := range map[string]bool{
		"X: y": true, "Sec-Fetch-Dest: document": true, "Sec-Fetch-Dest: empty": false,
		"Sec-Purpose: prefetch;prerender": false, "Purpose: prefetch": false, "X-Moz: prefetch": false,
	} {
		c := request(t, "Cookie: messages="+value, header)
		got := f.Take(c) != nil
		deleted := string(c.Response().Header.PeekCookie("messages")) ==
			`messages=""; expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Max-Age=0; Path=/; SameSite=Lax`
		if got != shown || deleted != shown {
			t.Errorf("%s: taken %v, deleted %v; want %v", header, got, deleted, shown)
		}
	}
	c := request(t, "Cookie: messages="+value)
	c.Method(fiber.MethodHead)
	if f.Take(c) != nil || len(c.Response().Header.PeekCookie("messages")) > 0 {
		t.Error("a HEAD uses the flashes up")
	}
}

func TestNewFlashes_Key(t *testing.T) {
	for _, n := range []int{0, 1, FlashKeySize - 1, FlashKeySize + 1} {
		if _, err := NewFlashes(testCookie, make([]byte, n)); err == nil {
			t.Errorf("NewFlashes with a key of %d bytes = nil; want an error", n)
		}
	}
	if a, b := NewFlashKey(), NewFlashKey(); len(a) != FlashKeySize || bytes.Equal(a, b) {
		t.Errorf("NewFlashKey = %x, %x; want two different ones of %d bytes", a, b, FlashKeySize)
	}
}

func TestLevel_String(t *testing.T) {
	for l, want := range map[Level]string{Debug: "debug", Info: "info", Success: "success", Warning: "warning", Error: "error", 9: "info"} {
		if got := l.String(); got != want {
			t.Errorf("Level(%d) = %q; want %q", l, got, want)
		}
	}
}

// Nothing that a browser can send makes trouble.
func FuzzFlashes(f *testing.F) {
	flashes := newFlashes(f, testCookie, 1)
	value, _ := sent(f, flashes, largest()...)
	f.Add(value)
	f.Add(value[1:])
	f.Add("x; messages=" + value)
	f.Add(value + `; messages=y; messages="` + value + `"`)
	f.Add("")
	last := strings.LastIndexFunc(value, func(r rune) bool { return r != '=' })
	f.Add(value[:last] + string(value[last]+1) + value[last+1:]) // differs in unused bits, if there are some
	f.Fuzz(func(t *testing.T, v string) {
		if got := taken(t, flashes, "Cookie: messages="+v); got != nil && !holds(v, decoded(value)) {
			t.Errorf("Take(%q) = %v; want none", v, got)
		}
	})
}

// holds reports whether one of the cookies in a header that begins with a value has these
// bytes.
func holds(cookies string, want []byte) bool {
	for pair := range strings.SplitSeq("messages="+cookies, ";") {
		if _, value, _ := strings.Cut(pair, "="); bytes.Equal(decoded(value), want) {
			return true
		}
	}
	return false
}

// decoded returns the bytes of a cookie's value. Base64 can spell the same bytes in several
// ways, by the unused bits of the last letter.
func decoded(value string) []byte {
	b, _ := base64.URLEncoding.DecodeString(strings.Trim(value, " \t\""))
	return b
}
