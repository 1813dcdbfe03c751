package firefox

// Screen gives the page that size in pixels.
func (tab *Tab) Screen(width, height int) {
	tab.t.Helper()
	tab.do("browsingContext.setViewport", map[string]any{"viewport": map[string]int{"width": width, "height": height}}, nil)
}

// Picture returns a picture of the whole page, as PNG.
func (tab *Tab) Picture() []byte {
	tab.t.Helper()
	var got struct {
		Data []byte `json:"data"`
	}
	tab.do("browsingContext.captureScreenshot", map[string]any{"origin": "document"}, &got)
	return got.Data
}
