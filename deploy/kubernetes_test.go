package deploy_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// objects returns the objects of a file by "kind name".
func objects(t *testing.T, file string) map[string]map[string]any {
	t.Helper()
	byName := map[string]map[string]any{}
	for _, d := range documents(t, file) {
		for _, field := range []string{"apiVersion", "kind", "metadata.name", "spec"} {
			if at(d, field) == nil {
				t.Errorf("a document lacks %s: %v", field, d)
			}
		}
		byName[fmt.Sprint(at(d, "kind"), " ", at(d, "metadata.name"))] = d
	}
	return byName
}

// variables returns the variables of a container.
func variables(container any) map[string]string {
	environ := map[string]string{}
	for _, v := range at(container, "env").([]any) {
		environ[fmt.Sprint(at(v, "name"))] = fmt.Sprint(at(v, "value"))
	}
	return environ
}

func podGrace(pod any) time.Duration {
	return time.Duration(at(pod, "terminationGracePeriodSeconds").(int)) * time.Second
}

// probed checks a server's pod: its probes, and that it has no rights that it does not need.
func probed(t *testing.T, pod any) {
	t.Helper()
	server := at(pod, "containers.0")
	wants(t, server, "ports.0.containerPort", 8000)
	for probe, path := range map[string]string{"startupProbe": "/livez", "livenessProbe": "/livez", "readinessProbe": "/readyz"} {
		wants(t, server, probe+".httpGet.path", path)
		wants(t, server, probe+".httpGet.port", "http")
	}
	wants(t, pod, "enableServiceLinks", false)
	wants(t, pod, "automountServiceAccountToken", false)
	wants(t, pod, "securityContext.runAsNonRoot", true)
	wants(t, pod, "securityContext.runAsUser", 65532)
	wants(t, pod, "securityContext.fsGroup", 65532)
	wants(t, server, "securityContext.readOnlyRootFilesystem", true)
	wants(t, server, "securityContext.allowPrivilegeEscalation", false)
	wants(t, server, "securityContext.capabilities.drop.0", "ALL")
}

// connected checks that services and the Ingress lead to pods.
func connected(t *testing.T, byName map[string]map[string]any) {
	t.Helper()
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
}

// One server: a pod with a name that stays, and a volume of its own.
func TestKubernetes(t *testing.T) {
	byName := objects(t, "kubernetes.yaml")
	set := byName["StatefulSet pagesession"]
	pod := at(set, "spec.template.spec")
	server := at(pod, "containers.0")
	c := loads(t, variables(server))
	keepsAll(t, c, "/data/server", podGrace(pod))
	if rule := at(byName["Ingress pagesession"], "spec.rules.0.host"); !c.AllowedHosts.Allows([]byte(fmt.Sprint(rule))) || c.TrustedProxies.Empty() {
		t.Errorf("the server allows %v and trusts %v; want the Ingress's host %v, and its network", c.AllowedHosts, c.TrustedProxies, rule)
	}
	wants(t, set, "spec.replicas", 1)
	wants(t, set, "spec.serviceName", "pagesession")
	wants(t, pod, "securityContext.fsGroupChangePolicy", "OnRootMismatch")
	wants(t, server, "volumeMounts.0.mountPath", "/data")
	wants(t, server, "volumeMounts.0.name", at(set, "spec.volumeClaimTemplates.0.metadata.name"))
	wants(t, set, "spec.volumeClaimTemplates.0.spec.accessModes.0", "ReadWriteOnce")
	probed(t, pod)
	connected(t, byName)
}

func TestKubernetes_Several(t *testing.T) {
	byName := objects(t, "kubernetes-several.yaml")
	servers := byName["Deployment pagesession"]
	wants(t, servers, "spec.replicas", 3)
	wants(t, servers, "spec.strategy.rollingUpdate.maxUnavailable", 0)
	pod := at(servers, "spec.template.spec")
	server := at(pod, "containers.0")
	environ := variables(server)
	sharesSessions(t, loads(t, environ), "/data/server", podGrace(pod))
	probed(t, pod)
	wants(t, byName["PodDisruptionBudget pagesession"], "spec.minAvailable", 2)
	wants(t, byName["PodDisruptionBudget pagesession"], "spec.selector.matchLabels.app", "pagesession")
	connected(t, byName)
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
