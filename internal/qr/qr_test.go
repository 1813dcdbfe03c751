package qr_test

import (
	"encoding/xml"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"pagesession/internal/qr"
)

// texts are what a code may say: the address for an authenticator app, short, long, and
// with letters of other scripts.
var texts = []string{
	"a",
	"otpauth://totp/pagesession:ada?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=pagesession",
	"otpauth://totp/" + strings.Repeat("%E0%A4%A8", 150) + "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
	"नमस्ते, Grüße, 123",
}

// Another program reads what was drawn.
func TestSVG_IsRead(t *testing.T) {
	for _, text := range texts {
		if got := decode(t, rasterize(t, string(code(t, text).SVG("name")))); got != text {
			t.Errorf("the picture says %q; want %q", got, text)
		}
	}
}

func TestTerminal_IsRead(t *testing.T) {
	for _, text := range texts {
		if got := decode(t, blocks(t, code(t, text).Terminal())); got != text {
			t.Errorf("the terminal says %q; want %q", got, text)
		}
	}
}

// Around the code are four light modules, without which readers may not find it.
func TestCode_Border(t *testing.T) {
	c := code(t, texts[1])
	for i := range c.Size() {
		for _, at := range []int{-1, 0, 3, c.Size() - 4, c.Size() - 1, c.Size()} {
			if c.Dark(i, at) || c.Dark(at, i) {
				t.Errorf("(%d, %d) or its mirror is dark; want a light border", i, at)
			}
		}
	}
	if !c.Dark(4, 4) || !c.Dark(c.Size()-5, 4) || !c.Dark(4, c.Size()-5) {
		t.Error("a corner of the code is light; want the finder patterns")
	}
}

// The name comes from a user's name, and the policy of the pages forbids styles.
func TestSVG_Escapes(t *testing.T) {
	got := string(code(t, "a").SVG(`"><script>`))
	if !strings.Contains(got, `aria-label="&#34;&gt;&lt;script&gt;"`) || strings.Contains(got, "style") {
		t.Errorf("SVG = %.200s", got)
	}
}

func TestNew_TooLong(t *testing.T) {
	if _, err := qr.New(strings.Repeat("x", 2331)); err != nil {
		t.Errorf("New of 2,331 bytes = %v; want a code", err)
	}
	if c, err := qr.New(strings.Repeat("x", 2332)); err == nil || c.Size() != 8 {
		t.Errorf("New of 2,332 bytes = %v; want an error", err)
	}
}

func code(t *testing.T, text string) qr.Code {
	t.Helper()
	c, err := qr.New(text)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func decode(t *testing.T, drawn image.Image) string {
	t.Helper()
	bits, err := gozxing.NewBinaryBitmapFromImage(drawn)
	if err != nil {
		t.Fatal(err)
	}
	// The picture is exact, so the reader takes the modules as they are. Its search for a
	// code in a photo fails on large codes.
	found, err := qrcode.NewQRCodeReader().Decode(bits, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_PURE_BARCODE: true})
	if err != nil {
		t.Fatalf("nothing can be read: %v", err)
	}
	return found.GetText()
}

// scale is the pixels of a module.
const scale = 4

// paper is a picture of modules, gray at first: what is not drawn is neither dark nor light.
func paper(width, height int) *image.Gray {
	p := image.NewGray(image.Rect(0, 0, width*scale, height*scale))
	fill(p, p.Bounds(), 128)
	return p
}

func fill(p *image.Gray, r image.Rectangle, shade uint8) {
	draw.Draw(p, r, image.NewUniform(color.Gray{shade}), image.Point{}, draw.Src)
}

// rasterize draws the rectangles of a picture as a browser does.
func rasterize(t *testing.T, svg string) image.Image {
	t.Helper()
	var drawn struct {
		View  string `xml:"viewBox,attr"`
		Paths []struct {
			Fill string `xml:"fill,attr"`
			D    string `xml:"d,attr"`
		} `xml:"path"`
	}
	if err := xml.Unmarshal([]byte(svg), &drawn); err != nil {
		t.Fatal(err)
	}
	var width, height int
	if _, err := fmt.Sscanf(drawn.View, "0 0 %d %d", &width, &height); err != nil {
		t.Fatal(err)
	}
	p := paper(width, height)
	for _, path := range drawn.Paths {
		shade := map[string]uint8{"#fff": 255, "#000": 0}[path.Fill]
		for rect := range strings.SplitSeq(strings.TrimSuffix(path.D, "z"), "z") {
			var x, y, w, h, back int
			if _, err := fmt.Sscanf(rect, "M%d %dh%dv%dh-%d", &x, &y, &w, &h, &back); err != nil || back != w {
				t.Fatalf("rectangle %q: %v", rect, err)
			}
			fill(p, image.Rect(x*scale, y*scale, (x+w)*scale, (y+h)*scale), shade)
		}
	}
	return p
}

// blocks draws lines of half blocks as a terminal does.
func blocks(t *testing.T, text string) image.Image {
	t.Helper()
	const begin, end = "\x1b[38;5;16;48;5;231m", "\x1b[0m"
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	p := paper(utf8.RuneCountInString(lines[0])-len(begin+end), 2*len(lines))
	for y, line := range lines {
		line, begun := strings.CutPrefix(line, begin)
		line, ended := strings.CutSuffix(line, end)
		if !begun || !ended {
			t.Fatalf("line %q has no colors, or keeps them", line)
		}
		x := 0
		for _, block := range line {
			dark, known := map[rune][2]uint8{' ': {255, 255}, '▀': {0, 255}, '▄': {255, 0}, '█': {0, 0}}[block]
			if !known {
				t.Fatalf("line %q has %q", line, block)
			}
			for half, shade := range dark {
				fill(p, image.Rect(x*scale, (2*y+half)*scale, (x+1)*scale, (2*y+half+1)*scale), shade)
			}
			x++
		}
	}
	return p
}
