//go:build linux

package promises

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// A group is a memory cgroup with a limit.
type group struct{ dir string }

// newGroup makes one with a limit in bytes.
func newGroup(limit int64) (*group, error) {
	dir, err := os.MkdirTemp(memoryGroups, "pagesession-bench-")
	if err != nil {
		return nil, fmt.Errorf("make a memory cgroup: %w", err)
	}
	g := &group{dir}
	if err := os.WriteFile(filepath.Join(dir, "memory.limit_in_bytes"), []byte(strconv.FormatInt(limit, 10)), 0o600); err != nil {
		_ = g.remove()
		return nil, fmt.Errorf("limit a memory cgroup: %w", err)
	}
	return g, nil
}

// wrap is a command line that joins the group and becomes what stands behind it.
func (g *group) wrap() []string {
	return []string{"sh", "-c", `echo $$ >"$0" && exec "$@"`, filepath.Join(g.dir, "cgroup.procs")}
}

func (g *group) remove() error { return os.Remove(g.dir) }
