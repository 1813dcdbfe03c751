package scenario

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Pages of the console about sessions that end.
const (
	matchingPath = "/admin/sessions/matching/"
	endingPath   = "/admin/sessions/ending/"
)

// endingPoll is how often the operator asks how far the end is.
const endingPoll = 100 * time.Millisecond

// An endForm asks to end all sessions that a search finds.
type endForm struct {
	action string // path and query
	fields url.Values
	found  int // by the console's count
}

// endForm opens the console's question, and fills in the words that it asks for.
func (o *operator) endForm(ctx context.Context, search string) (endForm, error) {
	form := endForm{action: matchingPath + "?q=" + url.QueryEscape(search)}
	page, err := o.read(ctx, form.action)
	if err == nil {
		form.fields, form.found, err = readEndForm(page)
	}
	if err != nil {
		return form, fmt.Errorf("ask to end the sessions that match: %w", err)
	}
	return form, nil
}

// readEndForm reads the fields of the question.
func readEndForm(page string) (url.Values, int, error) {
	fields := url.Values{}
	for _, f := range regexp.MustCompile(`<input type="hidden" name="(found|at)" value="(\d+)">`).FindAllStringSubmatch(page, -1) {
		fields.Set(f[1], f[2])
	}
	if words := regexp.MustCompile(`<kbd>([^<]+)</kbd>`).FindStringSubmatch(page); words != nil {
		fields.Set("words", words[1])
	}
	found, err := strconv.Atoi(fields.Get("found"))
	if err != nil || fields.Get("at") == "" {
		return nil, 0, fmt.Errorf("the console's page has no such form: %.300q", page)
	}
	return fields, found, nil
}

// endAll submits the form and waits until the console says that it is done. It returns how
// many sessions have ended, as far as it knows also with an error.
func (o *operator) endAll(ctx context.Context, form endForm) (ended int, err error) {
	res, err := o.ask(ctx, http.MethodPost, form.action, strings.NewReader(form.fields.Encode()))
	if err != nil {
		return 0, fmt.Errorf("end the sessions that match: %w", err)
	}
	res.Body.Close()
	if to := res.Header.Get("Location"); res.StatusCode != http.StatusSeeOther || !strings.HasPrefix(to, endingPath) {
		return 0, fmt.Errorf("end the sessions that match: the console answered %d and leads to %q", res.StatusCode, to)
	}
	for {
		state, err := o.endingState(ctx)
		if err != nil {
			return ended, fmt.Errorf("%d sessions have ended: %w", ended, err)
		}
		if ended = state.Ended; !state.Runs {
			return ended, nil
		}
		if err := sleep(ctx, endingPoll); err != nil {
			return ended, fmt.Errorf("%d sessions have ended: %w", ended, err)
		}
	}
}

// An endingState is what the console's page asks for while sessions end.
type endingState struct {
	ID    string
	Runs  bool
	Ended int
}

func (o *operator) endingState(ctx context.Context) (s endingState, err error) {
	body, err := o.read(ctx, endingPath+"state/")
	if err != nil {
		return s, err
	}
	if err = json.Unmarshal([]byte(body), &s); err == nil && s.ID == "" {
		err = fmt.Errorf("the console knows of no end: %.200q", body)
	}
	return s, err
}

// live returns how many live sessions the console lists.
func (o *operator) live(ctx context.Context) (int, error) {
	page, err := o.read(ctx, "/admin/sessions/")
	if err != nil {
		return 0, err
	}
	count := regexp.MustCompile(`(\d+) live sessions?\b`).FindStringSubmatch(strings.ReplaceAll(page, "\u202f", ""))
	switch {
	case count != nil:
		return strconv.Atoi(count[1])
	case strings.Contains(page, "<h2>No sessions</h2>"):
		return 0, nil
	default:
		return 0, errors.New("the console's list does not say how many sessions are live")
	}
}
