package qr

import "strings"

// black on white, in colors that no theme of a terminal changes, and the end of that
const (
	blackOnWhite = "\x1b[38;5;16;48;5;231m"
	plain        = "\x1b[0m"
)

// Terminal returns the code for a terminal that knows colors: lines of half blocks, each
// two modules high.
func (c Code) Terminal() string {
	blocks := map[[2]bool]string{{false, false}: " ", {true, false}: "▀", {false, true}: "▄", {true, true}: "█"}
	var b strings.Builder
	for y := 0; y < c.Size(); y += 2 {
		b.WriteString(blackOnWhite)
		for x := range c.Size() {
			b.WriteString(blocks[[2]bool{c.Dark(x, y), c.Dark(x, y+1)}])
		}
		b.WriteString(plain + "\n")
	}
	return b.String()
}
