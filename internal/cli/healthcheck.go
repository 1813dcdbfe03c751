package cli

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"pagesession/internal/config"

	"github.com/spf13/cobra"
)

// Limits of a check. A server that is ready answers within milliseconds.
const (
	checkTime   = 5 * time.Second
	answerBytes = 4 << 10
)

// readyWord begins the answer of /readyz of a server that is ready.
const readyWord = "ready"

// healthcheck is the command for supervisors and containers without curl.
func (p *Program) healthcheck() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "healthcheck",
		Short: "Ask the running server whether it is ready",
		Long: "Ask the running server for /readyz, at the address that the settings name, and print\n" +
			"its answer. The exit code is 0 if it is ready. It is 1 if it starts, stops or does not\n" +
			"answer within 5 seconds, and if the settings have a mistake. A certificate of the server's\n" +
			"own address is not checked; that of --url is.",
		Args: upTo(0),
	}
	config.Bind(cmd.Flags())
	cmd.Flags().String("url", "", "ask this `URL`, as in https://example.com/readyz or unix:/run/pagesession/http.sock, instead of the settings' address")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		target, err := p.checkTarget(cmd)
		if err != nil {
			return err
		}
		said, err := target.ask(cmd)
		if err != nil {
			return failed(err)
		}
		_, err = fmt.Fprintln(cmd.OutOrStdout(), said)
		return failed(err)
	}
	return cmd
}

// checkTarget returns the address of --url, or that of the settings.
func (p *Program) checkTarget(cmd *cobra.Command) (checkTarget, error) {
	if at := cmd.Flag("url").Value.String(); at != "" {
		target, err := targetOfURL(at)
		return target, failed(err) // a supervisor knows 0 and 1
	}
	loaded, err := config.Load(cmd.Flags(), p.Environ, cmd.Name())
	if err != nil {
		return checkTarget{}, failed(err)
	}
	target, err := targetOf(&loaded.Config)
	return target, failed(err)
}

// ask returns what a server that is ready says.
func (t checkTarget) ask(cmd *cobra.Command) (said string, err error) {
	client := http.Client{
		Timeout:       checkTime,
		Transport:     t.transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	defer client.CloseIdleConnections()
	req, err := http.NewRequestWithContext(cmd.Context(), http.MethodGet, t.url, nil)
	if err != nil {
		return "", err
	}
	answer, err := client.Do(req)
	if err != nil {
		return "", fmt.Errorf("the server at %s does not answer: %w; start it, or name its address with --addr or --url", t.shown, cause(err))
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, answerBytes))
	if err != nil {
		return "", fmt.Errorf("the answer of the server at %s is cut: %w", t.shown, err)
	}
	if answer.StatusCode != http.StatusOK {
		return "", fmt.Errorf("the server at %s answers %s%s", t.shown, answer.Status, reason(answer, body))
	}
	if said, _, _ = strings.Cut(string(body), "\n"); said != readyWord { // another program answers each path with a page
		return "", fmt.Errorf("the server at %s answers %s, but not that it is ready: another program may have the port; check --addr, --base-path or --url", t.shown, answer.Status)
	}
	return oneLine(string(body)), nil
}

// cause returns an error of the client without its URL, which has the address in another form.
func cause(err error) error {
	if of := (*url.Error)(nil); errors.As(err, &of) {
		return of.Err
	}
	return err
}

// reason returns what an answer of /readyz says; "" for a page of another server.
func reason(answer *http.Response, body []byte) string {
	if kind := answer.Header.Get("Content-Type"); kind != "text/plain; charset=utf-8" || len(body) == 0 {
		return ""
	}
	return ": " + oneLine(string(body))
}
