// Package qr draws texts as QR codes, for pages and for terminals. A code is dark on light
// in any theme, because some readers do not know the reverse.
package qr

import (
	"fmt"
	"image/color"

	"github.com/boombuler/barcode/qr"
)

// quiet is the light border around a code, in modules, as ISO/IEC 18004 asks for it.
const quiet = 4

// A Code is a square of modules, which are dark or light. It is immutable; the zero value
// is a light square of the border alone.
type Code struct {
	size int    // without the border
	dark []bool // by row
}

// New returns the code of a text, with error correction of level M, which repairs 15 %.
// The error is about a text that is too long: beyond 2,331 bytes.
func New(text string) (Code, error) {
	drawn, err := qr.Encode(text, qr.M, qr.Unicode)
	if err != nil {
		return Code{}, fmt.Errorf("draw %d bytes as a QR code: %w", len(text), err)
	}
	size := drawn.Bounds().Dx()
	c := Code{size, make([]bool, 0, size*size)}
	for y := range size {
		for x := range size {
			c.dark = append(c.dark, color.GrayModel.Convert(drawn.At(x, y)).(color.Gray).Y < 128)
		}
	}
	return c, nil
}

// Size is the number of modules of a side, with the border.
func (c Code) Size() int { return c.size + 2*quiet }

// Dark reports whether a module is dark; (0, 0) is the upper left corner of the border.
// Modules outside are light.
func (c Code) Dark(x, y int) bool {
	x, y = x-quiet, y-quiet
	return x >= 0 && y >= 0 && x < c.size && y < c.size && c.dark[y*c.size+x]
}
