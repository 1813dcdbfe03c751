package control

import (
	"context"
	"time"

	"pagesession/internal/account"
	"pagesession/storage/record"
)

// ExportPerson returns what is kept of a person. It has no password hash, no secret, no key,
// and no whole handle of a session; names and addresses of other operators are left out. In
// the console it needs a superuser. It is in the audit log before there is data. Errors: ErrNoPerson, ErrManyPeople, those of
// account.Store.ExportUser, those of ShowSession, session.ErrUnavailable.
var ExportPerson = Operation[Person, PersonalData]{
	path: "/v1/privacy/export", need: needPerson(), superuser: true, check: Person.Check,
	do: func(ctx context.Context, on Stores, by account.Actor, p Person) (PersonalData, error) {
		if err := p.Check(); err != nil { // it may come over the socket
			return PersonalData{}, err
		}
		if p.Username != "" {
			return on.exportUsers(ctx, by, p.Username)
		}
		rows, err := on.sessionsOf(ctx, p)
		if err != nil {
			return PersonalData{}, err
		}
		if len(rows) == 0 {
			return PersonalData{}, errNoVisitor
		}
		return on.exportVisitor(ctx, by, rows)
	},
}

// exportVisitor records the export first, as that of an operator is: without the entry there
// is no data.
func (on Stores) exportVisitor(ctx context.Context, by account.Actor, rows []record.Row) (PersonalData, error) {
	data := PersonalData{At: nowOf(), Sessions: personalSessions(rows, true)}
	if err := on.addEntries(ctx, rows, &data); err != nil {
		return PersonalData{}, err
	}
	done := account.Event{Action: account.ActionExport, Kind: account.KindSession, Count: len(rows)}
	if err := on.Accounts.Audit(ctx, by, done); err != nil {
		return PersonalData{}, err
	}
	return data, nil
}

// PersonalData is the result of ExportPerson.
type PersonalData struct {
	At        time.Time      `json:"at"`
	Operators []OperatorData `json:"operators,omitempty"` // more than one if the name was used again
	Sessions  []Session      `json:"sessions"`            // of a visitor; without the handles
	Entries   []AuditEntry   `json:"entries,omitempty"`   // about a visitor's sessions
}

// OperatorData is what is kept of one operator.
type OperatorData struct {
	ID            uint64        `json:"id"`
	Account       *User         `json:"account,omitempty"` // nil: it was deleted
	Permissions   []string      `json:"permissions,omitempty"`
	HasPassword   bool          `json:"has_password"`
	AppAdded      *time.Time    `json:"authenticator_app_added,omitempty"`
	RecoveryCodes int           `json:"recovery_codes_left"`
	WrongCodes    int           `json:"wrong_codes"`
	Passkeys      []PasskeyData `json:"passkeys,omitempty"`
	Sessions      []Session     `json:"sessions"` // in the console
	Entries       []AuditEntry  `json:"entries"`  // by and about the operator, newest first
	Incomplete    bool          `json:"incomplete,omitempty"`
}

// PasskeyData is a passkey without its key.
type PasskeyData struct {
	Name     string     `json:"name"`
	Host     string     `json:"host"`
	Added    time.Time  `json:"added"`
	LastUsed *time.Time `json:"last_used,omitempty"`
	Synced   bool       `json:"synced"`
}

// An AuditEntry is an entry of the audit log.
type AuditEntry struct {
	ID       uint64           `json:"id"`
	At       time.Time        `json:"at"`
	ActorID  uint64           `json:"actor_id,omitempty"`
	Actor    string           `json:"actor,omitempty"`
	Address  string           `json:"address,omitempty"`
	Via      string           `json:"via"`
	Action   string           `json:"action"`
	Kind     string           `json:"kind,omitempty"`
	ObjectID string           `json:"object_id,omitempty"`
	Object   string           `json:"object,omitempty"`
	Fields   []string         `json:"fields,omitempty"`
	Changes  []account.Change `json:"changes,omitempty"`
	Count    int              `json:"count,omitempty"`
}

func (on Stores) exportUsers(ctx context.Context, by account.Actor, username string) (PersonalData, error) {
	ids, err := on.idsOf(ctx, username)
	if err != nil {
		return PersonalData{}, err
	}
	data := PersonalData{At: nowOf(), Sessions: []Session{}}
	for _, id := range ids {
		had, err := on.Accounts.ExportUser(ctx, by, id)
		if err != nil {
			return PersonalData{}, err
		}
		rows, err := on.Operators.OfSubject(ctx, subjectOf(id))
		if err != nil {
			return PersonalData{}, err
		}
		data.Operators = append(data.Operators, operatorData(id, had, rows))
	}
	return data, nil
}

func operatorData(id uint64, had account.UserData, rows []record.Row) OperatorData {
	d := OperatorData{
		ID: id, RecoveryCodes: had.RecoveryCodes, WrongCodes: had.WrongCodes,
		Sessions: personalSessions(rows, false), Entries: auditEntries(had.Entries), Incomplete: had.Left,
	}
	if had.User != nil {
		u := userOf(*had.User, nil)
		u.Groups = had.Groups
		d.Account, d.HasPassword = &u, had.User.Usable
		for _, p := range had.User.Permissions {
			d.Permissions = append(d.Permissions, string(p))
		}
	}
	d.AppAdded = unlessZero(had.AppAdded)
	for _, p := range had.Passkeys {
		d.Passkeys = append(d.Passkeys, PasskeyData{p.Name, p.Host, p.Added, unlessZero(p.LastUsed), p.Synced})
	}
	return d
}

func unlessZero(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	return &at
}

// personalSessions describes sessions without their handles.
func personalSessions(rows []record.Row, values bool) []Session {
	all := make([]Session, len(rows))
	for i, row := range rows {
		all[i] = describe(row, time.Now(), values)
		all[i].Handle = ""
	}
	return all
}

// addEntries adds what operators did to a visitor's sessions. It asks for all their entries
// about each session, since there are few.
func (on Stores) addEntries(ctx context.Context, rows []record.Row, data *PersonalData) error {
	for _, row := range rows {
		page, err := on.Accounts.Entries(ctx, account.EntryQuery{Kind: account.KindSession, ObjectID: row.Handle.String(), Limit: 100})
		if err != nil {
			return err
		}
		for _, e := range auditEntries(page.Entries) {
			e.ActorID, e.Actor, e.Address, e.ObjectID = 0, "", "", ""
			data.Entries = append(data.Entries, e)
		}
	}
	return nil
}

func auditEntries(entries []account.Entry) []AuditEntry {
	all := make([]AuditEntry, len(entries))
	for i, e := range entries {
		id := e.ObjectID
		if e.Kind == account.KindSession {
			id = "" // the handle of a visitor's session; the fingerprint stays
		}
		all[i] = AuditEntry{
			e.Seq, e.At, e.Actor.UserID, e.Actor.Name, e.Actor.Address, string(e.Actor.Via),
			string(e.Action), string(e.Kind), id, e.Object, e.Fields, e.Changes, e.Count,
		}
	}
	return all
}
