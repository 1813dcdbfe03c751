package e2e

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pagesession/internal/testkit"
)

// The image of deploy/Containerfile, laid out in a folder and run in a chroot: no container
// engine is needed to show that nothing is missing in it.
func TestContainer(t *testing.T) {
	image := buildImage(t)
	t.Run("as it is", image.asItIs)
	t.Run("read-only", image.readOnly)
	t.Run("another user", image.anotherUser)
	t.Run("a volume of root's", image.foreignVolume)
	t.Run("certificates", image.certificates)
	t.Run("time zones", image.timeZones)
	t.Run("labels", image.labels)
}

// As `podman run -p 127.0.0.1:8000:8000`, without a volume: an operator signs in from the host,
// whose browser has localhost in its address, while the server sees an address of the bridge.
func (i *builtImage) asItIs(t *testing.T) {
	c := i.container(t)
	s := c.start()
	if r := c.run(nil, i.HealthCheck...); r != (said{0, "ready\n", ""}) {
		t.Errorf("the health check = %+v; want 0, ready", r)
	}
	if r := c.run([]string{"PAGESESSION_SUPERUSER_PASSWORD=" + consolePassword}, "/pagesession", "createsuperuser", "--noinput", "--username", "ada"); r.code != 0 {
		t.Errorf("createsuperuser = %+v", r)
	}
	s.state(s.set(), "live", "")
	r := signIn(t, s.client, "ada")
	operator := testkit.Cookie("__Secure-adminid", cookieOf(r, "__Secure-adminid"))
	if r.StatusCode != http.StatusSeeOther {
		t.Errorf("a sign-in = %d; want 303\n%s", r.StatusCode, r.Text)
	}
	s.get("/admin/", operator).page(t, http.StatusOK, "Dashboard")
	if log := s.out.String(); strings.Contains(log, "can read the data folder") || strings.Contains(log, "belongs to another user") {
		t.Errorf("the image's own folder is not as the server wants it:\n%s", log)
	}
	s.signal(i.stopSignal(t))
	if r := c.run(nil, i.HealthCheck...); r.code != 1 || r.stdout != "" {
		t.Errorf("the health check of a stopped server = %+v; want 1", r)
	}
}

// With `--read-only -v pagesession:/data` the server writes to the volume and nowhere else. The
// next container finds there what the first one left.
func (i *builtImage) readOnly(t *testing.T) {
	c := i.container(t)
	c.readOnly, c.volume = true, newVolume(t, 65532)
	if r := c.run([]string{"PAGESESSION_SUPERUSER_PASSWORD=" + consolePassword}, "/pagesession", "createsuperuser", "--noinput", "--username", "ada"); r.code != 0 {
		t.Errorf("createsuperuser = %+v", r)
	}
	first := c.start()
	id := first.set()
	made := c.run(nil, "/pagesession", "backup", "-")
	if made.code != 0 || made.stdout == "" {
		t.Errorf("backup - = %d, %d bytes, %q; want 0 and a backup", made.code, len(made.stdout), made.stderr)
	}
	c.stdin = made.stdout
	if r := c.run(nil, "/pagesession", "restore", "-"); r.code != 0 || !strings.Contains(r.stdout, "with 1 user, is checked and waits.") {
		t.Errorf("restore - = %+v; want that it waits for the next start", r)
	}
	first.signal(i.stopSignal(t))
	next := i.containerIn(t, c.network)
	next.readOnly, next.volume = true, c.volume
	s := next.start()
	s.state(id, "live", "")
	if r := signIn(t, s.client, "ada"); r.StatusCode != http.StatusSeeOther {
		t.Errorf("a sign-in after the upgrade = %d; want 303", r.StatusCode)
	}
}

// As `--user 1000`, and as clusters that give each project a user of its own do. After a crash the
// next container, whose server is process 1 again, takes the files over.
func (i *builtImage) anotherUser(t *testing.T) {
	c := i.container(t)
	c.user, c.readOnly, c.volume = "1000:1000", true, newVolume(t, 1000)
	s := c.start()
	id := s.set()
	s.kill()
	c.start().state(id, "live", "")
	if info, err := os.Stat(filepath.Join(c.volume, "sessions.db")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("sessions.db in the volume: %v, %v; want mode 0600", info, err)
	}
}

// An engine that makes the folder of `-v /srv/pagesession:/data` gives it to root.
func (i *builtImage) foreignVolume(t *testing.T) {
	c := i.container(t)
	c.volume = newVolume(t, 0)
	r := c.run(nil, i.Entrypoint...)
	if r.code != 1 || !strings.Contains(r.stderr, `permission denied; chown 65532 "/data", or run as its owner, or choose another folder with --data-dir`) {
		t.Errorf("with a volume of root's: %+v; want 1, and what to do", r)
	}
}

// The program finds the authorities' certificates where the image has them.
func (i *builtImage) certificates(t *testing.T) {
	c := i.container(t)
	url := c.secureServer(i.authority)
	if r := c.run(nil, "/pagesession", "healthcheck", "--url", url); r != (said{0, "ready\n", ""}) {
		t.Errorf("healthcheck --url = %+v; want 0, ready", r)
	}
	if err := os.RemoveAll(filepath.Join(c.root, "etc")); err != nil {
		t.Fatal(err)
	}
	if r := c.run(nil, "/pagesession", "healthcheck", "--url", url); r.code != 1 || !strings.Contains(r.stderr, "failed to verify certificate") {
		t.Errorf("healthcheck --url without the certificates = %+v; want 1", r)
	}
}

// The image has no files of time zones.
func (i *builtImage) timeZones(t *testing.T) {
	c := i.container(t)
	if r := c.run([]string{"PAGESESSION_TIME_ZONE=Asia/Kolkata"}, "/pagesession", "config", "check"); r.code != 0 {
		t.Errorf("config check with a time zone = %+v; want 0", r)
	}
}

func (i *builtImage) labels(t *testing.T) {
	for _, name := range []string{"title", "description", "licenses", "version"} {
		if i.Labels["org.opencontainers.image."+name] == "" {
			t.Errorf("the image has no label org.opencontainers.image.%s", name)
		}
	}
	if len(i.Volumes) > 0 {
		t.Errorf("the image declares volumes %q; its comment says why it should not", i.Volumes)
	}
}
