package deploy_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pagesession/deploy"
)

// environment returns the variables of a service.
func environment(service any) map[string]string {
	environ := map[string]string{}
	for key, value := range at(service, "environment").(map[string]any) {
		environ[key] = fmt.Sprint(value)
	}
	return environ
}

// grace returns how long the engine waits for a service to stop.
func grace(t *testing.T, service any) time.Duration {
	t.Helper()
	d, err := time.ParseDuration(fmt.Sprint(at(service, "stop_grace_period")))
	if err != nil {
		t.Error(err)
	}
	return d
}

// confined checks that a server has no rights that it does not need.
func confined(t *testing.T, service any) {
	t.Helper()
	wants(t, service, "user", "65532:65532")
	wants(t, service, "read_only", true)
	wants(t, service, "cap_drop.0", "ALL")
	wants(t, service, "security_opt.0", "no-new-privileges:true")
	wants(t, service, "healthcheck.test.2", "healthcheck")
}

// One server needs nothing that a person would have to prepare. Its port is open for this machine
// only, because it has no TLS.
func TestCompose(t *testing.T) {
	d := documents(t, "compose.yml")[0]
	s := at(d, "services.server")
	keepsAll(t, loads(t, environment(s)), "/data", grace(t, s))
	confined(t, s)
	wants(t, s, "ports.0", "127.0.0.1:8000:8000")
	wants(t, s, "volumes.0", "data:/data")
	wants(t, d, "volumes.data", map[string]any{})
	wants(t, s, "build.dockerfile", "deploy/Containerfile")
	wants(t, s, "secrets", nil)
}

func TestCompose_Several(t *testing.T) {
	d := documents(t, "compose-several.yml")[0]
	addresses := map[string]bool{}
	for _, name := range []string{"server1", "server2", "server3"} {
		s := at(d, "services."+name)
		sharesSessions(t, loads(t, environment(s)), "/data", grace(t, s))
		addresses[fmt.Sprint(at(s, "networks.inside.ipv4_address"))] = true
		confined(t, s)
		if mounted := fmt.Sprint(at(s, "secrets")); !strings.Contains(mounted, "accounts-url") || !strings.Contains(mounted, "secret.key") || !strings.Contains(mounted, "redis-password") {
			t.Errorf("%s has the secrets %s", name, mounted)
		}
	}
	for address := range addresses {
		if !strings.Contains(deploy.NginxSeveral(), "server "+address+":8000 ") {
			t.Errorf("nginx-several.conf lacks the server %s", address)
		}
	}
	if len(addresses) != 3 {
		t.Errorf("addresses %v; want three", addresses)
	}
	wants(t, d, "services.nginx.networks.inside.ipv4_address", at(d, "services.server1.environment.PAGESESSION_TRUSTED_PROXIES"))
	secretsAreDeclared(t, d)
}

func secretsAreDeclared(t *testing.T, d any) {
	t.Helper()
	declared := at(d, "secrets").(map[string]any)
	for name, s := range at(d, "services").(map[string]any) {
		used, _ := at(s, "secrets").([]any)
		for _, secret := range used {
			id, _ := secret.(string)
			if id == "" {
				id = fmt.Sprint(at(secret, "source"))
			}
			if declared[id] == nil {
				t.Errorf("%s uses the secret %q, which is not declared", name, id)
			}
		}
	}
}
