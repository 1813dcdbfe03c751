package schemas_test

import (
	"os"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"

	"pagesession/deploy/schemas"
)

// composeFiles are those of deploy/.
var composeFiles = []string{"../compose.yml", "../compose-several.yml"}

func TestCompose(t *testing.T) {
	for _, file := range composeFiles {
		project, err := schemas.Compose(t.Context(), types.ConfigFile{Filename: file, Content: read(t, file)})
		if err != nil || len(project.Services) == 0 {
			t.Errorf("%s: %v; want services", file, err)
		}
	}
}

// What docs/DEPLOY.md adds for a domain changes the server as it says.
func TestCompose_Override(t *testing.T) {
	added := types.ConfigFile{Filename: "../compose.override.yml", Content: block(t, "../../docs/DEPLOY.md", "compose.override.yml")}
	project, err := schemas.Compose(t.Context(), types.ConfigFile{Filename: "../compose.yml", Content: read(t, "../compose.yml")}, added)
	if err != nil {
		t.Fatal(err)
	}
	server := project.Services["server"]
	var ports []string
	for _, p := range server.Ports {
		ports = append(ports, p.HostIP+":"+p.Published)
	}
	if got := strings.Join(ports, " "); got != ":80 :443" {
		t.Errorf("the ports are %q; want 80 and 443, and 8000 no more", got)
	}
	if addr := server.Environment["PAGESESSION_ADDR"]; addr == nil || *addr != ":443" || server.Environment["PAGESESSION_DATA_DIR"] == nil {
		t.Errorf("the environment is %v; want the file's with the new address", server.Environment)
	}
}

// The check finds what a person gets wrong.
func TestCompose_Mistakes(t *testing.T) {
	for _, m := range []mistake{
		{"a misspelt field", "read_only:", "readonly:", "services.server.readonly"},
		{"a wrong type", "read_only: true", "read_only: [true]", "boolean"},
		{"a missing field", "  data: {}", "  other: {}", `undefined volume data`},
		{"a wrong duration", "stop_grace_period: 15s", "stop_grace_period: 15 sec", "stop_grace_period"},
		{"a wrong port", "127.0.0.1:8000:8000", "127.0.0.1:8000:800000", "Invalid containerPort: 800000"},
		{"a repeated field", "    read_only: true", "    read_only: true\n    read_only: true", "already defined"},
	} {
		_, err := schemas.Compose(t.Context(), types.ConfigFile{Filename: "../compose.yml", Content: m.in(t, "../compose.yml")})
		m.isFound(t, err)
	}
}

// A mistake is planted in a file, and said in an error.
type mistake struct{ name, was, is, said string }

func (m mistake) in(t *testing.T, file string) []byte {
	t.Helper()
	text := string(read(t, file))
	if !strings.Contains(text, m.was) {
		t.Errorf("%s: %s has no %q", m.name, file, m.was)
	}
	return []byte(strings.Replace(text, m.was, m.is, 1))
}

func (m mistake) isFound(t *testing.T, err error) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), m.said) {
		t.Errorf("%s: %v; want %q", m.name, err, m.said)
	}
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// block returns the block of a page with this file name.
func block(t *testing.T, page, name string) []byte {
	t.Helper()
	_, rest, found := strings.Cut(string(read(t, page)), "```yaml "+name+"\n")
	content, _, closed := strings.Cut(rest, "```")
	if !found || !closed {
		t.Fatalf("%s has no block %s", page, name)
	}
	return []byte(content)
}
