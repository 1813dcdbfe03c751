package main

import "fmt"

// seconds are the labels of a time axis.
func seconds(list []sample) []string {
	labels := make([]string, len(list))
	for i, s := range list {
		labels[i] = fmt.Sprintf("%.0f", s.Second)
	}
	return labels
}

// overTime is a chart of memory and file by the time; more lines may be added.
func overTime(title string, list []sample) lineChart {
	return lineChart{
		chartFrame: chartFrame{title: title}, x: seconds(list), xTitle: "seconds", xLabels: 13, yTitle: "MiB",
		lines: []chartLine{
			{name: "memory", values: column(list, func(s sample) float64 { return float64(s.RSS) / (1 << 20) })},
			{name: "file", values: column(list, func(s sample) float64 { return float64(s.File) / (1 << 20) })},
		},
	}
}
