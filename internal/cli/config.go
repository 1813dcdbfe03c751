package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"pagesession/internal/config"
	"pagesession/internal/disk"

	"github.com/spf13/cobra"
)

// config is the command that shows, checks and writes settings. Its flags are
// those of serve, so that it sees what a server would run with.
func (p *Program) config() *cobra.Command {
	return group("config", "Show, check and write settings", p.configShow(), p.configCheck(), newConfigInit())
}

func (p *Program) configShow() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "show",
		Short: "Show each setting with its value and where that stands",
		Args:  upTo(0),
	}
	config.Bind(cmd.Flags())
	cmd.Flags().Bool("json", false, "print JSON")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		loaded, err := p.load(cmd, config.AllCommands)
		if err != nil {
			return err
		}
		t := &task{Program: p, cmd: cmd}
		values := loaded.Values()
		return failed(t.print(map[string]any{"settings": values}, func(w io.Writer) { settingTable(w, values) }))
	}
	return cmd
}

func settingTable(w io.Writer, values []config.Value) {
	rows := [][]string{{"SETTING", "VALUE", "ORIGIN"}}
	for _, v := range values {
		rows = append(rows, []string{v.Name, cmp.Or(v.Value, "-"), v.From.String()})
	}
	table(w, rows)
}

func (p *Program) configCheck() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Find all mistakes in the settings",
		Long: "Find all mistakes in the settings. An unknown variable is one of them, though a\n" +
			"server starts with it. The exit code is 0 when there is none, else 2.\n" +
			"Warnings do not change it.",
		Args: upTo(0),
	}
	config.Bind(cmd.Flags())
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		loaded, err := config.Load(cmd.Flags(), p.Environ, config.AllCommands)
		p.warn(loaded.Warnings)
		var mistakes config.Mistakes
		errors.As(err, &mistakes)
		for _, line := range loaded.Unknown {
			mistakes = append(mistakes, errors.New(line))
		}
		if len(mistakes) > 0 {
			return mistakes
		}
		_, err = fmt.Fprintln(p.Stdout, "The settings are valid.")
		return failed(err)
	}
	return cmd
}

func newConfigInit() *cobra.Command {
	return &cobra.Command{
		Use:   "init [file]",
		Short: "Print a settings file with all defaults, or write it",
		Long: "Print a settings file with all defaults, commented out, or write it to a new file\n" +
			"with mode 0600. A file that is there stays as it is.",
		Args: upTo(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				_, err := io.WriteString(cmd.OutOrStdout(), config.Sample())
				return failed(err)
			}
			return failed(writeSample(args[0]))
		},
	}
}

// writeSample writes a settings file with nothing set, unless there is a file.
func writeSample(name string) error {
	err := disk.Create(name, []byte(config.Sample()))
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%q exists already; remove it or choose another name", name)
	}
	if err != nil {
		return fmt.Errorf("write settings file: %w", err)
	}
	return nil
}
