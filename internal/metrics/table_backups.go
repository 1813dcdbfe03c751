package metrics

import "pagesession/internal/backup"

// backupOutcomes are the values of the label outcome of backups.
var backupOutcomes = []string{"made", "failed"}

func backupMetrics() []Metric {
	return []Metric{{
		Name: "backups_total", Kind: CounterKind, Help: "backups that this server made in the folder of --backup-dir, and that failed",
		Labels: []Label{{"outcome", backupOutcomes}},
		values: func(r *Reading, put func(float64, ...string)) {
			for i, n := range madeAndFailed(r.Backups) {
				put(float64(n), backupOutcomes[i])
			}
		},
	}, {
		Name: "backup_last_success_time_seconds", Kind: GaugeKind, Unit: "seconds",
		Help: "when the newest backup in that folder was made, as a Unix time; missing while that is not known",
		values: func(r *Reading, put func(float64, ...string)) {
			if !r.Backups.Last.IsZero() {
				put(float64(r.Backups.Last.Unix()))
			}
		},
	}}
}

func madeAndFailed(s backup.State) []uint64 { return []uint64{s.Made, s.Failed} }
