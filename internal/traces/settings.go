package traces

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// The variables that this package reads itself; the SDK reads the others.
const (
	envEndpoint       = "OTEL_EXPORTER_OTLP_ENDPOINT"
	envTracesEndpoint = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
	envProtocol       = "OTEL_EXPORTER_OTLP_PROTOCOL"
	envTracesProtocol = "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"
	envDisabled       = "OTEL_SDK_DISABLED"
	envExporter       = "OTEL_TRACES_EXPORTER"
	envPropagators    = "OTEL_PROPAGATORS"
)

// settings are what the variables say.
type settings struct {
	endpoint    *url.URL // nil: traces are off
	propagation bool     // the traceparent of trusted proxies counts
}

// read reads the variables. The SDK falls back to a default where a value is invalid, and would
// send to an address that was never named, so an endpoint is checked here.
func read(getenv func(string) string) (settings, error) {
	name, value := envTracesEndpoint, getenv(envTracesEndpoint)
	if value == "" {
		name, value = envEndpoint, getenv(envEndpoint)
	}
	if value == "" || isOff(getenv) {
		return settings{}, nil
	}
	for _, protocol := range []string{envTracesProtocol, envProtocol} {
		if getenv(protocol) == "grpc" {
			return settings{}, fmt.Errorf("%s=grpc is not supported; use http/protobuf, and the collector's port for it, as a rule 4318", protocol)
		}
	}
	u, err := parseEndpoint(value)
	if err != nil {
		return settings{}, fmt.Errorf("%s %w", name, err) // without the value, which may have a password
	}
	propagators := getenv(envPropagators)
	return settings{u, propagators == "" || strings.Contains(propagators, "tracecontext")}, nil
}

// isOff reports whether the variables switch traces off although there is an endpoint.
func isOff(getenv func(string) string) bool {
	return strings.EqualFold(getenv(envDisabled), "true") || getenv(envExporter) == "none"
}

func parseEndpoint(value string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(value))
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return nil, errors.New("is not an http or https URL; use for example http://127.0.0.1:4318")
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, errors.New("has more than host and path; put credentials into OTEL_EXPORTER_OTLP_HEADERS")
	}
	return u, nil
}
