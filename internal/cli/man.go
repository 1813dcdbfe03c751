package cli

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

func newMan() *cobra.Command {
	return &cobra.Command{
		Use:   "man [folder]",
		Short: "Print the manual page, or write all of them into a folder",
		Args:  func(cmd *cobra.Command, args []string) error { return noArgs(cmd, args[min(1, len(args)):]) },
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			root.DisableAutoGenTag = true // the same program writes the same page
			header := &doc.GenManHeader{Section: "1", Source: "pagesession", Manual: "pagesession"}
			if len(args) == 0 {
				return failed(doc.GenMan(root, header, cmd.OutOrStdout()))
			}
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return failed(fmt.Errorf("create folder: %w", err))
			}
			return failed(doc.GenManTree(root, header, args[0]))
		},
	}
}
