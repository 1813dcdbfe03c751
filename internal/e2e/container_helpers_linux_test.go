package e2e

import (
	"bytes"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"pagesession/internal/testkit"
	"pagesession/internal/testkit/image"
)

// A builtImage is the last stage of deploy/Containerfile, and what the stage before has made.
type builtImage struct {
	*image.Stage
	stages    string               // the root of the build stage
	authority *testkit.Certificate // one more certificate in the build stage
}

// buildImage runs the build of deploy/Containerfile.
func buildImage(t *testing.T) *builtImage {
	t.Helper()
	if os.Geteuid() != 0 {
		if os.Getenv("CI") == "true" {
			t.Fatal("a chroot needs root")
		}
		t.Skip("a chroot needs root; run the test as root")
	}
	stages, err := image.Parse("../../deploy/Containerfile")
	if err != nil {
		t.Fatal(err)
	}
	i := &builtImage{Stage: stages[len(stages)-1], stages: t.TempDir()}
	if err := stages[0].Build("../..", i.stages); err != nil {
		t.Fatal(err)
	}
	i.authority = testkit.NewCertificate(t, time.Now().Add(time.Hour), "127.0.0.1")
	bundle, err := os.ReadFile(authorities)
	if err != nil {
		t.Fatalf(`%v; install Debian's package "ca-certificates"`, err)
	}
	if err := os.WriteFile(filepath.Join(i.stages, filepath.Base(authorities)), append(bundle, i.authority.CertPEM...), 0o644); err != nil {
		t.Fatal(err)
	}
	return i
}

// authorities is where Debian has the certificates, as the image of the build stage does.
const authorities = "/etc/ssl/certs/ca-certificates.crt"

// found returns where a file of the build stage is.
func (i *builtImage) found(_, path string) string {
	if path == authorities {
		path = filepath.Base(path)
	}
	return filepath.Join(i.stages, path)
}

// stopSignal returns what an engine stops the container with.
func (i *builtImage) stopSignal(t *testing.T) syscall.Signal {
	t.Helper()
	signal, known := map[string]syscall.Signal{"": syscall.SIGTERM, "SIGTERM": syscall.SIGTERM, "SIGINT": syscall.SIGINT}[i.StopSignal]
	if !known {
		t.Errorf("STOPSIGNAL %s does not stop the server in an orderly way", i.StopSignal)
	}
	return signal
}

// A container runs an image's programs in a chroot, in a network of its own.
type container struct {
	t        *testing.T
	image    *builtImage
	root     string
	user     string // "65532:65532"
	volume   string // a folder of the host in place of /data; "" for none
	readOnly bool
	stdin    string // of programs that run
	network  *namespaces
}

// container lays out a new root, with a network of its own whose only client is the host.
func (i *builtImage) container(t *testing.T) *container {
	t.Helper()
	return i.containerIn(t, newNamespaces(t, 1))
}

func (i *builtImage) containerIn(t *testing.T, network *namespaces) *container {
	t.Helper()
	c := &container{t: t, image: i, root: shortFolder(t), user: i.User, network: network}
	if err := i.Layout(c.root, i.found); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(c.root, "proc"), 0o755); err != nil { // engines mount it
		t.Fatal(err)
	}
	return c
}

// shortFolder returns a folder that all users can enter.
func shortFolder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "container")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// newVolume returns a folder of this user, as `podman volume create` or a new bind mount has it.
func newVolume(t *testing.T, owner int) string {
	t.Helper()
	dir := shortFolder(t)
	if err := os.Chown(dir, owner, owner); err != nil {
		t.Fatal(err)
	}
	return dir
}

// enter mounts what an engine mounts, in a mount namespace that ends with the program, and runs
// the program in the image's root. $1 is the root, $2 its user, $3 the volume, $4 "ro" or "rw".
const enter = `set -e
mount --bind "$1" "$1"
[ -z "$3" ] || mount --bind "$3" "$1/data"
mount -t proc proc "$1/proc"
mount -o "remount,bind,$4" "$1"
root=$1 user=$2
shift 4
exec chroot --userspec="$user" --groups= "$root" "$@"`

// command returns a program of the image, with the image's environment and some more.
func (c *container) command(environ []string, argv ...string) *exec.Cmd {
	how := "rw"
	if c.readOnly {
		how = "ro"
	}
	cmd := exec.Command("sh", append([]string{"-c", enter, "sh", c.root, c.user, c.volume, how}, argv...)...)
	// The program is process 1, for which Linux ignores signals that it does not handle.
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWPID, Unshareflags: syscall.CLONE_NEWNS}
	cmd.Env = append(cmd.Env, "PATH=/usr/sbin:/usr/bin:/sbin:/bin") // engines set one as well
	for name, value := range c.image.Env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	cmd.Env = append(cmd.Env, environ...)
	return cmd
}

// start runs the image's entry point until the test ends, and returns once it is ready.
func (c *container) start() *server {
	c.t.Helper()
	data := filepath.Join(c.root, "data")
	if c.volume != "" {
		data = c.volume
	}
	client := c.network.clients[0].client(c.t, "198.18.0.2")
	client.Defaults = append(client.Defaults, testkit.Header("Host", "localhost:8000"))
	client.OnReply = noteIDs
	var s *server
	err := c.network.server.Do(func() error { s = begin(c.t, data, c.command(nil, c.image.Entrypoint...), client); return nil })
	if err != nil {
		c.t.Fatal(err)
	}
	s.await("GET /readyz = 200", func() bool {
		r, err := client.Try("GET", "/readyz")
		return err == nil && r.StatusCode == http.StatusOK
	})
	return s
}

// run runs a program of the image to its end, as `podman exec` does.
func (c *container) run(environ []string, argv ...string) said {
	c.t.Helper()
	cmd := c.command(environ, argv...)
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(c.stdin), &stdout, &stderr
	if err := c.network.server.Do(cmd.Start); err != nil {
		c.t.Fatal(err)
	}
	timer := time.AfterFunc(testkit.Patience, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	_ = cmd.Wait()
	return said{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// secureServer starts a server with this certificate in the container's network, and returns the
// URL of its /readyz.
func (c *container) secureServer(own *testkit.Certificate) (url string) {
	c.t.Helper()
	var ln net.Listener
	err := c.network.server.Do(func() (err error) {
		ln, err = tls.Listen("tcp", "127.0.0.1:0", &tls.Config{GetCertificate: own.Get})
		return err
	})
	if err != nil {
		c.t.Fatal(err)
	}
	server := &http.Server{
		Handler:  http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ready")) }),
		ErrorLog: log.New(io.Discard, "", 0), // a client that refuses the certificate
	}
	go func() { _ = server.Serve(ln) }()
	c.t.Cleanup(func() { _ = server.Close() })
	return "https://" + ln.Addr().String() + "/readyz"
}
