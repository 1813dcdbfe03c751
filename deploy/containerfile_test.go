package deploy_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"pagesession/internal/testkit/image"
)

// The image's health check is a command of the program, since the image has nothing else. The
// command gives up after 5 s, before the engine does. internal/e2e runs the image.
func TestContainerfile_HealthCheck(t *testing.T) {
	stages, err := image.Parse("Containerfile")
	if err != nil {
		t.Fatal(err)
	}
	last := stages[len(stages)-1]
	if want := []string{last.Entrypoint[0], "healthcheck"}; !slices.Equal(last.HealthCheck, want) {
		t.Errorf("HEALTHCHECK = %q; want %q", last.HealthCheck, want)
	}
	if timeout, err := time.ParseDuration(last.Option("timeout")); err != nil || timeout <= 5*time.Second {
		t.Errorf("--timeout=%s (%v); want more than 5s", last.Option("timeout"), err)
	}
	if period, err := time.ParseDuration(last.Option("start-period")); err != nil || period < time.Minute {
		t.Errorf("--start-period=%s (%v); want at least 1m", last.Option("start-period"), err)
	}
}

// The image of the build stage has the Go that the module asks for, and downloads no other one.
func TestContainerfile_Go(t *testing.T) {
	stages, err := image.Parse("Containerfile")
	if err != nil {
		t.Fatal(err)
	}
	_, version, _ := strings.Cut(stages[0].Base, "golang:")
	module := lines(t, "../go.mod")
	if version == "" || !slices.ContainsFunc(module, func(line string) bool { return strings.HasPrefix(line, "go "+version+".") }) {
		t.Errorf("the build stage is on %q; want the Go of go.mod", stages[0].Base)
	}
}

// The build takes the version from .git, and calls it dirty if a tracked file is missing: so
// .dockerignore leaves out only what git ignores. Podman reads the file, too.
func TestDockerignore_OnlyWhatGitIgnores(t *testing.T) {
	ignored := lines(t, "../.gitignore")
	for _, pattern := range lines(t, "../.dockerignore") {
		if !slices.Contains(ignored, "/"+pattern+"/") {
			t.Errorf(".dockerignore has %q; .gitignore lacks /%[1]s/", pattern)
		}
	}
	if !slices.Contains(lines(t, "../.dockerignore"), "deploy/secrets") {
		t.Error(".dockerignore lacks deploy/secrets, which would be in a layer of the build")
	}
}

// lines returns the lines of a file without comments.
func lines(t *testing.T, file string) (all []string) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			all = append(all, line)
		}
	}
	return all
}
