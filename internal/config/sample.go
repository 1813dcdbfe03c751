package config

import (
	"fmt"
	"strings"
)

const sampleHead = `# Settings of pagesession, each with its default. To change one, remove the # in
# front of its name. A flag wins over the environment, which wins over this file.
# Use it with --config FILE or PAGESESSION_CONFIG=FILE; it is also a systemd
# EnvironmentFile. "pagesession config check --config FILE" finds mistakes.
`

// Sample returns a settings file that sets nothing: every setting with its
// default, commented out, and what it does.
func Sample() string {
	var b strings.Builder
	b.WriteString(sampleHead)
	for _, s := range settings() {
		help := strings.ReplaceAll(s.help, "`", "")
		if s.command != "" {
			help = s.command + ": " + help
		}
		fmt.Fprintf(&b, "\n# %s\n#%s=%s\n", help, s.variable(), s.def)
		if s.secret {
			fmt.Fprintf(&b, "# or, in place of it, the name of a file that holds it\n#%s%s=\n", s.variable(), fileSuffix)
		}
	}
	return b.String()
}
