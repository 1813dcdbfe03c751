package docs

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A unit is a service, or a socket of one.
type unit struct {
	name     string
	settings map[string][]string
	process  *exec.Cmd // nil while it is stopped
	ended    chan struct{}
	listener *os.File
}

func (u *unit) get(name string) []string { return u.settings[name] }

func (u *unit) first(name string) string {
	if all := u.get(name); len(all) > 0 {
		return all[len(all)-1]
	}
	return ""
}

// open opens the port of a socket.
func (u *unit) open() error {
	if u.listener != nil {
		return nil
	}
	l, err := net.Listen("tcp", u.first("Socket.ListenStream"))
	if err != nil {
		return err
	}
	defer l.Close()
	u.listener, err = l.(*net.TCPListener).File()
	return err
}

// run starts a service and waits until it says that it is ready.
func (u *unit) run(socket *unit) error {
	if u.process != nil {
		return nil
	}
	notify := filepath.Join(own, u.name)
	_ = os.Remove(notify) // of the start before
	ready, err := listenReady(notify)
	if err != nil {
		return err
	}
	cmd, err := u.command(socket, notify)
	if err != nil {
		return err
	}
	log, err := os.Create(u.log())
	if err != nil {
		return err
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return err
	}
	u.process, u.ended = cmd, make(chan struct{})
	go func(ended chan struct{}) { _ = cmd.Wait(); close(ended) }(u.ended)
	select {
	case <-ready:
		go func() {
			for range ready {
			}
		}()
		return nil
	case <-u.ended:
		u.process = nil
		return fmt.Errorf("the service ended:\n%s", u.say())
	case <-time.After(patience / 2):
		return fmt.Errorf("the service does not say that it is ready:\n%s", u.say())
	}
}

func (u *unit) log() string { return filepath.Join(own, u.name+".log") }

// say returns what the service has printed.
func (u *unit) say() string {
	text, _ := os.ReadFile(u.log()) // it may not have run
	return string(text)
}

func (u *unit) active() string {
	if u.process == nil && u.listener == nil {
		return "inactive\n"
	}
	return "active\n"
}

// command returns the process of the service, with its user, its folder and its settings.
func (u *unit) command(socket *unit, notify string) (*exec.Cmd, error) {
	args := strings.Fields(u.first("Service.ExecStart"))
	if len(args) == 0 {
		return nil, errors.New("the unit has no ExecStart=")
	}
	who, err := u.user()
	if err != nil {
		return nil, err
	}
	env, err := u.environment()
	if err != nil {
		return nil, err
	}
	env = append(env, "NOTIFY_SOCKET="+notify)
	cmd := exec.Command(args[0], args[1:]...)
	if socket != nil {
		cmd = exec.Command("sh", append([]string{"-c", `export LISTEN_PID=$$; exec "$0" "$@"`}, args...)...)
		cmd.ExtraFiles = []*os.File{socket.listener}
		env = append(env, "LISTEN_FDS=1", "LISTEN_FDNAMES="+socket.first("Socket.FileDescriptorName"))
	}
	cmd.Env, cmd.Dir = env, "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Credential: who}
	if strings.Contains(u.first("Service.AmbientCapabilities"), "CAP_NET_BIND_SERVICE") {
		cmd.SysProcAttr.AmbientCaps = []uintptr{10}
	}
	return cmd, nil
}

// dynamic is the user of a service with DynamicUser=yes.
const dynamic = 61184

// user returns the service's user, to whom its folder belongs.
func (u *unit) user() (*syscall.Credential, error) {
	name, _, _ := strings.Cut(u.name, ".")
	if chosen := u.first("Service.User"); chosen != "" {
		name = chosen
	}
	id := dynamic
	if found, err := user.Lookup(name); err == nil {
		id, _ = strconv.Atoi(found.Uid)
	} else if u.first("Service.DynamicUser") != "yes" {
		return nil, fmt.Errorf("the user %q is missing", name)
	}
	folder := filepath.Join("/var/lib", u.first("Service.StateDirectory"))
	return &syscall.Credential{Uid: uint32(id), Gid: uint32(id)}, errors.Join(os.MkdirAll(folder, 0o700), os.Chmod(folder, 0o700), os.Chown(folder, id, id))
}

// environment returns the variables of the unit and of its files.
func (u *unit) environment() ([]string, error) {
	env := []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
	for _, value := range u.get("Service.Environment") {
		env = append(env, strings.ReplaceAll(value, "%S", "/var/lib"))
	}
	for _, path := range u.get("Service.EnvironmentFile") {
		path, optional := strings.CutPrefix(path, "-")
		text, err := os.ReadFile(path)
		if err != nil && !optional {
			return nil, err
		}
		for line := range strings.Lines(string(text)) {
			if name, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok && name[0] != '#' {
				env = append(env, name+"="+strings.Trim(value, `"'`))
			}
		}
	}
	return env, nil
}

// stop ends a service as systemd does, which has to end well.
func (u *unit) stop() error {
	if u.process == nil {
		return closeFile(&u.listener)
	}
	_ = u.process.Process.Signal(syscall.SIGTERM) // it may have ended already
	select {
	case <-u.ended:
	case <-time.After(patience / 2):
		return errors.New("the service does not stop")
	}
	code := u.process.ProcessState.ExitCode()
	u.process = nil
	if code != 0 {
		return fmt.Errorf("the service ended with %d:\n%s", code, u.say())
	}
	return nil
}

func closeFile(file **os.File) error {
	if *file == nil {
		return nil
	}
	defer func() { *file = nil }()
	return (*file).Close()
}

// reload does what ExecReload= says.
func (u *unit) reload() error {
	if u.process == nil || u.first("Service.ExecReload") != "/bin/kill -HUP $MAINPID" {
		return errors.New("the service does not run, or cannot reload")
	}
	return u.process.Process.Signal(syscall.SIGHUP)
}
