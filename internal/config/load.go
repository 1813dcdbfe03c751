package config

import (
	"fmt"

	"github.com/spf13/pflag"
)

// AllCommands stands for every command in Load.
const AllCommands = "*"

// Loaded is a valid Config and where its values stand.
type Loaded struct {
	Config
	// Unknown has a line for each variable of the environment that means nothing to
	// this version; a server starts with it.
	Unknown []string
	// Warnings are lines about files of secrets that other users can read.
	// Containers often mount them so.
	Warnings []string

	found map[string]assignment // by variable
}

// Load reads the settings from fs, which Bind prepared and which has been parsed,
// from environ, as of os.Environ, and from the file that --config or its variable
// names; command's own variables, too. An error is Mistakes, all there are, each with
// what to write instead; only Unknown and Warnings come with it.
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
	if len(mistakes) > 0 {
		return &Loaded{Unknown: src.unknown, Warnings: src.warnings}, mistakes
	}
	l.Warnings = src.warnings
	return l, nil
}

// load finds a setting's value and puts it in its place.
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

// misfit is what is wrong between settings: an idle timeout that is never reached.
func (l *Loaded) misfit() error {
	idle, right := l.found[envPrefix+"IDLE_TIMEOUT"]
	absolute, alsoRight := l.found[envPrefix+"ABSOLUTE_TIMEOUT"]
	if !right || !alsoRight || l.AbsoluteTimeout == 0 || l.IdleTimeout <= l.AbsoluteTimeout {
		return nil
	}
	return fmt.Errorf("%s is longer than %s; lower the one or raise the other", idle, absolute)
}

// Variable returns the value of a command's variable, "" when it is not set.
func (l *Loaded) Variable(name string) string { return l.found[name].text }

// Value is a setting as an operator may see it.
type Value struct {
	Name     string     `json:"name"`
	Variable string     `json:"variable"`
	Value    string     `json:"value"` // Masked in place of a secret; "" is not set
	From     Provenance `json:"origin"`
}

// Masked stands for a secret.
const Masked = "********"

// Values returns each setting that Load read, in the table's order.
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
		if a.isSet() && a.hides() {
			a.text = Masked
		}
		values = append(values, Value{s.name, s.variable(), a.text, a.from})
	}
	return values
}
