package file

import (
	"errors"
	"fmt"

	"go.etcd.io/bbolt"
)

// ErrMemory is returned by Load for a file that needs more memory than there is.
var ErrMemory = errors.New("not enough memory for the session file")

// What a start holds at its peak, beside the records themselves. Measured with the
// server in a memory cgroup: 200,000 sessions of 60 bytes start in 100 MiB, 300,000 in
// 142, 1,000,000 in 440. With 8 % less the kernel kills most starts.
const (
	baseMemory    = 18 << 20
	sessionMemory = 310
)

// enoughMemory reports, before anything is loaded, whether limit bytes of memory can
// hold the records; 0: there is no limit. The error names what would do.
func enoughMemory(records *bbolt.Bucket, limit int64) error {
	if limit == 0 || records == nil {
		return nil
	}
	st := records.Stats()
	need := baseMemory + int64(st.KeyN)*sessionMemory + int64(st.LeafInuse)
	if need <= limit {
		return nil
	}
	return fmt.Errorf("%w: it has %d sessions and needs %d MiB, the limit is %d MiB; raise it to %d MiB or more",
		ErrMemory, st.KeyN, mebibytes(need), limit>>20, mebibytes(need*5/4))
}

// mebibytes rounds up.
func mebibytes(n int64) int64 { return (n + 1<<20 - 1) >> 20 }
