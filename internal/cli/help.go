package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// newHelp stands in for cobra's help command, which answers an unknown topic
// with a page of usage and success.
func newHelp() *cobra.Command {
	return &cobra.Command{
		Use:   "help [command]",
		Short: "Help about a command",
		RunE: func(cmd *cobra.Command, args []string) error {
			topic, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return fmt.Errorf("no help for %q", strings.Join(args, " "))
			}
			topic.InitDefaultHelpFlag() // so that the text lists it
			return topic.Help()
		},
	}
}

// strictCompletion makes cobra's completion command refuse a shell that it
// does not know; of itself it shows its help then, and succeeds.
func strictCompletion(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	for _, cmd := range root.Commands() {
		if cmd.Name() == "completion" {
			cmd.Args = upTo(0)
			cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
		}
	}
}
