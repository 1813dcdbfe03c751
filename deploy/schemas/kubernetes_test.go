package schemas_test

import (
	"testing"

	"pagesession/deploy/schemas"
)

func TestKubernetes(t *testing.T) {
	for file, want := range map[string]int{"../kubernetes.yaml": 3, "../kubernetes-several.yaml": 8} {
		if n, err := schemas.Kubernetes(read(t, file)); err != nil || n != want {
			t.Errorf("%s: %d objects, %v; want %d", file, n, err, want)
		}
	}
}

// The check finds what a person gets wrong, as `kubectl apply` would.
func TestKubernetes_Mistakes(t *testing.T) {
	for _, m := range []mistake{
		{"a misspelt field", "readOnlyRootFilesystem", "readonlyRootFilesystem", `unknown field "spec.template.spec.containers[0].securityContext.readonlyRootFilesystem"`},
		{"a wrong type", "replicas: 1", "replicas: one", "cannot unmarshal string into Go struct field StatefulSetSpec.spec.replicas"},
		{"a missing field", "{ name: http, containerPort: 8000 }", "{ name: http }", "spec.template.spec.containers[0].ports[0].containerPort: Required value"},
		{"a value that is not allowed", "OnRootMismatch", "OnMismatch", `spec.template.spec.securityContext.fsGroupChangePolicy: Unsupported value: "OnMismatch": supported values: "Always", "OnRootMismatch"`},
		{"a repeated field", "replicas: 1", "replicas: 1\n  replicas: 2", `key "replicas" already set`},
		{"an unknown kind", "kind: StatefulSet", "kind: StatefullSet", `no kind "StatefullSet" is registered`},
		{"labels that do not fit", "matchLabels: { app: pagesession }", "matchLabels: { app: other }", "`selector` does not match template `labels`"},
		{"a quantity that is none", "memory: 1Gi", "memory: 1 GB", "quantities must match the regular expression"},
		{"a request above the limit", "memory: 256Mi", "memory: 2Gi", "must be less than or equal to memory limit"},
		{"a path of an unknown type", "pathType: Prefix", "pathType: prefix", `pathType: Unsupported value: "prefix"`},
		{"a port that is none", "targetPort: http", "targetPort: 80000", "spec.ports[0].targetPort: Invalid value: 80000"},
		{"root", "runAsUser: 65532", "runAsUser: -1", "runAsUser: Invalid value: -1"},
	} {
		_, err := schemas.Kubernetes(m.in(t, "../kubernetes.yaml"))
		m.isFound(t, err)
	}
}
