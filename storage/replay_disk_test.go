package storage_test

import (
	"math/rand/v2"
	"slices"
)

// A disk is what a power cut may leave of a recorded trace. All writes before a
// barrier are there. Each write after it is there, missing, or torn at a sector,
// independently of the others and in any order.
type disk struct {
	old     []byte // the file that the child found
	fresh   []byte // the durable part of the file that replaced it, or of that file if none did
	pending []step // writes to fresh that may be lost
	named   bool   // the name of fresh is durable
	renamed bool   // the name of fresh may be lost
}

const sector = 512

// do brings the disk to the moment after a step.
func (d *disk) do(s step) {
	switch s.kind {
	case stepWrite, stepTruncate, stepGrow:
		d.pending = append(d.pending, s)
	case stepBarrier:
		for _, p := range d.pending {
			d.fresh = applyStep(d.fresh, p)
		}
		d.pending = nil
	case stepRename:
		d.renamed = true
	case stepNamed:
		d.named = d.renamed
	}
}

// cut returns one of the files that a power cut at this moment may leave. The first
// one has everything, as after kill -9.
func (d *disk) cut(rng *rand.Rand, everything bool) []byte {
	if !d.named && (!d.renamed || (!everything && rng.IntN(2) == 0)) {
		return slices.Clone(d.old)
	}
	b := slices.Clone(d.fresh)
	for _, p := range d.pending {
		if everything {
			b = applyStep(b, p)
		} else {
			b = applyTorn(b, p, rng)
		}
	}
	return b
}

func applyTorn(b []byte, p step, rng *rand.Rand) []byte {
	n := len(p.data) / sector
	switch rng.IntN(5) {
	case 0, 1:
		return applyStep(b, p)
	case 2:
		return b
	case 3: // the first sectors are there
		p.data = p.data[:min(rng.IntN(n+1)*sector, len(p.data))]
		return applyStep(b, p)
	default: // any sectors are there
		for i := range n {
			if rng.IntN(2) == 0 {
				b = applyStep(b, step{kind: p.kind, at: p.at + int64(i)*sector, data: p.data[i*sector : (i+1)*sector]})
			}
		}
		return b
	}
}

// applyStep writes or truncates as the system does.
func applyStep(b []byte, p step) []byte {
	switch p.kind {
	case stepTruncate:
		return resize(b, int(p.at))
	case stepGrow:
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
