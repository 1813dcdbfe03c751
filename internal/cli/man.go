package cli

import (
	"fmt"
	"os"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

func newMan() *cobra.Command {
	return &cobra.Command{
		Use:   "man [FOLDER]",
		Short: "Print the manual page, or write the pages of all commands to a folder",
		Args:  upTo(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			root.DisableAutoGenTag = true // it has today's date, which would make each build's page different
			header := &doc.GenManHeader{Section: "1", Source: "pagesession", Manual: "pagesession", Date: built()}
			if len(args) == 0 {
				return failed(doc.GenMan(root, header, cmd.OutOrStdout()))
			}
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return failed(fmt.Errorf("create manual folder: %w", err))
			}
			return failed(doc.GenManTree(root, header, args[0]))
		},
	}
}

// built returns the time of the commit that the program was built from, or nil if the
// build has no record of it.
func built() *time.Time {
	info, _ := debug.ReadBuildInfo()
	if info == nil {
		return nil
	}
	for _, s := range info.Settings {
		if at, err := time.Parse(time.RFC3339, s.Value); s.Key == "vcs.time" && err == nil {
			return &at
		}
	}
	return nil
}
