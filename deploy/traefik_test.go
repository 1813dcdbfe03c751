package deploy_test

import (
	"fmt"
	"testing"
)

// Debian has no Traefik, so no test runs this file. What it names is there, and the headers that
// Traefik would pass on are removed, which an empty value does.
func TestTraefik(t *testing.T) {
	d := at(documents(t, "traefik.yml")[0], "http")
	for _, router := range []string{"pagesession", "pagesession-http"} {
		r := at(d, "routers."+router)
		wants(t, r, "rule", "Host(`pages.example.com`)")
		for kind, name := range map[string]any{"services": at(r, "service"), "middlewares": at(r, "middlewares.0")} {
			if at(d, fmt.Sprint(kind, ".", name)) == nil {
				t.Errorf("router %s names %v, which is not among the %s", router, name, kind)
			}
		}
	}
	removed := at(d, "middlewares.pagesession.headers.customRequestHeaders").(map[string]any)
	for _, header := range []string{"Forwarded", "X-Request-ID", "traceparent"} {
		if value, ok := removed[header]; !ok || value != "" {
			t.Errorf("%s = %v, %t; want it empty", header, value, ok)
		}
	}
	wants(t, d, "middlewares.pagesession-https.redirectScheme.scheme", "https")
	wants(t, d, "services.pagesession.loadBalancer.servers.0.url", "http://127.0.0.1:8000")
	transport := fmt.Sprint(at(d, "services.pagesession.loadBalancer.serversTransport"))
	wants(t, d, "serversTransports."+transport+".forwardingTimeouts.idleConnTimeout", "60s")
}
