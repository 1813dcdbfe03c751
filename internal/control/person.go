package control

import (
	"context"
	"errors"
	"fmt"
	"time"

	"pagesession/internal/account"
	"pagesession/session"
	"pagesession/storage/record"
)

// A Person is the request of ExportPerson and ErasePerson. Exactly one field is set: Username
// names an operator, who may have been deleted; the others name a visitor by their live sessions.
type Person struct {
	Username string `json:"username"`
	Subject  string `json:"subject"` // the subject of sessions
	Name     string `json:"name"`    // the whole value "name" of sessions; several people may have one
	Session  string `json:"session"` // as a SessionName
}

// mostPersonal bounds the sessions of one person. A name that more sessions have is no name of
// one person.
const mostPersonal = 1_000

// ErrNoPerson is returned when nothing is kept of a person.
var ErrNoPerson = errors.New("nothing is kept of this person")

// errNoVisitor is ErrNoPerson for a name or a subject that no live session has.
var errNoVisitor = fmt.Errorf(`%w: no live session has this name or subject; "pagesession sessions list" shows all`, ErrNoPerson)

// ErrManyPeople is returned when more than mostPersonal sessions have a name.
var ErrManyPeople = fmt.Errorf("more than %d sessions have this name; name one session", mostPersonal)

// Check returns an error unless a Person names exactly one.
func (p Person) Check() error {
	given := 0
	for _, name := range []string{p.Username, p.Subject, p.Name, p.Session} {
		if name != "" {
			given++
		}
	}
	if given != 1 {
		return fmt.Errorf("%w: give one of a user, a subject, a name and a session", ErrRequest)
	}
	if p.Session != "" {
		return SessionName{p.Session}.Check()
	}
	return nil
}

// ErasePerson removes what is kept of a person: of an operator the account, the sessions in
// the console, and the name and the addresses in the audit log; of a visitor the live
// sessions, whose values the next start leaves out of the file. docs/PRIVACY.md says how long bytes stay in files after that. In the console it
// needs a superuser. Errors: ErrNoPerson, ErrManyPeople, those of account.Store.EraseUser,
// those of ShowSession, session.ErrFull, session.ErrUnavailable.
var ErasePerson = Operation[Person, Erased]{
	path: "/v1/privacy/erase", need: needPerson(), superuser: true, check: Person.Check,
	do: func(ctx context.Context, on Stores, by account.Actor, p Person) (Erased, error) {
		if err := p.Check(); err != nil { // it may come over the socket
			return Erased{}, err
		}
		on.Endings.erase(p)
		if p.Username != "" {
			on.LastEnded.erase(p)
			return on.eraseUsers(ctx, by, p.Username)
		}
		if err := on.Visitors.RewriteNext(); err != nil { // before: a crash must not leave it out
			return Erased{}, fmt.Errorf("nothing was erased, as the disk cannot note that the session file has to be written anew: %w", err)
		}
		n, later, err := on.endVisitor(ctx, p)
		if on.LastEnded.erase(p) > 0 && (errors.Is(err, ErrNoPerson) || errors.Is(err, ErrNoSession) || errors.Is(err, ErrEnded)) {
			err = nil // their sessions had ended
		}
		return Erased{Sessions: n, NotOnDisk: later}, err
	},
	audit: func(e Erased) []account.Event {
		if e.Users > 0 {
			return nil // the accounts have it
		}
		return []account.Event{{Action: account.ActionErase, Kind: account.KindSession, Count: e.Sessions}}
	},
}

func needPerson() Need {
	return Need{Accounts: true, Sessions: true, SecretKey: true, Counts: true, Operators: true}
}

// Erased is the result of ErasePerson.
type Erased struct {
	Users     int    `json:"users"`   // operators: more than one if the name was used again
	Entries   int    `json:"entries"` // of the audit log that named them
	Sessions  int    `json:"sessions"`
	NotOnDisk bool   `json:"not_on_disk,omitempty"` // see Count
	Rest      string `json:"rest,omitempty"`        // why sessions of an erased operator are still listed; they are refused all the same
}

func (on Stores) eraseUsers(ctx context.Context, by account.Actor, username string) (done Erased, err error) {
	ids, err := on.idsOf(ctx, username)
	if err != nil {
		return done, err
	}
	for _, id := range ids {
		n, err := on.Accounts.EraseUser(ctx, by, id)
		if err != nil {
			return done, err
		}
		done.Users, done.Entries = done.Users+1, done.Entries+n
		ended, later, err := endFound(on.Operators, func() ([]record.Row, error) {
			return on.Operators.OfSubject(context.WithoutCancel(ctx), subjectOf(id))
		})
		done.Sessions, done.NotOnDisk = done.Sessions+ended, done.NotOnDisk || later
		if err != nil {
			done.Rest = err.Error()
		}
	}
	return done, nil
}

// subjectOf is the subject of a user's sessions in the console.
func subjectOf(user uint64) string { return fmt.Sprint(user) }

// idsOf returns the id of an operator, or those of deleted ones who had this name.
func (on Stores) idsOf(ctx context.Context, username string) ([]uint64, error) {
	u, err := on.Accounts.UserByName(ctx, username)
	if err == nil {
		return []uint64{u.ID}, nil
	}
	if !errors.Is(err, account.ErrNotFound) {
		return nil, err
	}
	ids, err := on.Accounts.FormerUsers(ctx, username)
	if err == nil && len(ids) == 0 {
		err = fmt.Errorf(`%w: neither the operators nor the audit log have a user %q; "pagesession users list" shows the operators`, ErrNoPerson, username)
	}
	return ids, err
}

// endVisitor ends the sessions of a visitor.
func (on Stores) endVisitor(ctx context.Context, p Person) (int, bool, error) {
	n, later, err := endFound(on.Visitors, func() ([]record.Row, error) { return on.sessionsOf(ctx, p) })
	if err == nil && n == 0 {
		err = errNoVisitor
	}
	return n, later, err
}

// mostRounds is how often endFound looks for sessions that began meanwhile.
const mostRounds = 3

// endFound ends the sessions that find finds, until it finds none. What has ended counts also
// with an error.
func endFound(in Lister, find func() ([]record.Row, error)) (ended int, later bool, err error) {
	for range mostRounds {
		rows, err := find()
		if ended > 0 && (errors.Is(err, ErrNoSession) || errors.Is(err, ErrEnded)) {
			return ended, later, nil
		}
		if err != nil || len(rows) == 0 {
			return ended, later, err
		}
		keys := make([]record.Key, len(rows))
		for i, row := range rows {
			keys[i] = row.Key
		}
		n, err := in.EndMany(context.Background(), keys, record.Revoked)
		notYet, err := notOnDisk(err)
		if ended, later = ended+n, later || notYet; err != nil {
			return ended, later, err
		}
	}
	return ended, later, nil
}

// sessionsOf returns a visitor's live sessions.
func (on Stores) sessionsOf(ctx context.Context, p Person) ([]record.Row, error) {
	switch {
	case p.Session != "":
		row, err := on.find(ctx, SessionName{p.Session}, record.LiveOnly)
		if err != nil {
			return nil, err
		}
		return []record.Row{row}, nil
	case p.Subject != "":
		return on.Visitors.OfSubject(ctx, p.Subject)
	}
	return on.named(ctx, p.Name)
}

// named returns the live sessions whose value "name" is this text.
func (on Stores) named(ctx context.Context, name string) (rows []record.Row, err error) {
	has := session.Search(name) // decodes few values
	query := record.Query{Limit: record.MaxLimit, Match: func(value string) bool {
		if !has(value) {
			return false
		}
		info, err := session.Describe(value)
		return err == nil && info.Values.String("name") == name
	}}
	for more := true; more; {
		page, err := on.Visitors.List(ctx, query)
		if err != nil {
			return nil, err
		}
		rows = append(rows, page.Rows...)
		if len(rows) > mostPersonal {
			return nil, ErrManyPeople
		}
		query.From, query.Offset = page.Next, query.Offset+len(page.Rows)
		if more = page.More; !on.Visitors.ByPosition() {
			more = len(page.Rows) == record.MaxLimit
		} else {
			query.Offset = 0
		}
	}
	return rows, nil
}

// nowOf is the instant of an export.
func nowOf() time.Time { return time.Now().UTC().Truncate(time.Second) }
