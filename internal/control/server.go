package control

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"time"

	"golang.org/x/net/netutil"
)

// Limits of the server. They guard against mistakes only, since a user who may connect
// owns the files.
const (
	maxConnections = 16       // accepted at a time; others wait in the kernel, unread
	maxBody        = 64 << 10 // many times a password and a search
	maxHeader      = 8 << 10
	maxActor       = 256
	maxUpload      = 1 << 30 // a Django file
	headTime       = 5 * time.Second
	bodyTime       = 10 * time.Second // to send a request
	answerTime     = 5 * time.Minute  // to do it, for example to end a million sessions; also to send a file
)

// A Server does operations for commands.
type Server struct {
	dir    string
	stores Stores
	log    *slog.Logger
	http   http.Server
	done   chan struct{} // closed when serving has ended
}

// Start listens on the socket of a data folder and does operations on stores until
// Shutdown. The caller holds the locks of the folder's files.
func Start(dir string, stores Stores, log *slog.Logger) (*Server, error) {
	ln, err := bind(dir)
	if err != nil {
		return nil, err
	}
	s := &Server{dir: dir, stores: stores, log: log, done: make(chan struct{})}
	s.http = http.Server{
		Handler:           http.HandlerFunc(s.serve),
		ReadHeaderTimeout: headTime,
		ReadTimeout:       bodyTime,
		WriteTimeout:      answerTime,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelError),
	}
	s.http.SetKeepAlivesEnabled(false)
	go func() {
		defer close(s.done)
		if err := s.http.Serve(netutil.LimitListener(ln, maxConnections)); !errors.Is(err, http.ErrServerClosed) {
			log.Error("control socket failed; restart the server to use commands again", slog.Any("error", err))
		}
	}()
	return s, nil
}

// Shutdown removes the socket. Commands, also those that wait to be accepted, then open
// the files. It waits for running operations until ctx is done; then it aborts them. On
// a nil Server it does nothing.
func (s *Server) Shutdown(ctx context.Context) error {
	if s == nil {
		return nil
	}
	_ = os.Remove(socketPath(s.dir)) // if it stays, commands find that no server answers on it
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, s.http.Close())
	}
	<-s.done
	return err
}
