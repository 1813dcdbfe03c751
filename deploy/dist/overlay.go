package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// The line of Go's package text/template that looks for a method by a name that only the
// template knows, and what stands in its place. While it is in a program, the linker has to keep
// every exported method of every type, a third of ours: 52 MB instead of 34. Our templates call
// no methods (TestTemplates_CallNoMethods in internal/rules). docs/adr/0070-smaller-programs.md has more.
const (
	methodByName = "if method := ptr.MethodByName(fieldName); method.IsValid() {"
	noMethod     = "if method := (reflect.Value{}); method.IsValid() {"
)

// overlay writes what the compiler reads in place of that file, to a folder, and returns the
// flag that says so.
func (d *dist) overlay(ctx context.Context, folder string) (flag string, err error) {
	root, err := d.goEnv(ctx, "GOROOT")
	if err != nil {
		return "", err
	}
	original := filepath.Join(root, "src", "text", "template", "exec.go")
	text, err := os.ReadFile(original)
	if err != nil {
		return "", err
	}
	if n := strings.Count(string(text), methodByName); n != 1 {
		return "", fmt.Errorf("%s has the line %q %d times, not once: this version of Go needs another change, see docs/adr/0070-smaller-programs.md", original, methodByName, n)
	}
	changed, list := filepath.Join(folder, "exec.go"), filepath.Join(folder, "overlay.json")
	if err := os.WriteFile(changed, []byte(strings.Replace(string(text), methodByName, noMethod, 1)), 0o600); err != nil {
		return "", err
	}
	replace, err := json.Marshal(map[string]any{"Replace": map[string]string{original: changed}})
	if err != nil {
		return "", err
	}
	return "-overlay=" + list, os.WriteFile(list, replace, 0o600)
}

// goEnv returns a variable of the go command.
func (d *dist) goEnv(ctx context.Context, name string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", "env", name)
	cmd.Dir = d.source
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("go env %s: %w", name, err)
	}
	return strings.TrimSpace(string(out)), nil
}
