package file

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// The search that guesses finds what a binary search finds.
func TestSearch(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	rising := func(n int, step func(i int) uint64) (seqs []uint64) {
		for i, seq := 0, uint64(0); i < n; i++ {
			seq += step(i)
			seqs = append(seqs, seq)
		}
		return seqs
	}
	for name, seqs := range map[string][]uint64{
		"one":            {7},
		"a row":          rising(1000, func(int) uint64 { return 1 }),
		"small gaps":     rising(5000, func(int) uint64 { return 1 + rnd.Uint64N(3) }),
		"one large gap":  rising(1000, func(i int) uint64 { return uint64(1 + i/999*1_000_000) }),
		"dense at first": rising(2000, func(i int) uint64 { return uint64(i*i/100 + 1) }),
		"dense at last":  rising(2000, func(i int) uint64 { return uint64((2000-i)*(2000-i)/100 + 1) }),
		"whole range":    {0, 1, 2, math.MaxUint64 / 2, math.MaxUint64 - 1, math.MaxUint64},
	} {
		first, last := seqs[0], seqs[len(seqs)-1]
		for i := range 3000 {
			seq := seqs[i%len(seqs)]
			if i%3 == 0 && last-first < math.MaxUint64 {
				seq = first + rnd.Uint64N(last-first+1)
			}
			at, ok := search(seqs, seq)
			if wantAt, want := slices.BinarySearch(seqs, seq); at != wantAt || ok != want {
				t.Errorf("%s: search(%d) = %d, %t; want %d, %t", name, seq, at, ok, wantAt, want)
				break
			}
		}
	}
}
