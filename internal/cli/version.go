package cli

import (
	"fmt"
	"runtime"

	"pagesession/internal/servers"

	"github.com/spf13/cobra"
)

func newVersion() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  upTo(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if asJSON, _ := cmd.Flags().GetBool("json"); asJSON {
				return failed(writeJSON(cmd.OutOrStdout(), build{servers.Version(), runtime.Version(), runtime.GOOS, runtime.GOARCH}))
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "pagesession %s\n", version())
			return failed(err)
		},
	}
	cmd.Flags().Bool("json", false, "print JSON")
	return cmd
}

// build is the output of --json.
type build struct {
	Version string `json:"version"`
	Go      string `json:"go"`
	OS      string `json:"os"`
	Arch    string `json:"arch"`
}

// version returns the version that the build recorded, the version of Go, and the
// system: what a bug report needs.
func version() string {
	return fmt.Sprintf("%s (%s, %s/%s)", servers.Version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
