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

// config is the command group for settings. show and check take the flags of serve, so
// they see the settings that a server with these flags would use.
func (p *Program) config() *cobra.Command {
	return group("config", "Show, check and write settings", p.configShow(), p.configCheck(), newConfigInit())
}

func (p *Program) configShow() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "show",
		Short: "Show each setting, its value and where it was set",
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
		Long: "Find all mistakes in the settings. The exit code is 2 if there are any, else 0;\n" +
			"warnings leave it at 0. An unknown PAGESESSION_ variable counts as a mistake here,\n" +
			"while a server only warns of it.",
		Args: upTo(0),
	}
	config.Bind(cmd.Flags())
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		loaded, err := config.Load(cmd.Flags(), p.Environ, config.AllCommands)
		warn(p.log(), loaded.Warnings)
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
		Use:   "init [FILE]",
		Short: "Print a settings file with all defaults, or write it to a file",
		Long: "Print a settings file with all defaults, commented out. With FILE, write it to that\n" +
			"new file with mode 0600; an existing file is left unchanged.",
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

// writeSample writes the sample to a new file. An existing file is an error.
func writeSample(name string) error {
	err := disk.Create(name, []byte(config.Sample()))
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("settings file %q already exists; remove it or choose another name", name)
	}
	if err != nil {
		return fmt.Errorf("create settings file: %w", err)
	}
	return nil
}
