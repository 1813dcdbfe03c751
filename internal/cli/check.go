package cli

import (
	"errors"
	"fmt"
	"io"
	"log/slog"

	"pagesession/internal/check"
	"pagesession/internal/config"

	"github.com/spf13/cobra"
)

// checked is what the command "check" prints in JSON.
type checked struct {
	Findings []check.Finding `json:"findings"`
	Deploy   bool            `json:"deploy"`
	Running  bool            `json:"running"` // a server runs on the data folder
	Own      bool            `json:"own_settings"`
}

func (p *Program) check() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Find what is wrong with the settings, the files, the clock, the limits and the operators",
		Long: "Find what is wrong with the settings, the files, the certificate, the clock, the limits and\n" +
			"the operators. --deploy adds what matters before visitors use the server.\n\n" +
			"With a running server and no settings besides --data-dir it looks at the settings of that\n" +
			"server, else at those of the command. The exit code is 1 if there are errors, else 0; with\n" +
			"--fail-level warning it is 1 also for warnings.",
		Args: upTo(0),
	}
	config.Bind(cmd.Flags())
	cmd.Flags().Bool("deploy", false, "also check whether the server is ready for visitors")
	cmd.Flags().String("fail-level", string(check.Error), "exit with 1 from this `level` on: error or warning")
	cmd.Flags().Bool("json", false, "print JSON")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		level := check.Level(cmd.Flag("fail-level").Value.String())
		if !level.Known() {
			return fmt.Errorf("--fail-level=%q is not error or warning", level)
		}
		loaded, err := config.Load(cmd.Flags(), p.Environ, cmd.Name()) // what it warns of are findings
		if err != nil {
			return err
		}
		return failed((&task{Program: p, Loaded: loaded, cmd: cmd, data: p.Operate(loaded.Config, slog.New(slog.DiscardHandler))}).check(level))
	}
	return cmd
}

func (t *task) check(level check.Level) error {
	own := t.SetsMore("data-dir")
	facts, err := t.data.Facts(t.ctx(), own)
	if err != nil {
		return err
	}
	deploy := t.yes("deploy")
	c := checked{check.Find(facts, deploy), deploy, facts.Serving != nil, own || facts.Serving == nil}
	if err := t.print(c, func(w io.Writer) { showFindings(w, c) }); err != nil {
		return err
	}
	for _, f := range c.Findings {
		if f.Level.AtLeast(level) {
			return errors.New("check found " + check.Count(c.Findings))
		}
	}
	return nil
}

func showFindings(w io.Writer, c checked) {
	for _, f := range c.Findings {
		say(w, "%s %s: %s\n    %s", f.Level, f.ID, harmless(f.Wrong), harmless(f.Do))
	}
	if len(c.Findings) == 0 {
		say(w, "No problems found.")
	}
	switch {
	case !c.Own:
		say(w, "Looked at the settings of the running server.")
	case c.Running:
		say(w, "Looked at the settings of this command; the running server may have others.")
	default:
		say(w, "Looked at the settings of this command; no server runs on the data folder.")
	}
	if !c.Deploy {
		say(w, "Before visitors use the server, run: pagesession check --deploy")
	}
}
