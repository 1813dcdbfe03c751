package config

import (
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// envPrefix starts the name of every variable of this program.
const envPrefix = "PAGESESSION_"

// setting is a row of the table.
type setting struct {
	name    string // its flag without the dashes; the variable's name follows from it
	help    string // the word in backquotes stands for the value in --help
	note    string // what else docs/SETTINGS.md says
	command string // the one command that reads it, from variables alone; "" for all
	// secret keeps the value out of flags, messages and lists, and adds the
	// variable NAME_FILE for a file that holds it.
	secret bool
	value  // of Config; zero for a command's variable
}

// value is a setting's place in a Config, its default and its kind.
type value struct {
	def     string
	allowed string
	isBool  bool // the flag alone means true
	parse   func(*Config, string) error
	show    func(Config) string
}

func of[T any](field func(*Config) *T, k kind[T], def T) value {
	_, isBool := any(def).(bool)
	return value{
		def: k.show(def), allowed: k.allowed, isBool: isBool,
		parse: func(c *Config, s string) (err error) { *field(c), err = k.parse(s); return err },
		show:  func(c Config) string { return k.show(*field(&c)) },
	}
}

// variable is the setting's name in the environment and in the settings file.
func (s setting) variable() string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(s.name, "-", "_"))
}

// hasFlag reports whether the setting may stand on the command line. Other
// users of the machine can read that, so a secret may not.
func (s setting) hasFlag() bool { return !s.secret && s.command == "" }

// readBy reports whether a command reads the setting.
func (s setting) readBy(command string) bool {
	return s.command == "" || s.command == command || command == AllCommands
}

// What names the settings file. It is no setting: it cannot stand in the file.
const (
	flagConfig = "config"
	envConfig  = envPrefix + "CONFIG"
)

// Bind adds --config and the flags of these settings to fs, of all if none is
// named. Load looks for the other settings in the environment and the file.
func Bind(fs *pflag.FlagSet, names ...string) {
	fs.SortFlags = false
	for _, s := range settings() {
		if s.hasFlag() && (names == nil || slices.Contains(names, s.name)) {
			s.bind(fs)
		}
	}
	fs.String(flagConfig, "", "read settings from this `file` of NAME=value lines ($"+envConfig+")")
}

func (s setting) bind(fs *pflag.FlagSet) {
	v := &typed{text: s.def, kind: "string"}
	f := fs.VarPF(v, s.name, "", s.help+" ($"+s.variable()+")")
	if s.isBool {
		v.kind, f.NoOptDefVal = "bool", "true"
	}
}

// typed is a flag's value as it was typed. Load parses it, as it does variables.
type typed struct{ text, kind string }

func (t *typed) String() string     { return t.text }
func (t *typed) Type() string       { return t.kind }
func (t *typed) Set(s string) error { t.text = s; return nil }
