//go:build unix

package image_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pagesession/internal/testkit/image"
)

// parse reads a Containerfile with this text.
func parse(t *testing.T, text string) ([]*image.Stage, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "Containerfile")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return image.Parse(file)
}

func TestParse(t *testing.T) {
	stages, err := parse(t, `# a comment
FROM golang AS build
COPY . .
RUN make && \
    make install
FROM scratch
ARG VERSION=1
LABEL a.b="x y" \
  c=$VERSION
COPY --from=build --chown=7:8 --chmod=0750 /out/ /
USER 7:8
ENV A=1 B=:2
WORKDIR /w
VOLUME /v
EXPOSE 80
STOPSIGNAL SIGINT
HEALTHCHECK --timeout=6s CMD ["/p", "check"]
ENTRYPOINT ["/p"]
`)
	if err != nil || len(stages) != 2 {
		t.Fatalf("%d stages, %v; want 2", len(stages), err)
	}
	build, last := stages[0], stages[1]
	if build.Name != "build" || !slices.Equal(build.Runs, []string{"make && make install"}) || build.Copies[0].Source != "." {
		t.Errorf("the first stage is %+v", build)
	}
	if c := last.Copies[0]; c != (image.Copy{From: "build", Source: "/out/", Dest: "/", Owner: "7:8", Mode: "0750"}) {
		t.Errorf("COPY is %+v", c)
	}
	got := []string{
		last.Base, last.Labels["a.b"], last.Labels["c"], last.User, last.Env["A"], last.Env["B"], last.WorkDir, last.Volumes[0], last.Ports[0],
		last.StopSignal, last.Option("timeout"), strings.Join(last.HealthCheck, " "), strings.Join(last.Entrypoint, " "),
	}
	if want := []string{"scratch", "x y", "1", "7:8", "1", ":2", "/w", "/v", "80", "SIGINT", "6s", "/p check", "/p"}; !slices.Equal(got, want) {
		t.Errorf("the last stage is %q; want %q", got, want)
	}
}

// What the tests would pass over is an error.
func TestParse_Refuses(t *testing.T) {
	for _, line := range []string{
		"ADD a /a", "COPY --link a /a", "COPY a b /c", "ENTRYPOINT /p", "HEALTHCHECK NONE", "HEALTHCHECK CMD /p", "ONBUILD RUN x", "ENV A B", "copy a /a",
	} {
		if _, err := parse(t, "FROM scratch\n"+line); err == nil || !strings.Contains(err.Error(), line) {
			t.Errorf("%s: %v; want an error that names the line", line, err)
		}
	}
	if _, err := parse(t, "USER 1"); err == nil {
		t.Error("an instruction before FROM is accepted")
	}
}

func TestLayout(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("files of other owners need root; run the test as root")
	}
	from, root := t.TempDir(), t.TempDir()
	if err := os.MkdirAll(filepath.Join(from, "out/data"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(from, "file"), []byte("x"), 0o755); err != nil {
		t.Fatal(err)
	}
	stages, err := parse(t, "FROM scratch\nCOPY --from=b --chown=7:8 /out/ /\nCOPY --from=b /file /etc/\nCOPY --from=b --chmod=0600 /file /named")
	if err != nil {
		t.Fatal(err)
	}
	if err := stages[0].Layout(root, func(_, path string) string { return filepath.Join(from, path) }); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"data": "drwx------ 7:8", "etc/file": "-rwxr-xr-x 0:0", "named": "-rw------- 0:0"} {
		if got := describe(t, filepath.Join(root, name)); got != want {
			t.Errorf("%s is %s; want %s", name, got, want)
		}
	}
	if err := (&image.Stage{Base: "debian"}).Layout(root, nil); err == nil {
		t.Error("a stage on another image is laid out")
	}
}
