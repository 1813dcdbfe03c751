package config

import (
	"slices"
	"strings"
	"testing"
)

// The wanted values are those of systemd 252's own parser for the same lines.
func TestParseFile(t *testing.T) {
	for _, tc := range []struct {
		data string
		want []line
	}{
		{"", nil},
		{"\n \n\t\n", nil},
		{"# a=b\n; c=d\n  # e", nil},
		{"A=b", []line{{"A", "b", 1}}},
		{"A=b\nC=d\n", []line{{"A", "b", 1}, {"C", "d", 2}}},
		{" A = b c \t\n", []line{{"A", "b c", 1}}},
		{"A=\nB= \n", []line{{"A", "", 1}, {"B", "", 2}}},
		{"A=b=c", []line{{"A", "b=c", 1}}},
		{"A=b # no comment", []line{{"A", "b # no comment", 1}}},
		{"A=$HOME ${B}", []line{{"A", "$HOME ${B}", 1}}},
		{"A=b\r\nC=d\r\n", []line{{"A", "b", 1}, {"C", "d", 2}}},
		{"A=b\r", []line{{"A", "b", 1}}},
		{`A=b\ \c\\`, []line{{"A", `b c\`, 1}}},
		{"A=b\\ \\ \t ", []line{{"A", "b  ", 1}}},
		{"A=b \\\n  c\nD=e", []line{{"A", "b   c", 1}, {"D", "e", 3}}},
		{`A=b"c"'d'`, []line{{"A", `b"c"'d'`, 1}}},
		{`A=\"b"`, []line{{"A", `"b"`, 1}}},
		{`A='b "\ c' `, []line{{"A", `b "\ c`, 1}}},
		{"A='b\nc'\nD=e", []line{{"A", "b\nc", 1}, {"D", "e", 3}}},
		{`A="b 'c' \"\\\$\` + "`" + `\n\x"`, []line{{"A", `b 'c' "\$` + "`" + `\n\x`, 1}}},
		{"A=\"b\\\nc\nd\"\r\nE=f", []line{{"A", "bc\nd", 1}, {"E", "f", 4}}},
		{"A=''\nB=\"\"", []line{{"A", "", 1}, {"B", "", 2}}},
		{"\n\nA=é", []line{{"A", "é", 3}}},
	} {
		if got, bad := parseFile(tc.data); len(bad) > 0 || !slices.Equal(got, tc.want) {
			t.Errorf("parseFile(%q) = %v, %v; want %v", tc.data, got, bad, tc.want)
		}
	}
}

// A mistake affects only its own line.
func TestParseFile_Mistakes(t *testing.T) {
	for _, tc := range []struct {
		data string
		line int
		want error
	}{
		{"# x\nA\nB=c", 2, errNoName},
		{"=b\nB=c", 1, errNoName},
		{" = b\nB=c", 1, errNoName},
		{"A\rB=c", 1, errNoName},
		{"A='b\nB=c\n", 1, errQuoteOpen},
		{`A="b\"`, 1, errQuoteOpen},
		{"B=c\nA='b' d\n", 2, errBehind},
		{"A='b''d'\nB=c", 1, errBehind},
		{`A="b"d`, 1, errBehind},
		{`A=b\`, 1, errBackslash},
		{"A=b\\\r\nB=c", 1, errBackslash},
		{"A=b\rd\nB=c", 1, errReturn},
		{"# b\\\nB=c", 1, errComment},
		{"B=c\nA=\x00\n", 2, errNoText},
		{"\ufeffA=b\n", 1, errNoText},
		{"A=b\n\n\xff", 3, errNoText},
		{"\xff\xfeA\x00=\x00b\x00\n\x00", 1, errNoText}, // UTF-16 of Windows' editors
		{"A\x00=\x00b\x00\n\x00", 1, errNoText},
		{"\x00A\x00=\x00b\x00\n", 1, errNoText},
	} {
		lines, bad := parseFile(tc.data)
		if len(bad) != 1 || bad[0].error != tc.want || bad[0].line != tc.line {
			t.Errorf("parseFile(%q) = %v; want line %d: %v", tc.data, bad, tc.line, tc.want)
		}
		whole := tc.want == errNoText || tc.want == errQuoteOpen
		if hasB := slices.ContainsFunc(lines, func(l line) bool { return l.name == "B" }); !whole && hasB != strings.Contains(tc.data, "B=c") {
			t.Errorf("parseFile(%q) = %v; want the other line", tc.data, lines)
		}
	}
}

// FuzzParseFile checks for any file that line numbers rise and are valid, and that each
// value, written in quotes, is read back.
func FuzzParseFile(f *testing.F) {
	for _, s := range []string{"A=b", "A='b\nc'", `A="b\"c"`, "A=b\\\nc", "# x\r\n", "A", "\\", "A=\\", "=\r"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, data string) {
		lines, bad := parseFile(data)
		last := 0
		for _, l := range lines {
			if l.line <= last || l.line > 1+strings.Count(data, "\n") {
				t.Errorf("parseFile(%q): line %d behind line %d", data, l.line, last)
			}
			last = l.line
			if l.name == "" || strings.ContainsAny(l.name, "=\n") {
				t.Errorf("parseFile(%q): name %q", data, l.name)
			}
			again := "\n" + l.name + `="` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(l.text) + "\"\n"
			if got, bad := parseFile(again); len(bad) > 0 || len(got) != 1 || got[0].text != l.text {
				t.Errorf("parseFile(%q) = %v, %v; want %q back", again, got, bad, l.text)
			}
		}
		for _, b := range bad {
			if b.line < 1 || b.line > 1+strings.Count(data, "\n") {
				t.Errorf("parseFile(%q): mistake in line %d", data, b.line)
			}
		}
	})
}
