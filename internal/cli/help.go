package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// newHelp replaces cobra's help command, which exits 0 for an unknown command.
func newHelp() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Show the help of a command",
		RunE: func(cmd *cobra.Command, args []string) error {
			topic, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return fmt.Errorf("unknown command %q", strings.Join(args, " "))
			}
			topic.InitDefaultHelpFlag() // so that the help lists it
			return topic.Help()
		},
	}
}

// strictCompletion makes cobra's completion command refuse an unknown shell, for which
// cobra shows the help and exits 0.
func strictCompletion(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	for _, cmd := range root.Commands() {
		if cmd.Name() != "completion" {
			continue
		}
		cmd.Short = "Print a completion script for your shell"
		cmd.Long = cmd.Short + ". The help of each subcommand says how to install it."
		cmd.Args = upTo(0)
		cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
		for _, shell := range cmd.Commands() {
			shell.Short = "Print the completion script for " + shell.Name()
			shell.Args = upTo(0)
		}
	}
}
