package console

import (
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/account"
	"pagesession/internal/control"
	"pagesession/internal/page"
	"pagesession/internal/text"
	"pagesession/storage/record"
)

const (
	sessionsPath = "/admin/sessions/"
	matchingPath = "/admin/sessions/matching/"
	endingPath   = "/admin/sessions/ending/"

	// keyParameter says that a search is for fingerprints.
	keyParameter = "key"
)

// typedAbove is how many sessions end with a click. For more, or an unknown number, the
// operator types the words that the page shows.
const typedAbove = 10_000

// A matchingPage asks whether to end the sessions that a list finds.
type matchingPage struct {
	frame
	form
	Filter string // in words
	Found  int    // how many it finds; below 0: not known
	About  int    // about how many sessions there are to look at, if Found is not known
	At     int64  // when it was asked, in Unix milliseconds: sessions that begin later live on
	Words  string // to be typed; "": a click is enough
	Action string // where the form goes
	Back   string // the list
}

// matchingURL is where all sessions that the list finds can be ended; "" for a list that says
// something else in a moment, or has ended ones.
func (l *sessionListing) matchingURL(byKey bool) string {
	if l.ended() || l.query.EndsWithin > 0 {
		return ""
	}
	key := ""
	if byKey {
		key = "1"
	}
	to := l.listing
	to.path = matchingPath
	return to.with(keyParameter, key, orderParameter, "")
}

// matchingForm answers GET /admin/sessions/matching/ with the list's search and filter.
func (s *console) matchingForm(r *request) error {
	l, query, err := s.matchingAsked(r)
	if err != nil {
		return err
	}
	return s.askMatching(r, l, query, form{})
}

// matchingAsked reads which sessions a request is about.
func (s *console) matchingAsked(r *request) (l sessionListing, query record.Query, err error) {
	l = readSessionListing(r, s.Visitors.ByPosition())
	if l.matchingURL(false) == "" || wrongSearch(l.search) != "" || l.ignores(r) {
		return l, query, page.Status(fiber.StatusBadRequest)
	}
	l.place = place{}
	if byKey := r.query(keyParameter) != ""; byKey && isHandlePart(l.search) {
		query = l.byKey()
		l.keep(keyParameter, "1")
	} else {
		query = l.byData()
	}
	return l, query, nil
}

// ignores reports whether the address asks for less than the list finds, since something in it
// is not understood. A list may leave that out; what ends sessions may not.
func (l *sessionListing) ignores(r *request) bool {
	alike := r.query(byParameter) != "" || r.query(isParameter) != ""
	return r.query(stateParameter) != l.state.name || alike && l.alike.match == nil || r.query(keyParameter) != "" && !isHandlePart(l.search)
}

func (s *console) askMatching(r *request, l sessionListing, query record.Query, f form) error {
	p := &matchingPage{form: f, Found: -1, At: s.Now().UnixMilli(), Filter: filterInWords(l.audited(query))}
	to := l.listing
	to.path = matchingPath
	p.Action = to.with(orderParameter, "")
	p.Back = l.with(keyParameter, "")
	found, err := s.matching(r, query)
	if err != nil {
		return err
	}
	title := "End all sessions that match?"
	if p.About = found; !s.Visitors.ByPosition() {
		p.Found, title = found, "End "+text.Plural(found, "session")+"?"
	}
	p.Words = matchingWords(p.Found)
	p.frame = s.frame(r, title, crumb{"Sessions", sessionsPath})
	return s.render(r, "sessions_matching", p)
}

// matching returns how many sessions a query finds, or how many there are about, if the store
// lists by position.
func (s *console) matching(r *request, query record.Query) (int, error) {
	query.Limit = 1
	if s.Visitors.ByPosition() { // without a search, which would look at thousands
		query = record.Query{Limit: 1}
	}
	found, err := s.Visitors.List(r.UserContext(), query)
	return found.Total, err
}

// matchingWords must be typed, so that the operator has read the number; "": need not.
func matchingWords(found int) string {
	switch {
	case found < 0:
		return "END MATCHING"
	case found > typedAbove:
		return "END " + strconv.Itoa(found)
	default:
		return ""
	}
}

// matchingBegin answers POST /admin/sessions/matching/. The number and the time are those
// that the page showed. If more match now, that number counts, too.
func (s *console) matchingBegin(r *request) error {
	l, query, err := s.matchingAsked(r)
	if err != nil {
		return err
	}
	shown, badShown := strconv.Atoi(r.field("found"))
	at, badAt := strconv.ParseInt(r.field("at"), 10, 64)
	if badShown != nil || badAt != nil || at <= 0 {
		return page.Status(fiber.StatusBadRequest)
	}
	if now, err := s.matching(r, query); err != nil {
		return err
	} else if s.Visitors.ByPosition() {
		shown = -1
	} else if shown < 0 || shown <= typedAbove && now > typedAbove {
		return s.askMatching(r, l, query, form{})
	}
	if words := matchingWords(shown); words != "" && strings.Join(strings.Fields(r.text("words")), " ") != words {
		r.Status(fiber.StatusUnprocessableEntity)
		return s.askMatching(r, l, query, form{Wrong: "The text does not match. Nothing was ended."})
	}
	before := time.UnixMilli(at)
	if now := s.Now(); before.After(now) {
		before = now
	}
	q := control.Matching{ID: control.NewMatchingID(), Query: query, Filter: l.audited(query), Found: shown, Before: before, Now: s.Now}
	switch err := s.Endings.Begin(r.actor(), q); {
	case errors.Is(err, control.ErrBusy):
		s.flash(r, page.Warning, "ending.busy")
	case err != nil:
		return err
	}
	return r.leave(r.user.Can(account.DeleteSession), endingPath+"?back="+url.QueryEscape(l.with(keyParameter, "")))
}
