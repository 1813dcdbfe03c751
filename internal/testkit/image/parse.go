package image

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

// A Stage is what one FROM begins.
type Stage struct {
	Base, Name  string
	Runs        []string // command lines for a shell
	Copies      []Copy
	Labels, Env map[string]string
	User        string // "65532:65532"
	WorkDir     string
	StopSignal  string // "" is the engine's default, SIGTERM
	Volumes     []string
	Ports       []string
	Entrypoint  []string
	HealthCheck []string
	checks      map[string]string // the options of HEALTHCHECK
	args        map[string]string
}

// Option returns an option of HEALTHCHECK, such as "timeout".
func (s *Stage) Option(name string) string { return s.checks[name] }

// A Copy is a COPY of one source.
type Copy struct {
	From         string // the stage; "" is the build context
	Source, Dest string
	Owner, Mode  string // of --chown and --chmod; "" is root's, and the source's mode
}

// Parse returns the stages of a Containerfile.
func Parse(file string) ([]*Stage, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var stages []*Stage
	for _, line := range instructions(string(text)) {
		name, rest, _ := strings.Cut(line, " ")
		rest = strings.TrimSpace(rest)
		if name == "FROM" {
			stages = append(stages, from(rest))
			continue
		}
		if len(stages) == 0 {
			return nil, fmt.Errorf("%s: %q stands before FROM", file, line)
		}
		if err := stages[len(stages)-1].add(name, rest); err != nil {
			return nil, fmt.Errorf("%s: %q: %w", file, line, err)
		}
	}
	return stages, nil
}

// instructions returns the instructions without comments, each as one line.
func instructions(text string) (all []string) {
	var whole strings.Builder
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		part, goesOn := strings.CutSuffix(line, `\`)
		whole.WriteString(part)
		if !goesOn {
			all = append(all, whole.String())
			whole.Reset()
		}
	}
	return all
}

func from(rest string) *Stage {
	s := &Stage{Labels: map[string]string{}, Env: map[string]string{}, args: map[string]string{}, WorkDir: "/"}
	s.Base, s.Name, _ = strings.Cut(rest, " AS ")
	return s
}

// list reads the form ["a", "b"]. The other form runs a shell, which the image does not have.
func list(rest string) (words []string, err error) {
	if err := json.Unmarshal([]byte(rest), &words); err != nil {
		return nil, fmt.Errorf(`it is not of the form ["program", "argument"]: %w`, err)
	}
	return words, nil
}
