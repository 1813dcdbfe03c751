package metrics

import (
	"runtime"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// A collector gives Prometheus the metrics of Table. It is safe for concurrent use if read is.
type collector struct {
	table []Metric
	descs []*prometheus.Desc
	read  func() *Reading // nil while the server starts
}

// newRegistry returns a registry of its own with the metrics of table, the build, the Go runtime and
// the process. read returns nil while there is nothing to read.
func newRegistry(table []Metric, version string, read func() *Reading) (*prometheus.Registry, error) {
	c := &collector{table: table, read: read}
	for _, m := range table {
		c.descs = append(c.descs, prometheus.NewDesc(m.FullName(), m.Help, m.labelNames(), nil))
	}
	registry := prometheus.NewRegistry()
	for _, each := range []prometheus.Collector{c, buildInfo(version), collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{})} {
		if err := registry.Register(each); err != nil {
			return nil, err
		}
	}
	return registry, nil
}

// BuildInfo is the metric beside Table: always 1, with the versions in its labels.
const BuildInfo = Prefix + "build_info"

func buildInfo(version string) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: BuildInfo, Help: "always 1",
		ConstLabels: prometheus.Labels{"version": version, "go": runtime.Version()},
	}, func() float64 { return 1 })
}

// Describe sends what each metric is.
func (c *collector) Describe(descs chan<- *prometheus.Desc) {
	for _, d := range c.descs {
		descs <- d
	}
}

// Collect sends the metrics of one reading.
func (c *collector) Collect(out chan<- prometheus.Metric) {
	r := c.read()
	if r == nil {
		return
	}
	for i, m := range c.table {
		switch desc := c.descs[i]; {
		case !m.isOf(r):
		case m.histograms != nil:
			m.histograms(r, func(h Histogram, labels ...string) {
				out <- prometheus.MustNewConstHistogram(desc, h.Count, h.Sum, h.Buckets, labels...)
			})
		default:
			kind := prometheus.GaugeValue
			if m.Kind == CounterKind {
				kind = prometheus.CounterValue
			}
			m.values(r, func(v float64, labels ...string) { out <- prometheus.MustNewConstMetric(desc, kind, v, labels...) })
		}
	}
}
