package query

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"pagesession/storage/internal/index"
)

// A page from pick is the page of all rows sorted, however the places are spread.
func TestPick_AgreesWithSort(t *testing.T) {
	tie := func(a, b spot) int { return cmp.Or(cmp.Compare(b.shard, a.shard), cmp.Compare(b.index, a.index)) }
	rapid.Check(t, func(t *rapid.T) {
		columns := make([][]uint64, 3)
		var all []spot
		base := rapid.SampledFrom([]uint64{0, 1 << 40, 1<<63 - 50, ^uint64(0) - 2000}).Draw(t, "base")
		spread := rapid.SampledFrom([]uint64{1, 2, 1000}).Draw(t, "spread")
		low := rapid.SampledFrom([]uint64{0, 1, 12345, base}).Draw(t, "low")
		high := rapid.SampledFrom([]uint64{base, ^uint64(0), ^uint64(0) - 1}).Draw(t, "high")
		for i := range rapid.SampledFrom([]int{0, 5, 3000}).Draw(t, "n") {
			place := base + uint64(i*7919)%spread
			switch i % 100 {
			case 0:
				place = low
			case 50:
				place = high
			}
			shard := i % len(columns)
			all = append(all, spot{place, shard, len(columns[shard])})
			columns[shard] = append(columns[shard], place)
		}
		slices.SortFunc(all, func(a, b spot) int { return cmp.Or(cmp.Compare(a.place, b.place), tie(a, b)) })
		offset, limit := rapid.IntRange(0, len(all)+1).Draw(t, "offset"), rapid.IntRange(1, 500).Draw(t, "limit")
		want := all[min(offset, len(all)):min(offset+limit, len(all))]
		if got := pick(columns, offset, limit, tie); !slices.Equal(got, want) {
			t.Fatalf("pick(%d, %d) of %d = %v; want %v", offset, limit, len(all), got, want)
		}
	})
}

// BenchmarkPick picks pages of a million rows: the first one, and one that is found
// by counting.
func BenchmarkPick(b *testing.B) {
	columns := make([][]uint64, index.Shards)
	for i := range 1_000_000 {
		columns[i%index.Shards] = append(columns[i%index.Shards], uint64(i)*0x9E3779B97F4A7C15)
	}
	tie := func(a, b spot) int { return cmp.Compare(a.index, b.index) }
	for _, offset := range []int{0, fewRows - 50, fewRows} {
		b.Run(fmt.Sprint(offset), func(b *testing.B) {
			for b.Loop() {
				pick(columns, offset, 50, tie)
			}
		})
	}
}
