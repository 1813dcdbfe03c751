package text

import (
	"strings"
	"testing"
)

// What extends a session is called by one word on buttons and in sentences.
func TestTexts_OneWordForExtending(t *testing.T) {
	for tag, stem := range map[string]string{"en": "xtend", "de": "verlänger", "fr": "rolong", "es": "rolong", "hi": "बढ़"} {
		l := mustLoad(t, tag)
		for _, key := range []string{
			"button.extend", "foot", "warning.text", "warning.final.text", "home.lede", "home.runs", "home.set.what", "set.what", "get.gives",
			"ended.seen.why", "ended.idle.why", "ended.absolute.why", "notice.renamed", "notice.timeout",
		} {
			e := l.entries[key]
			if e == nil || !strings.Contains(strings.Join(e.forms[0].literals, " "), stem) {
				t.Errorf("%s: %q does not say %q", tag, key, stem)
			}
		}
	}
}
