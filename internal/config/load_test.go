package config_test

import (
	"os"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"pagesession/internal/config"
)

// What Load warns of is also in the Config, for the checks of a running server.
func TestLoad_ExposedAndUnknown(t *testing.T) {
	name := write(t, "open sesame")
	if err := os.Chmod(name, 0o644); err != nil {
		t.Fatal(err)
	}
	l := loaded(t, nil, []string{password + "_FILE=" + name, "PAGESESSION_COLOUR=red"})
	if len(l.Unknown) != 1 || len(l.Config.Unknown) != 1 || !strings.Contains(l.Config.Unknown[0], "PAGESESSION_COLOUR") {
		t.Errorf("Unknown = %q, in the Config %q", l.Unknown, l.Config.Unknown)
	}
	if os.PathSeparator == '/' && (len(l.Exposed) != 1 || !strings.Contains(l.Exposed[0], "chmod 600")) {
		t.Errorf("Exposed = %q; want the file", l.Exposed)
	}
}

func loaded(t *testing.T, args, environ []string) *config.Loaded {
	t.Helper()
	fs := pflag.NewFlagSet("test", pflag.ContinueOnError)
	config.Bind(fs)
	if err := fs.Parse(args); err != nil {
		t.Fatal(err)
	}
	l, err := config.Load(fs, environ, config.AllCommands)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestLoaded_SetsMore(t *testing.T) {
	for _, tc := range []struct {
		args, environ []string
		want          bool
	}{
		{nil, nil, false},
		{[]string{"--data-dir=/x"}, nil, false},
		{nil, []string{"PAGESESSION_DATA_DIR=/x", "PAGESESSION_SUPERUSER_USERNAME=ada", "PAGESESSION_DEBUG="}, false},
		{[]string{"--debug"}, nil, true},
		{nil, []string{"PAGESESSION_LANGUAGE=en"}, true},
		{[]string{"--config=" + write(t, "PAGESESSION_LANGUAGE=de\n")}, nil, true},
		{[]string{"--domain=a.example", "--acme-accept-terms"}, nil, true},
	} {
		if got := loaded(t, tc.args, tc.environ).SetsMore("data-dir"); got != tc.want {
			t.Errorf("SetsMore with %q, %q = %v; want %v", tc.args, tc.environ, got, tc.want)
		}
	}
}
