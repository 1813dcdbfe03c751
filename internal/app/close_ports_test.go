package app

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"pagesession/internal/testkit"
)

// A stop answers the request that the port to https has, and then refuses others. One that
// does not end is cut.
func TestCloseRedirect_AnswersWhatItHas(t *testing.T) {
	for _, ends := range []bool{true, false} {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		begun, finish, served := make(chan struct{}), make(chan struct{}), make(chan error, 1)
		a := &app{redirect: &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			close(begun)
			<-finish
			w.WriteHeader(http.StatusPermanentRedirect)
		})}}
		go func() { served <- a.redirect.Serve(ln) }()
		c := testkit.Dial(t, ln.Addr().String())
		_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		<-begun
		closed := make(chan struct{})
		go func() { defer close(closed); a.closeRedirect(t.Context()) }()
		<-served // the stop has begun
		if ends {
			select {
			case <-closed:
				t.Error("the stop does not wait for the answer")
			case <-time.After(50 * time.Millisecond):
			}
			close(finish)
		}
		answer, err := http.ReadResponse(bufio.NewReader(c), nil)
		if ends && (err != nil || answer.StatusCode != http.StatusPermanentRedirect) {
			t.Errorf("the answer during the stop = %v, %v; want a redirect", answer, err)
		}
		if !ends && err == nil {
			t.Errorf("the answer of a request that does not end = %v; want the end of the connection", answer.Status)
		}
		<-closed
		if !ends {
			close(finish)
		}
	}
}
