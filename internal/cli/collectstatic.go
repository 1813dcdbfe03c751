package cli

import (
	"io"

	"pagesession/internal/web"

	"github.com/spf13/cobra"
)

func (p *Program) collectStatic() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "collectstatic FOLDER",
		Short: "Write the stylesheets, scripts and images to a folder, for --static-url",
		Long: "Write the stylesheets, scripts and images to a folder that nginx or a CDN serves at the\n" +
			"address of --static-url. Their names have a hash of their content, so they never change.\n" +
			"Files of earlier versions stay for pages that browsers have open, unless you give --clear.\n" +
			"The folder is new, empty, or one of an earlier collectstatic.",
		Args: oneArg("folder"),
	}
	cmd.Flags().Bool("clear", false, "remove the files of earlier versions")
	cmd.Flags().Bool("json", false, "print JSON")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return failed((&task{Program: p, cmd: cmd, args: args}).collectStatic())
	}
	return cmd
}

func (t *task) collectStatic() error {
	files, err := web.StaticFiles()
	if err != nil {
		return err
	}
	done, err := files.Collect(t.args[0], t.yes("clear"))
	if err != nil {
		return err
	}
	return t.print(done, func(w io.Writer) {
		say(w, "%s written, %d kept, %d removed.", count(done.Written, "file"), done.Kept, done.Removed)
	})
}
