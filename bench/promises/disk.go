//go:build linux

package promises

import (
	"math/rand/v2"
	"slices"
)

// A disk is what a power cut may leave of recorded steps. What came before a barrier is
// there; what came after it is there, or not, or torn at a sector, each write for itself
// and in any order.
type disk struct {
	old     []byte // the file that the server opened
	fresh   []byte // the durable part of the one that took its place
	pending []step // what was done to that since
	named   bool   // its name is durable
	renamed bool   // its name is there, or not
}

const sector = 512

// do brings the disk to the moment after a step.
func (d *disk) do(s step) {
	switch s.kind {
	case stepWrite, stepTruncate, stepExtend:
		d.pending = append(d.pending, s)
	case stepBarrier:
		for _, p := range d.pending {
			d.fresh = p.apply(d.fresh)
		}
		d.pending = nil
	case stepRename:
		d.renamed = true
	case stepNamed:
		d.named = d.renamed
	}
}

// cut returns one of the files that a power cut at this moment may leave; everything is
// what kill -9 leaves.
func (d *disk) cut(rng *rand.Rand, everything bool) []byte {
	if !d.named && (!d.renamed || !everything && rng.IntN(2) == 0) {
		return slices.Clone(d.old)
	}
	b := slices.Clone(d.fresh)
	for _, p := range d.pending {
		if everything {
			b = p.apply(b)
		} else {
			b = p.torn(b, rng)
		}
	}
	return b
}

// torn applies a step, or not, or a part of it.
func (p step) torn(b []byte, rng *rand.Rand) []byte {
	n := len(p.data) / sector
	switch rng.IntN(5) {
	case 0, 1:
		return p.apply(b)
	case 2:
		return b
	case 3: // the first sectors
		p.data = p.data[:min(rng.IntN(n+1)*sector, len(p.data))]
		return p.apply(b)
	default: // any sectors
		for i := range n {
			if rng.IntN(2) == 0 {
				b = step{kind: p.kind, at: p.at + int64(i)*sector, data: p.data[i*sector : (i+1)*sector]}.apply(b)
			}
		}
		return b
	}
}

// apply writes, truncates or extends as the system does.
func (p step) apply(b []byte) []byte {
	switch {
	case p.kind == stepTruncate:
		return resize(b, int(p.at))
	case p.kind == stepExtend:
		return resize(b, max(len(b), int(p.at)))
	}
	if end := int(p.at) + len(p.data); end > len(b) && len(p.data) > 0 {
		b = resize(b, end)
	}
	copy(b[min(int(p.at), len(b)):], p.data)
	return b
}

func resize(b []byte, n int) []byte {
	if n <= len(b) {
		return b[:n]
	}
	return append(b, make([]byte, n-len(b))...)
}
