package metrics

import "strings"

// A Kind is what a metric is to Prometheus.
type Kind string

// The kinds.
const (
	CounterKind   Kind = "counter"
	GaugeKind     Kind = "gauge"
	HistogramKind Kind = "histogram"
)

// Where a metric is: everywhere, or only with sessions in the file or on Redis.
const (
	everywhere = ""
	onFile     = "sessions in the file"
	onRedis    = "sessions on Redis"
)

// A Label is a label of a metric with all values that it can have.
type Label struct {
	Name   string
	Values []string
}

// A Metric is one row of Table. To add one, write a row there and its field in Reading, fill that in
// package app, and run the tests of this package with -update.
type Metric struct {
	Name   string // without the prefix
	Kind   Kind
	Unit   string // "seconds", "bytes", or "" for a number
	Help   string
	Of     string // where it is, "" for everywhere
	Labels []Label

	// One of the two: a value for each combination of labels, or a histogram. put takes the values
	// of the labels in their order.
	values     func(r *Reading, put func(v float64, labels ...string))
	histograms func(r *Reading, put func(h Histogram, labels ...string))
}

// Prefix begins the name of each metric in Table.
const Prefix = "pagesession_"

// FullName returns the name that Prometheus sees.
func (m Metric) FullName() string { return Prefix + m.Name }

// isOf reports whether a reading has the metric.
func (m Metric) isOf(r *Reading) bool {
	switch m.Of {
	case onFile:
		return r.File != nil
	case onRedis:
		return r.Redis != nil
	}
	return true
}

// labelNames returns the names of the labels in their order.
func (m Metric) labelNames() []string {
	var names []string
	for _, l := range m.Labels {
		names = append(names, l.Name)
	}
	return names
}

// one is values of a metric without labels.
func one(value func(r *Reading) float64) func(*Reading, func(float64, ...string)) {
	return func(r *Reading, put func(float64, ...string)) { put(value(r)) }
}

// yes returns 1 for true.
func yes(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

// markdown returns a row of docs/METRICS.md.
func (m Metric) markdown() string {
	var labels []string
	for _, l := range m.Labels {
		labels = append(labels, "`"+l.Name+"`: "+strings.Join(l.Values, ", "))
	}
	help := m.Help
	if m.Of != everywhere {
		help += " (" + m.Of + ")"
	}
	return "| `" + m.FullName() + "` | " + string(m.Kind) + " | " + m.Unit + " | " + strings.Join(labels, "; ") + " | " + help + " |\n"
}
