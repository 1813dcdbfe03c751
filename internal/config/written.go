package config

import (
	"fmt"
	"strings"
)

const writtenHead = `# The settings of a pagesession server that differ from the defaults, from its flags, its
# environment and its settings file.
`

// written returns the settings that are set, as a settings file that gives the same ones; nil if
// all are defaults. It has the secrets that are among them. A secret from a file of its own stays
// the name of that file.
func (l *Loaded) written() []byte {
	var b strings.Builder
	for _, s := range settings() {
		a, ok := l.found[s.variable()]
		switch {
		case !ok || a.from.Kind == FromDefault || !a.isSet():
		case a.file != "":
			fmt.Fprintf(&b, "%s%s=%s\n", s.variable(), fileSuffix, quoted(a.file))
		default:
			fmt.Fprintf(&b, "%s=%s\n", s.variable(), quoted(a.text))
		}
	}
	if b.Len() == 0 {
		return nil
	}
	return []byte(writtenHead + b.String())
}

// quoted writes a value so that parseFile reads it back.
func quoted(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, `$`, `\$`, "`", "\\`").Replace(text) + `"`
}
