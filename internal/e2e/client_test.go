package e2e

import (
	"regexp"
	"strings"
	"sync"
	"testing"

	"pagesession/internal/testkit"
)

// A reply is a whole answer.
type reply struct{ *testkit.Reply }

// cookie sends the session cookie with that value; none for "".
func cookie(id string) testkit.Option { return testkit.Cookie("sessionid", id) }

func (s *server) get(path string, opts ...testkit.Option) *reply {
	s.t.Helper()
	return s.do("GET", path, opts...)
}

func (s *server) post(path string, opts ...testkit.Option) *reply {
	s.t.Helper()
	return s.do("POST", path, opts...)
}

// do sends one request. It may be called from any goroutine that the test
// waits for.
func (s *server) do(method, path string, opts ...testkit.Option) *reply {
	s.t.Helper()
	return &reply{s.client.Do(method, path, opts...)}
}

// raw sends bytes on a new connection and reads one answer.
func (s *server) raw(t *testing.T, request string) *reply {
	t.Helper()
	r := s.dial(t).Ask(request)
	noteIDs(r)
	return &reply{r}
}

// dial opens a connection until the test ends.
func (s *server) dial(t *testing.T) *testkit.Conn {
	t.Helper()
	return testkit.Dial(t, s.addr)
}

// anID matches an id; issued has those that any server sent.
var (
	anID   = regexp.MustCompile(`[A-Z2-7]{26}`)
	issued sync.Map
)

// noteIDs remembers the ids in an answer.
func noteIDs(r *testkit.Reply) {
	for _, id := range anID.FindAllString(strings.Join(r.Header["Set-Cookie"], "\n"), -1) {
		issued.Store(id, true)
	}
}

// issuedIn returns an issued id that is in b, or "".
func issuedIn(b []byte) string {
	for _, id := range anID.FindAll(b, -1) {
		if _, ok := issued.Load(string(id)); ok {
			return string(id)
		}
	}
	return ""
}
