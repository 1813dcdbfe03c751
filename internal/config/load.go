package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// FlagSet is what this package needs of a *pflag.FlagSet.
type FlagSet interface {
	String(name, value, usage string) *string
	GetString(name string) (string, error)
	Bool(name string, value bool, usage string) *bool
	GetBool(name string) (bool, error)
	Changed(name string) bool
}

// Bind adds every setting's flag to fs.
func Bind(fs FlagSet) {
	for _, s := range settings() {
		s.bind(fs)
	}
}

// BindDataDir adds the one flag that every command needs to fs. Load takes the
// other settings from the environment then.
func BindDataDir(fs FlagSet) {
	for _, s := range settings() {
		if s.flag == flagDataDir {
			s.bind(fs)
		}
	}
}

func (s setting) bind(fs FlagSet) {
	usage := s.usage + " ($" + s.env() + ")"
	if s.yesNo {
		fs.Bool(s.flag, s.show(Default()) == "true", usage)
		return
	}
	fs.String(s.flag, s.show(Default()), usage)
}

// Load reads the settings from fs, which Bind prepared and which has been
// parsed, and from environ, whose form is os.Environ's. A variable that is
// set but empty counts as not set, as container files need it.
//
// The warnings name variables that begin with PAGESESSION_ and mean nothing
// here: most likely misspelt, but maybe for another version, so no error.
// An error is one line that names the value's origin and says what to do.
func Load(fs FlagSet, environ []string) (cfg Config, warnings []string, err error) {
	env := ours(environ)
	origins := make(map[string]origin)
	for _, s := range settings() {
		o, err := s.find(fs, env)
		if err != nil {
			return Config{}, nil, err
		}
		if err := s.parse(&cfg, o.value); err != nil {
			return Config{}, nil, fmt.Errorf("%s %w", o, err)
		}
		origins[s.flag] = o
	}
	if !timeoutsFit(cfg) {
		return Config{}, nil, fmt.Errorf("%s is longer than %s; lower the one or raise the other",
			origins[flagIdleTimeout], origins[flagAbsoluteTimeout])
	}
	return cfg, unknown(env), nil
}

// origin is a value and where it came from.
type origin struct {
	name  string // as the operator wrote it: --addr, PAGESESSION_ADDR
	value string
	given bool // by a flag or the environment, and not the default
}

// find looks for the setting where the operator may have put it.
func (s setting) find(fs FlagSet, env map[string]string) (origin, error) {
	name := "--" + s.flag
	if fs.Changed(s.flag) {
		value, err := s.flagValue(fs)
		return origin{name: name, value: value, given: true}, err
	}
	if value := env[s.env()]; value != "" {
		return origin{name: s.env(), value: value, given: true}, nil
	}
	return origin{name: name, value: s.show(Default())}, nil
}

// flagValue is what the command line gave. The flag library has read a yes or
// no itself, and refused what is neither: only it can take a flag without a
// value.
func (s setting) flagValue(fs FlagSet) (string, error) {
	if s.yesNo {
		yes, err := fs.GetBool(s.flag)
		return strconv.FormatBool(yes), err
	}
	return fs.GetString(s.flag)
}

// String is the assignment as an operator could type it.
func (o origin) String() string {
	if !o.given {
		return fmt.Sprintf("the default %s=%s", o.name, quote(o.value))
	}
	return fmt.Sprintf("%s=%s", o.name, quote(o.value))
}

// ours picks the variables that begin with envPrefix.
func ours(environ []string) map[string]string {
	env := make(map[string]string)
	for _, line := range environ {
		if name, value, ok := strings.Cut(line, "="); ok && strings.HasPrefix(name, envPrefix) {
			env[name] = value
		}
	}
	return env
}

// unknown returns a warning for each variable in env that no setting has.
func unknown(env map[string]string) []string {
	known := map[string]bool{EnvSuperuserUsername: true, EnvSuperuserEmail: true, EnvSuperuserPassword: true}
	for _, s := range settings() {
		known[s.env()] = true
	}
	var warnings []string
	for name := range env {
		if !known[name] {
			warnings = append(warnings, quote(name)+" in the environment means nothing to this version; see pagesession --help")
		}
	}
	slices.Sort(warnings)
	return warnings
}

// quote makes s safe to stand in one line of a terminal, however long and
// whatever is in it.
func quote(s string) string {
	const longest = 80
	if len(s) > longest {
		return strconv.QuoteToASCII(s[:longest]) + "..."
	}
	return strconv.QuoteToASCII(s)
}
