package nginx_test

import (
	"testing"

	"pagesession/internal/testkit"
	"pagesession/internal/testkit/nginx"
)

// Two servers run beside each other. nginx reads the further files.
func TestStart(t *testing.T) {
	one := nginx.Start(t, nginx.Config{
		HTTP: `map $uri $answer { include answers; } server { listen ADDRESS; return 200 $answer; }`, Files: map[string][]byte{"answers": []byte(`default one;`)},
	})
	two := nginx.Start(t, nginx.Config{HTTP: `server { listen ADDRESS; location / { proxy_pass http://` + one + `; } }`})
	for _, addr := range []string{one, two} {
		testkit.At(t, "http://"+addr).Get("/").Wants(200, "one")
	}
	testkit.Dial(t, two).Ask("GET / HTTP/1.1\r\n\r\n").Wants(400, "nginx")
}
