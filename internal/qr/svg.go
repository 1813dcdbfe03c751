package qr

import (
	"fmt"
	"html/template"
	"strings"
)

// SVG returns the code as a picture with a name for people who do not see it. It needs no
// style and no script. Its class is "qr", and a module is one unit of its size.
func (c Code) SVG(name string) template.HTML {
	var path strings.Builder
	for y := range c.Size() {
		for x := 0; x < c.Size(); x++ {
			width := c.run(x, y)
			if width > 0 {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", x, y, width, width)
			}
			x += width
		}
	}
	return template.HTML(fmt.Sprintf(`<svg class="qr" role="img" aria-label="%s" viewBox="0 0 %d %[2]d" shape-rendering="crispEdges">`+
		`<path fill="#fff" d="M0 0h%[2]dv%[2]dh-%[2]dz"/><path fill="#000" d="%[3]s"/></svg>`,
		template.HTMLEscapeString(name), c.Size(), path.String()))
}

// run returns how many dark modules follow each other in a row.
func (c Code) run(x, y int) (n int) {
	for c.Dark(x+n, y) {
		n++
	}
	return n
}
