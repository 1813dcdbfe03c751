package config

// Args returns the flags that set c.
func Args(c Config) []string {
	var args []string
	for _, s := range settings() {
		if s.hasFlag() {
			args = append(args, "--"+s.name+"="+s.show(c))
		}
	}
	return args
}

// A Setting is a row of the table, for tests.
type Setting struct {
	Name, Variable string
	Flag           bool
}

// Settings returns all rows.
func Settings() (all []Setting) {
	for _, s := range settings() {
		all = append(all, Setting{s.name, s.variable(), s.hasFlag()})
	}
	return all
}
