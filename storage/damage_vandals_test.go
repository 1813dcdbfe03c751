package storage_test

import (
	"encoding/binary"
	"math/rand/v2"
)

// A vandal damages a file in its own way. It may find nothing to damage.
type vandal struct {
	name string
	do   func(b []byte, x *specimen, rng *rand.Rand) []byte
}

var vandals = []vandal{
	{"a bit flipped", func(b []byte, _ *specimen, rng *rand.Rand) []byte {
		flip(b, rng.IntN(len(b)), rng)
		return b
	}},
	{"a bit flipped in a page's header or elements", func(b []byte, _ *specimen, rng *rand.Rand) []byte {
		p := pick(rng, pagesOf(b, branchFlag|leafFlag)) * pageSize
		flip(b, p+rng.IntN(min(pageSize, pageHeader+pageElement*int(b[p+countAt]))), rng)
		return b
	}},
	{"ten bits flipped in a page", func(b []byte, _ *specimen, rng *rand.Rand) []byte {
		p := pick(rng, pagesOf(b, branchFlag|leafFlag)) * pageSize
		for range 10 {
			flip(b, p+rng.IntN(pageSize), rng)
		}
		return b
	}},
	{"a page zeroed", func(b []byte, _ *specimen, rng *rand.Rand) []byte {
		clear(page(b, anyPage(b, rng)))
		return b
	}},
	{"a sector zeroed", func(b []byte, _ *specimen, rng *rand.Rand) []byte {
		at := rng.IntN(len(b)/sector) * sector
		clear(b[at : at+sector])
		return b
	}},
	{"a page of noise", func(b []byte, _ *specimen, rng *rand.Rand) []byte {
		noise(page(b, anyPage(b, rng)), rng)
		return b
	}},
	{"two pages swapped", func(b []byte, _ *specimen, rng *rand.Rand) []byte {
		swapPages(b, anyPage(b, rng), anyPage(b, rng))
		return b
	}},
	{"a page written in the wrong place", func(b []byte, _ *specimen, rng *rand.Rand) []byte {
		copy(page(b, anyPage(b, rng)), page(b, anyPage(b, rng)))
		return b
	}},
	{"a page in the place of another, with its number", func(b []byte, _ *specimen, rng *rand.Rand) []byte {
		leaves := pagesOf(b, leafFlag)
		from, to := pick(rng, leaves), pick(rng, leaves)
		copy(page(b, to), page(b, from))
		binary.LittleEndian.PutUint64(page(b, to), uint64(to))
		return b
	}},
	{"a write that was lost", func(b []byte, x *specimen, rng *rand.Rand) []byte {
		if p := pick(rng, pagesOf(b, branchFlag|leafFlag)); (p+1)*pageSize <= len(x.older) {
			copy(page(b, p), page(x.older, p))
		}
		return b
	}},
	{"cut off anywhere", func(b []byte, _ *specimen, rng *rand.Rand) []byte { return b[:rng.IntN(len(b))] }},
	{"cut off at a page", func(b []byte, _ *specimen, rng *rand.Rand) []byte { return b[:rng.IntN(len(b)/pageSize)*pageSize] }},
	{"noise behind the end", func(b []byte, _ *specimen, rng *rand.Rand) []byte {
		tail := make([]byte, 1+rng.IntN(3*pageSize))
		noise(tail, rng)
		return append(b, tail...)
	}},
	{"meta pages swapped", func(b []byte, _ *specimen, _ *rand.Rand) []byte { swapPages(b, 0, 1); return b }},
	{"a meta page zeroed", func(b []byte, _ *specimen, rng *rand.Rand) []byte { clear(page(b, rng.IntN(2))); return b }},
	{"both meta pages zeroed", func(b []byte, _ *specimen, _ *rand.Rand) []byte { clear(b[:2*pageSize]); return b }},
	{"a bit flipped in a meta page", func(b []byte, _ *specimen, rng *rand.Rand) []byte {
		flip(b, rng.IntN(2)*pageSize+rng.IntN(80), rng)
		return b
	}},
	{"a page with another's number", func(b []byte, _ *specimen, rng *rand.Rand) []byte {
		binary.LittleEndian.PutUint64(page(b, pick(rng, pagesOf(b, branchFlag|leafFlag))), uint64(anyPage(b, rng)))
		return b
	}},
	{"a branch that points to itself", func(b []byte, _ *specimen, rng *rand.Rand) []byte {
		p := pick(rng, pagesOf(b, branchFlag|leafFlag))
		b[p*pageSize+flagsAt] = branchFlag
		pointTo(b, p, p, rng)
		return b
	}},
	{"a branch that points elsewhere", func(b []byte, _ *specimen, rng *rand.Rand) []byte {
		if branches := pagesOf(b, branchFlag); len(branches) > 0 {
			pointTo(b, pick(rng, branches), anyPage(b, rng), rng)
		}
		return b
	}},
	{"a page with fewer elements", func(b []byte, _ *specimen, rng *rand.Rand) []byte {
		p := page(b, pick(rng, pagesOf(b, branchFlag|leafFlag)))
		if n := binary.LittleEndian.Uint16(p[countAt:]); n > 1 {
			binary.LittleEndian.PutUint16(p[countAt:], 1+uint16(rng.IntN(int(n)-1)))
		}
		return b
	}},
	{"a page with more elements", func(b []byte, _ *specimen, rng *rand.Rand) []byte {
		p := page(b, pick(rng, pagesOf(b, branchFlag|leafFlag)))
		binary.LittleEndian.PutUint16(p[countAt:], binary.LittleEndian.Uint16(p[countAt:])+uint16(1+rng.IntN(300)))
		return b
	}},
	{"nothing but noise", func(b []byte, _ *specimen, rng *rand.Rand) []byte { noise(b, rng); return b }},
}

func page(b []byte, n int) []byte { return b[n*pageSize : (n+1)*pageSize] }

func anyPage(b []byte, rng *rand.Rand) int { return rng.IntN(len(b) / pageSize) }

func flip(b []byte, at int, rng *rand.Rand) { b[at] ^= 1 << rng.IntN(8) }

func noise(b []byte, rng *rand.Rand) {
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
}

func swapPages(b []byte, i, j int) {
	held := append([]byte(nil), page(b, i)...)
	copy(page(b, i), page(b, j))
	copy(page(b, j), held)
}

// pointTo makes one element of a branch page point to another page.
func pointTo(b []byte, branch, to int, rng *rand.Rand) {
	p := page(b, branch)
	n := max(1, int(binary.LittleEndian.Uint16(p[countAt:])))
	at := pageHeader + rng.IntN(min(n, 200))*pageElement + branchPageAt
	binary.LittleEndian.PutUint64(p[at:], uint64(to))
}
