package metrics

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"golang.org/x/net/netutil"
)

// Path is where the metrics are.
const Path = "/metrics"

// Limits of the port, which few programs ask. An answer has some 40 KB.
const (
	mostConnections = 16 // others wait in the kernel
	mostScrapes     = 2  // others get a 503; a disk that hangs holds one until it answers
	headerBytes     = 8 << 10
	scrapeTime      = 5 * time.Second // then the answer is a 503
	readTime        = 5 * time.Second
	writeTime       = 10 * time.Second
	idleTime        = 2 * time.Minute // Prometheus asks each minute, or more often
)

// A Server answers Prometheus on a port of its own. Its methods are safe for concurrent use.
type Server struct {
	Requests Requests // what it says of requests

	log  *slog.Logger
	http *http.Server
	read atomic.Pointer[func() Reading]
	done chan struct{} // closed when Serve's goroutine has ended
}

// Serve answers on ln until Close, in a goroutine. version is that of the program. Until Ready it
// says that the server is not ready.
func Serve(ln net.Listener, version string, log *slog.Logger) (*Server, error) {
	s := &Server{log: log, done: make(chan struct{})}
	started := time.Now()
	registry, err := newRegistry(Table(&s.Requests), version, func() *Reading {
		if read := s.read.Load(); read != nil {
			r := (*read)()
			r.Started = started
			return &r
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("make the metrics: %w", errors.Join(err, ln.Close()))
	}
	errorLog := slog.NewLogLogger(log.Handler(), slog.LevelDebug) // any client can cause these
	mux := http.NewServeMux()
	mux.Handle("GET "+Path, promhttp.HandlerFor(registry, promhttp.HandlerOpts{
		MaxRequestsInFlight: mostScrapes, Timeout: scrapeTime,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelError),
	}))
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "the metrics are at "+Path, http.StatusNotFound)
	})
	s.http = &http.Server{
		Handler: mux, MaxHeaderBytes: headerBytes, ErrorLog: errorLog,
		ReadTimeout: readTime, WriteTimeout: writeTime, IdleTimeout: idleTime,
	}
	go s.serve(ln)
	return s, nil
}

func (s *Server) serve(ln net.Listener) {
	defer close(s.done)
	if err := s.http.Serve(netutil.LimitListener(ln, mostConnections)); !errors.Is(err, http.ErrServerClosed) {
		s.log.Error("metrics are no longer answered; restart the server", slog.Any("error", err))
	}
}

// Ready makes each scrape call read, which must be safe for concurrent use.
func (s *Server) Ready(read func() Reading) {
	if s != nil {
		s.read.Store(&read)
	}
}

// Close stops at once, also scrapes under way. On a nil Server it does nothing.
func (s *Server) Close() {
	if s == nil {
		return
	}
	_ = s.http.Close() // it only answers scrapes
	<-s.done
}
