// Package systemd speaks with systemd where it runs the server: it takes the sockets that
// systemd has opened (LISTEN_FDS), says how the service is (NOTIFY_SOCKET), and knows how
// often the watchdog wants to hear from it (WATCHDOG_USEC). Without systemd, and on systems
// other than Linux, there is no Service, and its methods do nothing.
package systemd

import (
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// A Service is this process as systemd sees it. On a nil Service, which stands for a process
// without systemd, each method does nothing. Its methods are safe for concurrent use.
type Service struct {
	// Watchdog is the time after which systemd kills a service that has not called Beat; 0:
	// it does not.
	Watchdog time.Duration

	log   *slog.Logger
	send  func(lines string) error
	stuck atomic.Bool // a message has not been taken yet

	mu              sync.Mutex // protects what follows, and keeps messages in order; notify is bounded
	files           []*os.File // until Open
	ready, stopping bool
	status          string
	failed          bool // to notify systemd, and that was logged
}

// Ready says that the start is done.
func (s *Service) Ready(status string) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ready, s.status = true, status
	s.notify(daemon.SdNotifyReady, "STATUS="+oneLine(status))
}

// Status sets the sentence that "systemctl status" shows.
func (s *Service) Status(status string) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopping || s.status == status {
		return
	}
	s.status = status
	s.notify("STATUS=" + oneLine(status))
}

// Reload says that a reload begins, does it, and says that it is done. During the start and
// the stop it only does it, because systemd would take the second message for the end of the start.
func (s *Service) Reload(do func()) {
	if s == nil {
		do()
		return
	}
	if !s.serves(daemon.SdNotifyReloading, strings.TrimSpace(daemon.SdNotifyMonotonicUsec())) {
		do()
		return
	}
	do() // it may wait for a disk, and Beat must not wait for it
	s.serves(daemon.SdNotifyReady)
}

// serves sends a message between the start and the stop, and reports whether it is now.
func (s *Service) serves(lines ...string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ready || s.stopping {
		return false
	}
	s.notify(lines...)
	return true
}

// Stopping says that the stop begins, and that it takes up to this time. Further calls do
// nothing.
func (s *Service) Stopping(within time.Duration, status string) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopping {
		return
	}
	s.stopping = true
	s.notify(daemon.SdNotifyStopping, "STATUS="+oneLine(status), extension(within))
}

// Extend gives the start this time from now on, if its own is over by then.
func (s *Service) Extend(by time.Duration) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ready && !s.stopping {
		s.notify(extension(by))
	}
}

func extension(by time.Duration) string {
	return fmt.Sprintf("EXTEND_TIMEOUT_USEC=%d", by.Microseconds())
}

// Beat tells the watchdog that the service works.
func (s *Service) Beat() {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.notify(daemon.SdNotifyWatchdog)
}

// notifyTime bounds how long a message waits for systemd to take it.
const notifyTime = time.Second

// notify sends a message. While systemd takes none, further ones are dropped. The caller holds mu.
func (s *Service) notify(lines ...string) {
	if !s.stuck.CompareAndSwap(false, true) {
		return
	}
	sent := make(chan error, 1)
	go func() {
		err := s.send(strings.Join(lines, "\n"))
		s.stuck.Store(false)
		sent <- err
	}()
	select {
	case err := <-sent:
		if err != nil && !s.failed {
			s.failed = true
			s.log.Warn("systemd cannot be told how the server is; it may take the start for failed", slog.Any("error", err))
		}
	case <-time.After(notifyTime):
	}
}

// oneLine keeps a status from being taken for several messages.
func oneLine(status string) string { return strings.ReplaceAll(status, "\n", " ") }
