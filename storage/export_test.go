package storage

import "time"

// Count1 counts one duration.
func (l *Latencies) Count1(d time.Duration) { l.add(d) }
