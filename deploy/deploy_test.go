package deploy_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"

	"pagesession/deploy"
	"pagesession/internal/config"
)

// documents reads the documents of a YAML file. A key that is there twice is an error.
func documents(t *testing.T, file string) (list []map[string]any) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for in := yaml.NewDecoder(bytes.NewReader(b)); ; {
		var d map[string]any
		if err := in.Decode(&d); errors.Is(err, io.EOF) {
			return list
		} else if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		list = append(list, d)
	}
}

// at returns what is at a path such as "spec.containers.0.name"; nil if it is missing.
func at(v any, path string) any {
	for name := range strings.SplitSeq(path, ".") {
		switch in := v.(type) {
		case map[string]any:
			v = in[name]
		case []any:
			var i int
			if _, err := fmt.Sscan(name, &i); err != nil || i >= len(in) {
				return nil
			}
			v = in[i]
		default:
			return nil
		}
	}
	return v
}

// wants fails the test unless this value is at a path.
func wants(t *testing.T, in any, path string, want any) {
	t.Helper()
	if got := at(in, path); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s = %v; want %v", path, got, want)
	}
}

// loads reads the settings as the server does, and returns them. Secrets are in files of the
// test's, by the end of their path.
func loads(t *testing.T, environ map[string]string) config.Config {
	t.Helper()
	dir := t.TempDir()
	var lines []string
	for name, value := range environ {
		if strings.HasSuffix(name, "_FILE") {
			content := map[string]string{"redis-password": "p", "accounts-url": "postgres://pagesession:p@postgres:5432/pagesession"}[filepath.Base(value)]
			value = filepath.Join(dir, filepath.Base(value))
			if err := os.WriteFile(value, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		lines = append(lines, name+"="+value)
	}
	flags := pflag.NewFlagSet("serve", pflag.ContinueOnError)
	config.Bind(flags)
	loaded, err := config.Load(flags, lines, "serve")
	if err != nil {
		t.Fatalf("the server refuses the settings: %v", err)
	}
	if len(loaded.Unknown)+len(loaded.Warnings) > 0 {
		t.Errorf("the server warns: %q, %q", loaded.Unknown, loaded.Warnings)
	}
	return loaded.Config
}

// serves checks what compose.yml and kubernetes.yaml have in common.
func serves(t *testing.T, c config.Config, folder string, grace time.Duration) {
	t.Helper()
	if c.Addr != ":8000" || c.DataDir != folder || c.Accounts == "" || c.Sessions.IsFile() || c.SecretKey == "" {
		t.Errorf("settings: address %q, folder %q; want :8000, %s, and sessions, accounts and key elsewhere", c.Addr, c.DataDir, folder)
	}
	if c.Drain == 0 || c.Drain+5*time.Second > grace {
		t.Errorf("a drain of %v and 5 s in a grace period of %v", c.Drain, grace)
	}
}

func TestCompose(t *testing.T) {
	d := documents(t, "compose.yml")[0]
	addresses := map[string]bool{}
	for _, name := range []string{"server1", "server2", "server3"} {
		s := at(d, "services."+name)
		environ := map[string]string{}
		for key, value := range at(s, "environment").(map[string]any) {
			environ[key] = fmt.Sprint(value)
		}
		grace, err := time.ParseDuration(fmt.Sprint(at(s, "stop_grace_period")))
		if err != nil {
			t.Error(err)
		}
		serves(t, loads(t, environ), "/data", grace)
		addresses[fmt.Sprint(at(s, "networks.inside.ipv4_address"))] = true
		wants(t, s, "user", "65532:65532")
		wants(t, s, "healthcheck.test.2", "healthcheck")
		wants(t, s, "read_only", true)
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

func TestKubernetes(t *testing.T) {
	byName := map[string]map[string]any{}
	for _, d := range documents(t, "kubernetes.yaml") {
		for _, field := range []string{"apiVersion", "kind", "metadata.name", "spec"} {
			if at(d, field) == nil {
				t.Errorf("a document lacks %s: %v", field, d)
			}
		}
		byName[fmt.Sprint(at(d, "kind"), " ", at(d, "metadata.name"))] = d
	}
	servers := byName["Deployment pagesession"]
	wants(t, servers, "spec.replicas", 3)
	wants(t, servers, "spec.strategy.rollingUpdate.maxUnavailable", 0)
	pod := at(servers, "spec.template.spec")
	server := at(pod, "containers.0")
	environ := map[string]string{}
	for _, v := range at(server, "env").([]any) {
		environ[fmt.Sprint(at(v, "name"))] = fmt.Sprint(at(v, "value"))
	}
	serves(t, loads(t, environ), "/data/server", time.Duration(at(pod, "terminationGracePeriodSeconds").(int))*time.Second)
	wants(t, server, "ports.0.containerPort", 8000)
	for probe, path := range map[string]string{"startupProbe": "/livez", "livenessProbe": "/livez", "readinessProbe": "/readyz"} {
		wants(t, server, probe+".httpGet.path", path)
		wants(t, server, probe+".httpGet.port", "http")
	}
	wants(t, pod, "securityContext.runAsNonRoot", true)
	wants(t, server, "securityContext.readOnlyRootFilesystem", true)
	wants(t, server, "securityContext.allowPrivilegeEscalation", false)
	wants(t, server, "securityContext.capabilities.drop.0", "ALL")
	wants(t, byName["PodDisruptionBudget pagesession"], "spec.minAvailable", 2)
	wants(t, byName["PodDisruptionBudget pagesession"], "spec.selector.matchLabels.app", "pagesession")
	wants(t, byName["Service pagesession"], "spec.ports.0.targetPort", "http")
	wants(t, byName["Ingress pagesession"], "spec.rules.0.http.paths.0.backend.service.name", "pagesession")
	for kind, d := range byName {
		if app := at(d, "spec.template.metadata.labels.app"); app != nil {
			wants(t, d, "spec.selector.matchLabels.app", app)
		}
		if app := at(d, "spec.selector.app"); app != nil && !strings.Contains(fmt.Sprint(byName), fmt.Sprintf("labels:map[app:%v]", app)) {
			t.Errorf("%s selects %v, which no pod is", kind, app)
		}
	}
	for _, host := range []string{"pagesession-redis", "postgres"} {
		if byName["Service "+host] == nil {
			t.Errorf("there is no service %s, which the settings name", host)
		}
	}
	mountsHoldSecrets(t, server, environ)
}

// mountsHoldSecrets checks that each file in the settings is below a mounted secret.
func mountsHoldSecrets(t *testing.T, server any, environ map[string]string) {
	t.Helper()
	wants(t, server, "volumeMounts.1.name", "secrets")
	below := fmt.Sprint(at(server, "volumeMounts.1.mountPath"), "/")
	for name, value := range environ {
		if (strings.HasSuffix(name, "_FILE") || name == "PAGESESSION_SECRET_KEY") && !strings.HasPrefix(value, below) {
			t.Errorf("%s = %s is not below %s", name, value, below)
		}
	}
}
