package config

import (
	"fmt"
	"slices"

	"github.com/spf13/pflag"
)

// AllCommands makes Load read the variables of all commands.
const AllCommands = "*"

// Loaded is a valid Config with the place of each value.
type Loaded struct {
	Config
	// Unknown has a line for each unknown variable in the environment. A server starts
	// in spite of them, because they may be for another version.
	Unknown []string
	// Warnings has a line for each file of secrets, or of a key, that other users can
	// read. A server starts in spite of them, because containers often mount such files.
	Warnings []string

	found map[string]assignment // by variable
}

// Load reads the settings from fs, which Bind has prepared and which is parsed, from
// environ, in the form of os.Environ, and from the file that --config or its variable
// names. It also reads the variables that only command has. An error is Mistakes: all
// of them, each with what to write instead. Only Unknown and Warnings come with it.
func Load(fs *pflag.FlagSet, environ []string, command string) (*Loaded, error) {
	src, mistakes := newSources(fs, environ)
	l := &Loaded{Unknown: src.unknown, found: make(map[string]assignment)}
	for _, s := range settings() {
		if !s.readBy(command) {
			continue
		}
		if err := l.load(s, src); err != nil {
			mistakes = append(mistakes, err)
		}
	}
	if err := l.misfit(); err != nil {
		mistakes = append(mistakes, err)
	}
	l.useDomainPorts()
	mistakes = append(mistakes, l.tlsMistakes()...)
	mistakes = append(mistakes, l.sessionsMistakes()...)
	if len(mistakes) > 0 {
		return &Loaded{Unknown: src.unknown, Warnings: src.warnings}, mistakes
	}
	l.useSessionsPasswords()
	l.warnOfKey(src, tlsKey)
	l.warnOfKey(src, sessionsKey)
	l.Warnings, l.Written = src.warnings, l.written()
	l.Exposed, l.Config.Unknown = src.warnings, src.unknown
	return l, nil
}

// load finds a setting's value and stores it in l.
func (l *Loaded) load(s setting, src *sources) error {
	a, err := src.find(s)
	if err != nil {
		return err
	}
	if s.parse != nil {
		if err := s.parse(&l.Config, a.text); err != nil {
			return fmt.Errorf("%s %w", a, err)
		}
	}
	l.found[s.variable()] = a
	return nil
}

// ServesHTTPS reports whether clients can use https: the server has a certificate, or a
// trusted proxy may.
func (c Config) ServesHTTPS() bool {
	return c.TLSCert != "" || len(c.Domains) > 0 || !c.TrustedProxies.Empty()
}

// misfit returns an error if the idle timeout is longer than the absolute timeout.
func (l *Loaded) misfit() error {
	idle, right := l.found[envPrefix+"IDLE_TIMEOUT"]
	absolute, alsoRight := l.found[envPrefix+"ABSOLUTE_TIMEOUT"]
	if !right || !alsoRight || l.AbsoluteTimeout == 0 || l.IdleTimeout <= l.AbsoluteTimeout {
		return nil
	}
	return fmt.Errorf("%s is longer than %s; lower the first or raise the second", idle, absolute)
}

// SetsMore reports whether a setting other than these has another place than the default.
func (l *Loaded) SetsMore(except ...string) bool {
	for _, s := range settings() {
		a := l.found[s.variable()]
		if s.command == "" && a.isSet() && a.from.Kind != FromDefault && !slices.Contains(except, s.name) {
			return true
		}
	}
	return false
}

// Variable returns the value of a command's variable, or "" if it is not set.
func (l *Loaded) Variable(name string) string { return l.found[name].text }

// Value is a setting as "config show" prints it.
type Value struct {
	Name     string     `json:"name"`
	Variable string     `json:"variable"`
	Value    string     `json:"value"` // Masked for a secret, "" if it is not set
	From     Provenance `json:"origin"`
}

// Masked replaces the value of a secret.
const Masked = "********"

// Values returns the settings that Load has read, in the order of the table.
func (l *Loaded) Values() []Value {
	var values []Value
	for _, s := range settings() {
		a, ok := l.found[s.variable()]
		if !ok {
			continue
		}
		if s.show != nil {
			a.text = s.show(l.Config)
		}
		if a.isSet() && (s.secret || holdsPassword(a.text)) {
			a.text = Masked
		}
		values = append(values, Value{s.name, s.variable(), a.text, a.from})
	}
	return values
}
