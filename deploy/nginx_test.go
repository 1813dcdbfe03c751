package deploy_test

import (
	"os"
	"regexp"
	"testing"
)

// nginx passes on what a client sends, so its files replace or remove each header that the server
// believes of a trusted proxy.
func TestNginx_ReplacesHeaders(t *testing.T) {
	for _, file := range []string{"nginx.conf", "nginx-several.conf"} {
		conf, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, header := range []string{"X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "Forwarded", "X-Request-ID", "traceparent"} {
			if !regexp.MustCompile(`(?m)^\s*proxy_set_header ` + header + `\s+\S+;$`).Match(conf) {
				t.Errorf("%s does not replace %s", file, header)
			}
		}
	}
}
