package app

import (
	"os"
	"path/filepath"
	"testing"
)

func TestCgroupLimit(t *testing.T) {
	for name, tc := range map[string]struct {
		self  string
		files map[string]string
		want  int64
	}{
		"none":              {"", nil, 0},
		"version 2":         {"0::/a/b\n", map[string]string{"a/b/memory.max": "1000\n"}, 1000},
		"the group above":   {"0::/a/b\n", map[string]string{"a/memory.max": "900\n", "a/b/memory.max": "1000\n"}, 900},
		"max":               {"0::/a\n", map[string]string{"a/memory.max": "max\n"}, 0},
		"a namespace":       {"0::/\n", map[string]string{"memory.max": "800\n"}, 800},
		"version 1":         {"4:cpu:/\n3:memory:/x\n", map[string]string{"memory/x/memory.limit_in_bytes": "700\n"}, 700},
		"version 1 without": {"3:memory:/\n", map[string]string{"memory/memory.limit_in_bytes": "9223372036854771712\n"}, 0},
	} {
		root := t.TempDir()
		files := map[string]string{"self": tc.self}
		for path, content := range tc.files {
			files[filepath.Join("cgroup", path)] = content
		}
		for path, content := range files {
			path = filepath.Join(root, path)
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if got := cgroupLimit(filepath.Join(root, "self"), filepath.Join(root, "cgroup")); got != tc.want {
			t.Errorf("%s: %d; want %d", name, got, tc.want)
		}
	}
}
