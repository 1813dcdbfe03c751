package caddy_test

import (
	"testing"

	"pagesession/internal/testkit"
	"pagesession/internal/testkit/caddy"
)

// Two servers run beside each other. Caddy reads the further files.
func TestStart(t *testing.T) {
	one := caddy.Start(t, caddy.Config{Sites: "http://:PORT {\n\timport answer\n}", Files: map[string][]byte{"answer": []byte("respond one")}})
	two := caddy.Start(t, caddy.Config{Sites: "http://:PORT {\n\treverse_proxy " + one + "\n}"})
	for _, addr := range []string{one, two} {
		testkit.At(t, "http://"+addr).Get("/").Wants(200, "one")
	}
}
