package main

import (
	"cmp"
	"context"
	"debug/buildinfo"
	"debug/elf"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A weight is what a module has in the program, in bytes.
type weight struct{ code, data uint64 }

// weigh builds the program with its symbols, and writes a line of a table for each module. Not
// counted are the tables by which Go finds functions, which take four fifths of the code again,
// and the types.
func (d *dist) weigh(ctx context.Context) error {
	remove, err := d.prepare(ctx)
	if err != nil {
		return err
	}
	defer remove()
	folder, err := os.MkdirTemp("", "weigh-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	d.out, d.link = folder, "-w"
	path, err := d.build(ctx, target{"linux", "amd64"})
	if err != nil {
		return err
	}
	modules, err := modulesOf(path)
	if err != nil {
		return err
	}
	weights, err := weightsOf(path, modules)
	if err != nil {
		return err
	}
	fmt.Fprintln(d.say, "| module | code, kB | data, kB |\n|---|---|---|")
	heaviest := func(a, b string) int {
		return cmp.Or(cmp.Compare(weights[b].code+weights[b].data, weights[a].code+weights[a].data), cmp.Compare(a, b))
	}
	for _, m := range slices.SortedFunc(maps.Keys(weights), heaviest) {
		fmt.Fprintf(d.say, "| %s | %d | %d |\n", m, (weights[m].code+500)/1000, (weights[m].data+500)/1000)
	}
	return nil
}

// standard is Go itself in the table.
const standard = "the standard library and the runtime"

// modulesOf returns the modules that the program has packages of.
func modulesOf(program string) ([]string, error) {
	info, err := buildinfo.ReadFile(filepath.Clean(program))
	if err != nil {
		return nil, err
	}
	all := []string{info.Main.Path}
	for _, m := range info.Deps {
		all = append(all, m.Path)
	}
	return all, nil
}

// weightsOf adds up the program's symbols.
func weightsOf(program string, modules []string) (map[string]weight, error) {
	f, err := elf.Open(program)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read
	symbols, err := f.Symbols()
	if err != nil {
		return nil, err
	}
	weights := map[string]weight{}
	for _, m := range modules {
		weights[m] = weight{}
	}
	for _, s := range symbols {
		if int(s.Section) >= len(f.Sections) || f.Sections[s.Section].Type == elf.SHT_NOBITS {
			continue // it takes memory and no room in the file
		}
		m := moduleOf(s.Name, modules)
		w := weights[m]
		if elf.ST_TYPE(s.Info) == elf.STT_FUNC {
			w.code += s.Size
		} else {
			w.data += s.Size
		}
		weights[m] = w
	}
	return weights, nil
}

// moduleOf returns the module of a symbol, which is the one with the longest path that the
// symbol's package begins with.
func moduleOf(symbol string, modules []string) string {
	name := strings.TrimLeft(strings.TrimPrefix(strings.TrimPrefix(symbol, "go:itab."), "type:.eq."), "*")
	best := standard
	for _, m := range modules {
		if rest, ok := strings.CutPrefix(name, m); ok && strings.ContainsAny(rest[:min(1, len(rest))], "/.") && (best == standard || len(m) > len(best)) {
			best = m
		}
	}
	return best
}
