package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"pagesession/internal/disk"
)

// sources are the places where settings are set.
type sources struct {
	flags     *pflag.FlagSet
	env, file map[string]assignment // by variable
	unknown   []string
	warnings  []string
}

func newSources(fs *pflag.FlagSet, environ []string) (*sources, Mistakes) {
	src := &sources{flags: fs, env: variables(environ)}
	src.findUnknown()
	name := src.env[envConfig]
	if fs.Changed(flagConfig) {
		name = src.flag(flagConfig)
		if !name.isSet() {
			return src, Mistakes{errors.New("--config is empty; name a file, or leave out the flag")}
		}
	}
	if !name.isSet() {
		return src, nil
	}
	return src, src.readFile(name)
}

// variables returns the variables of this program from environ.
func variables(environ []string) map[string]assignment {
	env := make(map[string]assignment)
	for _, line := range environ {
		if name, text, ok := strings.Cut(line, "="); ok && strings.HasPrefix(name, envPrefix) {
			env[name] = assignment{name: name, text: text, from: Provenance{Kind: FromEnvironment}}
		}
	}
	return env
}

// find returns a setting's value from the first place that has it.
func (src *sources) find(s setting) (assignment, error) {
	if s.hasFlag() && src.flags.Changed(s.name) {
		flag := src.flag(s.name)
		return flag, s.refusePassword(flag)
	}
	for _, written := range []map[string]assignment{src.env, src.file} {
		a, err := written[s.variable()], error(nil)
		if s.hasFile() {
			a, err = src.findSecret(s, written)
		}
		if a.isSet() || err != nil {
			return a, err
		}
	}
	return assignment{name: "--" + s.name, text: s.def, from: Provenance{Kind: FromDefault}, secret: s.secret}, nil
}

func (src *sources) flag(name string) assignment {
	return assignment{name: "--" + name, text: src.flags.Lookup(name).Value.String(), from: Provenance{Kind: FromFlag}}
}

func (src *sources) warn(format string, args ...any) {
	src.warnings = append(src.warnings, fmt.Sprintf(format, args...))
}

// findUnknown adds a line for each unknown variable: it is misspelt, or of another version.
func (src *sources) findUnknown() {
	for name := range src.env {
		if name != envConfig && !known(name) {
			src.unknown = append(src.unknown, "unknown variable "+quote(name)+` in the environment; "pagesession config init" lists all`)
		}
	}
	slices.Sort(src.unknown)
}

// known reports whether a setting has this variable.
func known(name string) bool {
	return slices.ContainsFunc(settings(), func(s setting) bool {
		return name == s.variable() || s.hasFile() && name == s.variable()+fileSuffix
	})
}

// readFile reads the settings file that name names.
func (src *sources) readFile(name assignment) (mistakes Mistakes) {
	data, info, err := read(name.text)
	if err != nil {
		return Mistakes{fmt.Errorf("%s %w", name, err)}
	}
	src.warnOfOwner(name, info)
	lines, bad := parseFile(string(data))
	for _, b := range bad {
		mistakes = append(mistakes, fmt.Errorf("%s: this line %w", Provenance{Kind: FromFile, File: name.text, Line: b.line}, b.error))
	}
	src.file = make(map[string]assignment)
	for _, l := range lines {
		a := assignment{name: l.name, text: l.text, from: Provenance{Kind: FromFile, File: name.text, Line: l.line}}
		if err := src.add(a); err != nil {
			mistakes = append(mistakes, err)
		}
	}
	if !disk.IsSecret(info) && src.fileHoldsSecret() {
		src.warn("%s has a secret, and other users can read it; chmod 600 the file", name)
	}
	return mistakes
}

// add takes an assignment from the file. A name may be set once: of two, systemd uses
// the last, while people may read only the first.
func (src *sources) add(a assignment) error {
	if !known(a.name) {
		return fmt.Errorf(`%s: unknown setting %s; "pagesession config init" lists all`, a.from, quote(a.name))
	}
	if first, twice := src.file[a.name]; twice {
		return fmt.Errorf("%s: %s is already set in line %d; keep one of them", a.from, a.name, first.from.Line)
	}
	src.file[a.name] = a
	return nil
}

func (src *sources) fileHoldsSecret() bool {
	return slices.ContainsFunc(settings(), func(s setting) bool {
		a := src.file[s.variable()]
		return a.isSet() && (s.secret || a.hides())
	})
}
