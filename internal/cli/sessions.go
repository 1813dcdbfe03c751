package cli

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"pagesession/internal/control"
	"pagesession/storage/record"
)

// rebuilds is in the help of each command that opens the session file.
const rebuilds = "\nWithout a running server the command opens the session file itself. Like a start\nof the server, this leaves out expired sessions, and can write the file anew. With --sessions\nit asks Redis."

func (p *Program) sessions() *cobra.Command {
	return group("sessions", "List, show, end and move visitors' sessions", p.sessionsList(), p.sessionsShow(),
		p.sessionsEnd(), p.sessionsEndAll(), p.clearSessions("clear"), p.sessionsMove())
}

func (p *Program) sessionsList() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List visitors' sessions",
		Long: "List visitors' sessions. With --state ended, list sessions that have ended; they are\nremembered for at least ten minutes.\n" +
			"\nA session server (--sessions) lists live sessions by creation only. A page ends with\nthe --from of the next one.\n" + rebuilds,
		Args: upTo(0),
	}
	cmd.Flags().String("search", "", "show sessions whose values, address or agent contain this `text`")
	choice(cmd, "state", "live", record.StatesNames(), "show sessions in this `state`: ")
	choice(cmd, "sort", "created", record.OrderNames(), "sort by this `column`, in descending order with a - before it: ")
	cmd.Flags().Int("limit", 50, fmt.Sprintf("show at most this `number` of sessions, up to %d", record.MaxLimit))
	cmd.Flags().Int("offset", 0, "skip this `number` of sessions at the beginning")
	cmd.Flags().String("from", "", "on a session server, begin where the page before says, at this `position`")
	return p.onSessions(cmd, func(t *task) error {
		query, err := t.sessionQuery()
		if err != nil {
			return usageError{err}
		}
		return do(t, control.ListSessions, query, func(w io.Writer, list control.SessionList) { sessionTable(w, query, list) })
	})
}

// choice adds a flag whose value is one of words, and its shell completion.
func choice(cmd *cobra.Command, name, first string, words []string, usage string) {
	cmd.Flags().String(name, first, usage+either(words))
	_ = cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)) // it fails only for an unknown flag
}

// sessionQuery reads and checks the flags of the list.
func (t *task) sessionQuery() (control.SessionQuery, error) {
	limit, _ := t.cmd.Flags().GetInt("limit")
	offset, _ := t.cmd.Flags().GetInt("offset")
	q := control.SessionQuery{Search: t.flag("search"), State: t.flag("state"), Sort: t.flag("sort"), Limit: limit, Offset: offset, From: t.flag("from")}
	_, err := record.ParsePosition(q.From)
	switch {
	case !slices.Contains(record.StatesNames(), q.State):
		return q, fmt.Errorf("--state=%q is not %s", q.State, either(record.StatesNames()))
	case !slices.Contains(record.OrderNames(), strings.TrimPrefix(q.Sort, "-")):
		return q, fmt.Errorf("--sort=%q is not %s", q.Sort, either(record.OrderNames()))
	case limit < 1 || limit > record.MaxLimit:
		return q, fmt.Errorf("--limit=%d is not a number from 1 to %d", limit, record.MaxLimit)
	case offset < 0:
		return q, fmt.Errorf("--offset=%d is negative", offset)
	case err != nil:
		return q, fmt.Errorf("--from=%q is not a position that a list has ended with", q.From)
	}
	return q, nil
}

func sessionTable(w io.Writer, query control.SessionQuery, list control.SessionList) {
	if len(list.Sessions) > 0 {
		rows := [][]string{{"FINGERPRINT", "NAME", "STATE", "AGE", "UNUSED", "REFRESHED", "ADDRESS", "AGENT"}}
		for _, s := range list.Sessions {
			rows = append(rows, sessionRow(s))
		}
		for i := range rows {
			if list.ByPosition { // a session server does not count them
				rows[i] = slices.Delete(rows[i], refreshedColumn, refreshedColumn+1)
			}
		}
		table(w, rows)
	}
	switch shown := len(list.Sessions); {
	case list.ByPosition:
		sayPosition(w, query, list)
	case shown == list.Total:
		say(w, "%s.", count(shown, "session"))
	case shown == 0:
		say(w, "%s in total; lower --offset to see them.", count(list.Total, "session"))
	default:
		say(w, "Sessions %d to %d of %d.", list.Offset+1, list.Offset+shown, list.Total)
	}
}

const refreshedColumn = 5

// sayPosition ends a list by position, whose total is about right and has nothing to do
// with a search.
func sayPosition(w io.Writer, query control.SessionQuery, list control.SessionList) {
	found, whole := count(len(list.Sessions), "session"), list.Next == "" && query.From == ""
	switch {
	case whole:
		say(w, "%s.", found)
	case query.Search != "":
		say(w, "%s found; looked at %d of about %d.", found, list.Looked, max(list.Total, list.Looked))
	default:
		say(w, "%s of about %d.", found, max(list.Total, len(list.Sessions)))
	}
	switch {
	case list.Next != "":
		say(w, "To go on, add: --from %s", list.Next)
	case !whole:
		say(w, "That is the last page.")
	}
}

func sessionRow(s control.Session) []string {
	if s.Living == nil {
		return []string{s.Fingerprint, "-", state(s), "-", "-", "-", "-", "-"}
	}
	return []string{
		s.Fingerprint, cmp.Or(cut(s.Name, 30), "-"), state(s), span(s.AgeMS), span(s.UnusedMS),
		fmt.Sprint(s.Refreshes), cmp.Or(s.Address, "-"), cmp.Or(cut(s.Agent, 50), "-"),
	}
}

// state describes the state of a session: how long it has left, or when and why it ended.
func state(s control.Session) string {
	switch {
	case s.Living == nil && s.Reason == "":
		return "timed out" // a session server does not know how, or when
	case s.Living == nil:
		return "ended " + span(s.EndedAgoMS) + " ago: " + s.Reason
	case s.RemainingMS == 0:
		return "live"
	default:
		return span(s.RemainingMS) + " left"
	}
}
