package config

import (
	"fmt"
	"strings"
)

const sampleHead = `# Settings of pagesession, each with its default. To change one, remove the # before
# its name and edit the value. Flags and environment variables win over this file.
#
# Start the server with --config FILE or PAGESESSION_CONFIG=FILE, or name this file as
# EnvironmentFile in a systemd unit. To find mistakes, run
# pagesession config check --config FILE
`

// Sample returns a settings file with all settings commented out, each with its help
// and its default.
func Sample() string {
	var b strings.Builder
	b.WriteString(sampleHead)
	for _, s := range settings() {
		help := strings.ReplaceAll(s.help, "`", "")
		if s.command != "" {
			help = s.command + ": " + help
		}
		fmt.Fprintf(&b, "\n# %s\n#%s=%s\n", help, s.variable(), s.def)
		if s.hasFile() {
			fmt.Fprintf(&b, "# or the name of a file that has the value\n#%s%s=\n", s.variable(), fileSuffix)
		}
	}
	return b.String()
}
