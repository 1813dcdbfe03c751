package console

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/account"
	"pagesession/session"
	"pagesession/storage/record"
)

const consolesPath = "/admin/console-sessions/"

// consolesPage is a page of all operators' sessions.
type consolesPage struct {
	frame
	Search, Wrong string
	Keep          []pair
	Columns       []column
	Rows          []consoleRow
	Pager         pager
	Back          string
	Unsearched    string
	MayEnd        bool
}

// A consoleRow is an operator's session on the list.
type consoleRow struct {
	record.Row
	session.ClientInfo
	User    account.User
	URL     string // of the user; "" for operators who may not see users
	Method  string
	Current bool // of this request
	Locked  bool // of a superuser, whose sessions this operator cannot end
	Wall    bool // it shows a wall screen
}

// signInMethods are the ways of signing in, in words.
var signInMethods = map[string]string{
	byPassword: "password", account.ByTOTP: "password and app", account.ByRecoveryCode: "password and recovery code", account.ByPasskey: "passkey",
}

// consoleHeadings have no links that sort: the list begins with who was seen last, on Redis with
// who signed in last.
var consoleHeadings = []heading{
	{title: "User"}, {title: "Signed in"}, {title: "Last seen"}, {title: "Address"}, {title: "Browser", class: "roomy"}, {title: "Method", class: "roomy"},
}

// readConsoleListing reads the address of the list.
func (s *console) readConsoleListing(r *request) sessionListing {
	l := sessionListing{listing: newListing(consolesPath), byPosition: s.Operators.ByPosition()}
	l.readPage(r)
	l.search = l.keep(searchParameter, r.asked(searchParameter))
	l.query.Order, l.query.Descending = record.ByUsed, true
	if l.byPosition {
		l.query.Order = record.ByCreated
	}
	return l
}

// consoleList answers GET /admin/console-sessions/.
func (s *console) consoleList(r *request) error {
	l := s.readConsoleListing(r)
	p := &consolesPage{
		frame: s.frame(r, "Operators’ sessions"), Search: l.search, Wrong: wrongSearch(l.search), Keep: l.without(searchParameter),
		MayEnd: r.user.Can(account.DeleteConsole), Unsearched: l.with(searchParameter, ""),
	}
	if p.Wrong != "" {
		r.Status(fiber.StatusBadRequest)
		p.Search = ""
		return s.render(r, "console_list", p)
	}
	people, err := s.people(r, l.search)
	if err != nil {
		return err
	}
	l.query.Match = people.match
	rows, err := s.lookUpConsoles(r, l, p)
	if err != nil {
		return err
	}
	p.Rows = s.consoleRows(r, rows, people)
	p.Columns, p.Back = l.columns(consoleHeadings), l.with(pageParameter, l.values.Get(pageParameter))
	return s.render(r, "console_list", p)
}

// lookUpConsoles finds a page of the list.
func (s *console) lookUpConsoles(r *request, l sessionListing, p *consolesPage) (_ []record.Row, err error) {
	var found record.Page
	query := l.query
	query.Limit = rowsOnPage
	if l.byPosition {
		query.From = l.place.from
		if found, err = s.Operators.List(r.UserContext(), query); err == nil {
			p.Pager = l.pagerFrom(found, false)
		}
		return found.Rows, err
	}
	p.Pager, err = l.find(l.page, func(offset int) (rows, total int, err error) {
		query.Offset = offset
		found, err = s.Operators.List(r.UserContext(), query)
		return len(found.Rows), found.Total, err
	})
	return found.Rows, err
}

func (s *console) consoleRows(r *request, rows []record.Row, people people) []consoleRow {
	current := currentKey(r, s.Sessions)
	all := make([]consoleRow, len(rows))
	for i, row := range rows {
		info, _ := session.Describe(row.Value)
		u := people.all[row.Subject]
		all[i] = consoleRow{
			Row: row, ClientInfo: info.ClientInfo, User: u, Method: signInMethods[info.Values.String(methodKey)],
			Current: row.Key == current, Locked: u.Superuser && !r.user.Superuser, Wall: isWall(row),
		}
		if seeUsers.admits(r.user) {
			all[i].URL = userURL(u.ID)
		}
	}
	return all
}

// people are the users whose sessions a list may have.
type people struct {
	all    map[string]account.User // by the subject of their sessions
	found  map[string]bool         // those whose usernames have the search; it looks at nothing that the list does not show
	search string                  // in small letters
}

// people reads all users: at most account.MaxUsers, as the list of users does.
func (s *console) people(r *request, search string) (people, error) {
	p := people{all: map[string]account.User{}, found: map[string]bool{}, search: strings.ToLower(search)}
	users, err := s.Accounts.Users(r.UserContext(), account.UserQuery{})
	if err != nil {
		return p, err
	}
	for _, u := range users.Users {
		p.all[subjectOf(u.ID)] = u
		p.found[subjectOf(u.ID)] = strings.Contains(strings.ToLower(u.Username), p.search)
	}
	return p, nil
}

// match reports whether the list has a session: one that still counts, of a user whom the search
// finds, or whose address or browser has the text. It is for a record.Query.
func (p people) match(value string) bool {
	info, err := session.Describe(value)
	subject := info.Values.String(userKey)
	u, known := p.all[subject]
	epoch := cmp.Or(info.Values.String(epochKey), info.Values.String(wallEpochKey))
	if err != nil || !known || !u.Active || !u.Staff || epoch != strconv.FormatUint(u.Epoch, 10) {
		return false
	}
	return p.found[subject] || strings.Contains(strings.ToLower(info.Address+"\n"+browserOf(info.Agent)+"\n"+info.Agent), p.search)
}
