package load

import (
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// epollWires are sockets outside Go's runtime: one epoll that only the loop's
// thread waits on, with a timerfd in it for the ticks. Go's own timers sleep
// whole milliseconds on Linux while nothing else goes on, and its poller
// hands each answer over to another goroutine; a timerfd is exact to some
// microseconds.
type epollWires struct {
	addr   unix.Sockaddr
	family int
	epoll  int
	timer  int
	socket []int // -1: not open
	events []unix.EpollEvent
}

// connectTimeout bounds opening one connection: the loop stands still for
// it, and the server is next door.
const connectTimeout = 50 * time.Millisecond

// longestWait bounds one wait, so that a context is looked at.
const longestWait = 10 * time.Millisecond

func newWires(addr string, n int, tick time.Duration) (wires, error) {
	w := &epollWires{epoll: -1, timer: -1, socket: make([]int, n), events: make([]unix.EpollEvent, n+1)}
	for i := range w.socket {
		w.socket[i] = -1
	}
	if err := w.prepare(addr, tick); err != nil {
		w.close()
		return nil, fmt.Errorf("prepare the open loop: %w", err)
	}
	return w, nil
}

func (w *epollWires) prepare(addr string, tick time.Duration) (err error) {
	if w.addr, w.family, err = socketAddress(addr); err != nil {
		return err
	}
	if w.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return err
	}
	if w.timer, err = unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC); err != nil {
		return err
	}
	each := unix.NsecToTimespec(tick.Nanoseconds())
	if err := unix.TimerfdSettime(w.timer, 0, &unix.ItimerSpec{Interval: each, Value: each}, nil); err != nil {
		return err
	}
	return w.watch(w.timer, len(w.socket))
}

// watch reports fd under a number: a socket's index, or after those the timer.
func (w *epollWires) watch(fd, number int) error {
	return unix.EpollCtl(w.epoll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(number)})
}

func socketAddress(addr string) (unix.Sockaddr, int, error) {
	tcp, err := net.ResolveTCPAddr("tcp", addr)
	if err != nil {
		return nil, 0, err
	}
	if ip := tcp.IP.To4(); ip != nil {
		return &unix.SockaddrInet4{Port: tcp.Port, Addr: [4]byte(ip)}, unix.AF_INET, nil
	}
	return &unix.SockaddrInet6{Port: tcp.Port, Addr: [16]byte(tcp.IP.To16())}, unix.AF_INET6, nil
}

func (w *epollWires) connect(i int) error {
	fd, err := unix.Socket(w.family, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	if err := w.open(fd, i); err != nil {
		_ = unix.Close(fd)
		return err
	}
	w.socket[i] = fd
	return nil
}

// open connects while the socket blocks; the send timeout bounds that, too.
func (w *epollWires) open(fd, i int) error {
	timeout := unix.NsecToTimeval(connectTimeout.Nanoseconds())
	return errors.Join(
		unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_SNDTIMEO, &timeout),
		unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1),
		unix.Connect(fd, w.addr),
		unix.SetNonblock(fd, true),
		w.watch(fd, i),
	)
}

// drop closes a socket; that takes it out of the epoll as well.
func (w *epollWires) drop(i int) {
	if w.socket[i] >= 0 {
		_ = unix.Close(w.socket[i])
		w.socket[i] = -1
	}
}

// send writes a request, which fits into any socket that is idle.
func (w *epollWires) send(i int, p []byte) error {
	n, err := unix.SendmsgN(w.socket[i], p, nil, nil, unix.MSG_NOSIGNAL)
	if err == nil && n < len(p) {
		err = errors.New("the socket took a part of the request only")
	}
	return err
}

func (w *epollWires) receive(i int, p []byte) (int, error) {
	n, err := unix.Read(w.socket[i], p)
	switch {
	case errors.Is(err, unix.EAGAIN): // it was opened again since wait told of it
		return 0, nil
	case n == 0 && err == nil:
		return 0, io.EOF
	default:
		return max(n, 0), err
	}
}

func (w *epollWires) wait(ready []int) ([]int, error) {
	n, err := unix.EpollWait(w.epoll, w.events, int(longestWait/time.Millisecond))
	if err != nil && !errors.Is(err, unix.EINTR) {
		return ready, fmt.Errorf("wait for answers: %w", err)
	}
	for _, event := range w.events[:max(n, 0)] {
		if int(event.Fd) == len(w.socket) {
			w.rearm()
			continue
		}
		ready = append(ready, int(event.Fd))
	}
	return ready, nil
}

// rearm reads the timer, which makes it go on.
func (w *epollWires) rearm() {
	var ticks [8]byte
	_, _ = unix.Read(w.timer, ticks[:]) // how many does not matter: the clock tells
}

func (w *epollWires) close() {
	for i := range w.socket {
		w.drop(i)
	}
	for _, fd := range []int{w.timer, w.epoll} {
		if fd >= 0 {
			_ = unix.Close(fd)
		}
	}
}
