package config

import (
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// envPrefix begins the name of each variable of the program.
const envPrefix = "PAGESESSION_"

// setting is a row of the table.
type setting struct {
	name    string // of the flag, without the dashes; the variable's name derives from it
	help    string // --help shows the word in backquotes as the flag's value
	note    string // appended to help in docs/SETTINGS.md
	command string // the only command that reads it, without a flag; "" for all commands
	// secret keeps the value out of flags, messages and lists, and adds the variable
	// NAME_FILE, which names a file with the value.
	secret bool
	file   bool // adds the variable NAME_FILE, as secret does, because the value may have a secret
	list   bool // the flag may be given several times: commas join the values
	value       // zero for a command's variable
}

// value is a setting's field of Config, its default and its kind.
type value struct {
	def     string
	allowed string
	isBool  bool // the flag without a value means true
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

// hasFlag reports whether the setting has a flag. A secret has none, because other users
// of the machine can read the command line.
func (s setting) hasFlag() bool { return !s.secret && s.command == "" }

// hasFile reports whether the variable NAME_FILE can name a file with the value.
func (s setting) hasFile() bool { return s.secret || s.file }

// readBy reports whether this command reads the setting.
func (s setting) readBy(command string) bool {
	return s.command == "" || s.command == command || command == AllCommands
}

// The flag and the variable that name the settings file.
const (
	flagConfig = "config"
	envConfig  = envPrefix + "CONFIG"
)

// Bind adds --config and the flags of the named settings to fs, or the flags of all
// settings if names is empty. Load takes the others from the environment and the file.
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
	v := &typed{text: s.def, kind: "string", list: s.list}
	f := fs.VarPF(v, s.name, "", s.help+" ($"+s.variable()+")")
	if s.isBool {
		v.kind, f.NoOptDefVal = "bool", "true"
	}
}

// typed is a flag's value as it was typed. Load parses it, like the variables.
type typed struct {
	text, kind string
	list, set  bool
}

func (t *typed) String() string { return t.text }
func (t *typed) Type() string   { return t.kind }

// Set stores the value. In a list it follows those of the flags before.
func (t *typed) Set(s string) error {
	if t.list && t.set {
		s = t.text + "," + s
	}
	t.text, t.set = s, true
	return nil
}
