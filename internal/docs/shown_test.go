package docs

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// measured are the parts of an output that differ from run to run, and what stands for them. The
// words around them have to be those of the page.
var measured = []struct {
	what *regexp.Regexp
	is   string
}{
	{regexp.MustCompile(`\r|\x1b\[[0-9;]*m`), ""},
	{regexp.MustCompile(`\s+`), " "},
	{regexp.MustCompile(`\b(pagesession|by pagesession) (v\d[^\s,]*|\(?devel\)?[^\s,]*)`), "$1 VERSION"},
	{regexp.MustCompile(`\b[0-9a-f]*[0-9][0-9a-f]*T[0-9]{6}Z`), "TIME"},
	{regexp.MustCompile(`\b(?:[0-9a-f]{8}|[0-9a-f]{16}|[0-9a-f]{32}|[0-9a-f]{64})\b`), "ID"},
	{regexp.MustCompile(`\b[0-9]+([.,][0-9]+)? ?(ns|us|µs|ms|s|min|h|d)\b( [0-9]+ (ms|s|min|h)\b)*`), "DURATION"},
	{regexp.MustCompile(`\b[0-9]+([.,][0-9]+)? ?([kKMG]i?B|bytes|B)\b`), "SIZE"},
	{regexp.MustCompile(`[0-9]+([.,][0-9]+)*`), "0"},
}

func plain(line string) string {
	for _, m := range measured {
		line = m.what.ReplaceAllString(line, m.is)
	}
	return strings.TrimSpace(line)
}

// compare returns an error unless the output is what a page shows. In a page "…" alone stands for
// any number of lines, and at the end of a line for its rest.
func compare(shown []string, output string) error {
	got := strings.Split(strings.TrimRight(output, "\r\n "), "\n")
	for len(shown) > 0 && strings.TrimSpace(shown[len(shown)-1]) == "" {
		shown = shown[:len(shown)-1]
	}
	if len(shown) == 0 {
		shown = []string{""}
	}
	for i, line := range shown {
		if line == "…" {
			return skip(shown[i+1:], got)
		}
		if len(got) == 0 {
			return fmt.Errorf("the page goes on with %q, where the output ends", line)
		}
		if !same(line, got[0]) {
			return fmt.Errorf("the page shows\n    %s\nand the output is\n    %s", line, got[0])
		}
		got = got[1:]
	}
	if len(got) > 0 {
		return fmt.Errorf("the output goes on with\n    %s\nwhere the page ends", got[0])
	}
	return nil
}

// skip compares what follows "…" with what follows some of the lines.
func skip(shown, got []string) error {
	if len(shown) == 0 {
		return nil
	}
	err := fmt.Errorf("no line of the output is\n    %s", shown[0])
	for i := range got {
		if same(shown[0], got[i]) {
			if err = compare(shown, strings.Join(got[i:], "\n")); err == nil {
				return nil
			}
		}
	}
	return err
}

func same(shown, got string) bool {
	if begin, cut := strings.CutSuffix(shown, "…"); cut {
		return strings.HasPrefix(plain(got), plain(begin))
	}
	return plain(shown) == plain(got)
}

func TestCompare(t *testing.T) {
	shown := []string{"9c41e0a7  Ada  17 s left  2 min 5 s", "12345678 143 kB by pagesession v1.4.0, of 20261130T064131Z", "…", "The end. …", ""}
	good := "0b2ffe11   Ada 9 s left 4 s\r\n0b2ffe12 2.1 MB by pagesession devel, of 20270101T000000Z\r\nx\r\ny\r\nThe end. Really.\r\n"
	if err := compare(shown, good); err != nil {
		t.Error(err)
	}
	for old, stale := range map[string]string{"Ada": "Eve", "left": "live", "The end": "An end", "by": "of"} {
		if err := compare(shown, strings.Replace(good, old, stale, 1)); err == nil {
			t.Errorf("with %q for %q the output counts as that of the page", stale, old)
		}
	}
	if compare([]string{"a"}, "a\nb") == nil || compare([]string{"a", "b"}, "a") == nil || compare(nil, "a") == nil || compare(nil, "\n") != nil {
		t.Error("missing and further lines go unseen")
	}
}
